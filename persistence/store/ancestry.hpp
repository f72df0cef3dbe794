#pragma once

#include <cairn/detail/resume.hpp>

#include <string>
#include <string_view>
#include <vector>

/// What a store keeps of a journal's lineages. Source: docs/journal-format.md, section "Lineages".
namespace cairn::persistence {

struct ancestry {
  std::vector<lineage_part> parts; ///< Oldest first; the last is the journal's own.

  /// It is a copy that nobody has written to: it has its source's lineages, and none of its own yet.
  bool is_copy = false;

  /// Somebody writes who does not sync each change, and has not ended well yet: changes that were told of may be gone.
  bool may_lose_its_end = false;

  /// From here on the journal goes a way of its own.
  void part_at(position_type end);
};

std::string encode_ancestry(const ancestry& source);

/// Errors: damaged, unknown_format.
status decode_ancestry(std::string_view row, ancestry& found);

} // namespace cairn::persistence
