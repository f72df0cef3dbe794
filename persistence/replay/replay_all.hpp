#pragma once

#include <cairn/detail/tools/replay.hpp>

namespace cairn::persistence {

/// Replays all entities from the first change on: this thread reads, others apply.
/// Shape: `end` is where a unit begins or the journal ends.
status replay_all(const journal& source, const replay_request& request, position_type end,
                  replay_report& report);

} // namespace cairn::persistence
