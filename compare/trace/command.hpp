#pragma once

#include <functional>
#include <string>

namespace cairn::compare {

/// Runs a recorded editing session under each strategy that applies and says what became of it; also as JSON to
/// `json` and as lines to `csv` where these are not empty (`-`: the standard output, instead of a table).
/// After: the exit status.
int run_trace(const std::string& file, bool json, const std::string& csv,
              const std::function<bool()>& interrupted);

} // namespace cairn::compare
