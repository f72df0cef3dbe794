#pragma once

#include "runtime/caf/entity_lives.hpp"
#include "runtime/caf/support.hpp"
#include "runtime/entity/process.hpp"
#include "runtime/entity/slot.hpp"

#include <functional>
#include <memory>

namespace cairn::runtime {

/// Makes an entity's slot with its actor, which starts by loading the entity. `finished` is called with
/// every reply; `lives` counts the actor.
slot_ptr spawn_entity_actor(caf::actor_system& system, entity_host& host, std::string_view key,
                            const entity_type& type, void (*finished)(entity_host&),
                            std::shared_ptr<entity_lives> lives);

} // namespace cairn::runtime
