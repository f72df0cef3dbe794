#pragma once

#include "persistence/caf_support.hpp"
#include "runtime/entity_process.hpp"
#include "runtime/slot.hpp"

#include <functional>

namespace cairn {

/// Makes an entity's slot with its actor, which starts by loading the entity. `finished` is called with
/// every reply.
slot_ptr spawn_entity_actor(caf::actor_system& system, entity_host& host, std::string_view key,
                            const entity_type& type, void (*finished)(entity_host&));

} // namespace cairn
