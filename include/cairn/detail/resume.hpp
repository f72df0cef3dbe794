#pragma once

#include <cairn/detail/types.hpp>
#include <cairn/error.hpp>

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace cairn {

class journal;

/// Identity of a journal: random, given when it is made. Another journal has another one, so that a position of one
/// is never taken for a position of the other.
struct lineage {
  std::array<unsigned char, 16> bytes{}; ///< All zero: not known.

  bool known() const noexcept { return *this != lineage{}; }

  /// 32 hexadecimal digits.
  std::string text() const;

  bool operator==(const lineage&) const = default;
};

/// A new one, of random bits.
lineage make_lineage();

/// Reads what `lineage::text` gives. Nothing: it is not one.
std::optional<lineage> parse_lineage(std::string_view text);

/// A lineage that a journal has or had, and where it begins: changes from there on are its own, those before are of
/// the lineage in front of it.
struct lineage_part {
  cairn::lineage lineage;
  position_type from = 0;

  bool operator==(const lineage_part&) const = default;
};

/// Where a reader goes on: the next change it wants, in the journal in which it has read so far. Stored beside what
/// the reader made of the changes, it brings on the rest of them exactly: nothing twice, nothing skipped.
struct resume_token {
  position_type position = 0; ///< Everything before it has been seen.
  cairn::lineage lineage;

  /// `POSITION@LINEAGE`
  std::string text() const;

  bool operator==(const resume_token&) const = default;
};

/// Reads what `resume_token::text` gives. Nothing: it is not one.
std::optional<resume_token> parse_resume_token(std::string_view text);

/// Whether `source` holds everything that a reader has seen who stands at `from`.
/// Errors: `ahead` when it does not: `from` is of a journal that `source` neither is nor descends from, of an ancestor
///         behind where they part, or beyond the end. What the reader made of its changes must then be made anew.
status check_resume(const journal& source, const resume_token& from);

/// The same of a bare position, of which nobody knows what journal it is of.
/// Errors: `ahead` beyond the end.
status check_resume(const journal& source, position_type from);

} // namespace cairn
