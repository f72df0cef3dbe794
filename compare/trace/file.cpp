#include "compare/trace/file.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_to.hpp>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <memory>
#include <numeric>
#include <stdexcept>

namespace cairn::compare {

namespace {

namespace js = boost::json;

constexpr std::size_t file_bytes_max = std::size_t{1} << 30U; // uncompressed; no session is near it
constexpr std::uint32_t authors_max = 10'000;

/// Reads a file, compressed or not.
bool read_bytes(const std::string& file, std::string& bytes, std::string& problem) {
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> from(::gzopen(file.c_str(), "rb"), &::gzclose);
  if (!from) {
    problem = file + ": cannot be read";
    return false;
  }
  std::array<char, 1U << 16U> block{};
  for (;;) {
    const int got = ::gzread(from.get(), block.data(), block.size());
    if (got < 0 || bytes.size() > file_bytes_max) {
      problem = file + (got < 0 ? ": damaged" : ": too large");
      return false;
    }
    if (got == 0) return true;
    bytes.append(block.data(), static_cast<std::size_t>(got));
  }
}

/// What is wrong with a trace; caught where it is read.
class malformed : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

void demand(bool holds, std::size_t index, const char* what) {
  if (!holds) throw malformed("txns[" + std::to_string(index) + "]: " + what);
}

std::uint32_t small_number(const js::value& from) { return from.to_number<std::uint32_t>(); }

std::vector<patch> read_patches(const js::value& from) {
  std::vector<patch> patches;
  for (const auto& one : from.as_array()) {
    const auto& parts = one.as_array();
    patches.push_back({small_number(parts.at(0)), small_number(parts.at(1)),
                       std::string(parts.at(2).as_string())});
  }
  return patches;
}

/// An author's edits are ordered, so how many of each author's were seen is all there is to know. `after` has
/// the same for each earlier edit, itself included.
std::vector<std::uint32_t> read_seen(const js::object& from, std::size_t index,
                                     std::uint32_t authors,
                                     const std::vector<std::vector<std::uint32_t>>& after) {
  std::vector<std::uint32_t> seen(authors, 0);
  for (const auto& parent : from.at("parents").as_array()) {
    const auto which = parent.to_number<std::size_t>();
    demand(which < index, index, "a parent comes later");
    for (std::uint32_t author = 0; author < authors; ++author) {
      seen[author] = std::max(seen[author], after[which][author]);
    }
  }
  return seen;
}

void read_edits(const js::object& from, bool concurrent, trace_session& session) {
  std::vector<std::vector<std::uint32_t>> after;
  std::vector<std::uint32_t> counts(session.authors, 0);
  for (const auto& one : from.at("txns").as_array()) {
    const auto index = session.edits.size();
    const auto& fields = one.as_object();
    trace_edit edit;
    edit.patches = read_patches(fields.at("patches"));
    if (concurrent) {
      edit.author = small_number(fields.at("agent"));
      demand(edit.author < session.authors, index, "there is no such agent");
      edit.seen = read_seen(fields, index, session.authors, after);
      demand(edit.seen[edit.author] == counts[edit.author], index, "not after its author's last");
    } else {
      edit.seen = counts;
    }
    edit.observed = std::accumulate(edit.seen.begin(), edit.seen.end(), std::uint64_t{0});
    ++counts[edit.author];
    if (concurrent) {
      after.push_back(edit.seen);
      ++after.back()[edit.author];
    }
    session.edits.push_back(std::move(edit));
  }
}

} // namespace

bool parse_trace(std::string_view text, trace_session& session, std::string& problem) {
  try {
    const auto value = js::parse({text.data(), text.size()});
    const auto& fields = value.as_object();
    const auto* kind = fields.if_contains("kind");
    const bool concurrent = kind != nullptr && kind->as_string() == "concurrent";
    const auto* start = fields.if_contains("startContent");
    if (start != nullptr && !start->as_string().empty()) throw malformed("startContent: not empty");
    session.end_content = std::string(fields.at("endContent").as_string());
    session.authors = concurrent ? small_number(fields.at("numAgents")) : 1;
    if (session.authors < 1 || session.authors > authors_max)
      throw malformed("numAgents: too many");
    read_edits(fields, concurrent, session);
    return true;
  } catch (const std::exception& error) {
    problem = std::string("not an editing trace: ") + error.what();
    return false;
  }
}

bool read_trace(const std::string& file, trace_session& session, std::string& problem) {
  std::string bytes;
  if (!read_bytes(file, bytes, problem)) return false;
  if (parse_trace(bytes, session, problem)) return true;
  problem = file + ": " + problem;
  return false;
}

} // namespace cairn::compare
