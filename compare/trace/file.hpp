#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::compare {

/// At a position, counted in characters (Unicode code points), some are erased, then some inserted.
struct patch {
  std::uint32_t position = 0;
  std::uint32_t erased = 0;
  std::string inserted;
};

/// What an author did at once.
struct trace_edit {
  std::uint32_t author = 0;
  std::vector<patch> patches;      ///< In order, each on what the ones before have left.
  std::vector<std::uint32_t> seen; ///< How many edits of each author it was made on.
  std::uint64_t observed = 0;      ///< Their sum: how many edits in all.
};

/// A recorded session.
struct trace_session {
  std::string end_content;
  std::uint32_t authors = 1;
  std::vector<trace_edit> edits; ///< In the order in which a server may take them.
};

/// Reads the format of github.com/josephg/editing-traces, both kinds of it (concurrent, and sequential with an
/// empty start), also compressed by gzip.
/// Errors: false, and `problem` says what is wrong and where.
bool read_trace(const std::string& file, trace_session& session, std::string& problem);

/// The same from its JSON text.
bool parse_trace(std::string_view text, trace_session& session, std::string& problem);

} // namespace cairn::compare
