#pragma once

#include <cairn/compare.hpp>
#include <cairn/journal.hpp>

#include "compare/real/venue.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace cairn::compare {

/// What the accounts of a run say.
struct audit {
  std::string problem;   ///< Not empty: they do not balance.
  std::int64_t lost = 0; ///< Updates that clients were told of and the final states lack.
};

/// Replays `kept` and compares it with what was served and with what clients were told: each state to the
/// byte, each version, as many changes as accepted commands.
audit audit_run(const subject& on, const std::vector<served_entity>& served,
                const cairn::journal& kept, std::uint64_t told_accepted);

} // namespace cairn::compare
