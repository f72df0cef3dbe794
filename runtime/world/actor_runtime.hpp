#pragma once

#include "persistence/commit/group_commit.hpp"
#include "runtime/entity/process.hpp"
#include "runtime/entity/slot.hpp"

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

namespace cairn::runtime {

/// The actor system as a world needs it; runtime/caf/caf.cpp has the one that is CAF. It keeps CAF out of
/// everything else.
class actor_runtime {
public:
  virtual ~actor_runtime() = default;

  /// Makes an entity's actor.
  virtual slot_ptr spawn_entity(std::string_view key, const entity_type& type) = 0;

  /// Sends a request to the persistence actor.
  virtual void hand_over(detail::request_ptr decided) = 0;

  /// Has the persistence actor sync the journal.
  virtual void sync() = 0;

  /// Ends the actors and waits until they have ended. Nothing is under way any more.
  virtual void stop(const std::vector<slot_ptr>& entities) = 0;
};

/// What an actor runtime is made from.
struct actor_surroundings {
  entity_host* host = nullptr;
  void (*finished)(entity_host&) = nullptr; ///< Called with every reply.
  cairn::journal* journal = nullptr;
  persistence::group_commit::settings commit;
  unsigned threads = 0;
};

using actor_runtime_factory = std::function<std::unique_ptr<actor_runtime>(actor_surroundings)>;

/// With an actor system of its own.
std::unique_ptr<actor_runtime> make_actor_runtime(actor_surroundings around);

} // namespace cairn::runtime
