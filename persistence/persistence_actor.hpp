#pragma once

#include "persistence/caf_support.hpp"
#include "persistence/commit_inbox.hpp"
#include "persistence/group_commit.hpp"

namespace cairn {

/// Journals what entities leave in `inbox`. A thread of its own, since it waits for the disk. Who finds the
/// inbox empty sends the actor a `flush`; it writes all that is there then, so a batch is what came while the
/// last one was written: no timer, no added latency.
/// `settings.post` is set here. `inbox` must outlive the actor.
caf::actor spawn_persistence_actor(caf::actor_system& system, journal& target, commit_inbox& inbox,
                                   group_commit::settings settings);

} // namespace cairn
