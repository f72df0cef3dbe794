#pragma once

#include "persistence/caf_support.hpp"
#include "persistence/group_commit.hpp"

namespace cairn {

/// Journals what entities hand over. A thread of its own, since it waits for the disk. The first request of
/// a batch sends the actor a `flush` behind everything that already waits in the mailbox, so a batch is
/// what came while the last one was written: no timer, no added latency.
/// `settings.post` is set here. `sync` is run on demand of a relaxed journal's timer.
caf::actor spawn_persistence_actor(caf::actor_system& system, journal& target,
                                   group_commit::settings settings);

} // namespace cairn
