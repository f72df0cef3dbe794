#pragma once

#include "persistence/caf_support.hpp"
#include "runtime/entity_lives.hpp"
#include "runtime/entity_process.hpp"
#include "runtime/slot.hpp"

#include <functional>
#include <memory>

namespace cairn {

/// Makes an entity's slot with its actor, which starts by loading the entity. `finished` is called with
/// every reply; `lives` counts the actor.
slot_ptr spawn_entity_actor(caf::actor_system& system, entity_host& host, std::string_view key,
                            const entity_type& type, void (*finished)(entity_host&),
                            std::shared_ptr<entity_lives> lives);

} // namespace cairn
