#pragma once

#include "persistence/commit/group_commit.hpp"
#include "persistence/commit/inbox.hpp"
#include "runtime/caf/support.hpp"

namespace cairn::runtime {

/// Journals what entities leave in `inbox`. A thread of its own, since it waits for the disk. Who finds the
/// inbox empty sends the actor a `flush`; it writes all that is there then, so a batch is what came while the
/// last one was written: no timer, no added latency.
/// `settings.post` is set here. `inbox` must outlive the actor.
caf::actor spawn_persistence_actor(caf::actor_system& system, journal& target,
                                   persistence::commit_inbox& inbox,
                                   persistence::group_commit::settings settings);

} // namespace cairn::runtime
