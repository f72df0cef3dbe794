#pragma once

#include "compare/trace/file.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace cairn::compare {

/// What became of a session under one strategy.
struct trace_result {
  std::string strategy;
  std::uint64_t edits = 0;
  std::uint64_t accepted = 0;
  std::uint64_t refused_at_first = 0; ///< As stale.
  std::uint64_t retried = 0;          ///< And accepted then.
  std::uint64_t merged =
      0; ///< Accepted, though made on an older text, at the place that was meant.
  std::uint64_t elsewhere = 0; ///< Accepted at another place than was meant.
  std::uint64_t rejected = 0;  ///< The text has no such position.
  bool ends_as_recorded = false;
  std::string error; ///< Not empty: it failed, or its journal does not replay to what was served.
};

/// Sends the edits in the order of the file, each when the one before has got in or was given up:
/// `single-writer` with their positions as they are, `optimistic` at the version that their author saw, and on
/// conflict again at the place that the author finds on the text of now (`optimistic-informed`: on the text that the
/// conflict brought), `merge` at that version with what their
/// author saw, for the document to find the place when it is stale.
std::vector<trace_result> run_session(const trace_session& session,
                                      const std::function<bool()>& interrupted = {});

} // namespace cairn::compare
