#pragma once

#include <cairn/journal.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace cairn::cli {

/// How many commands were refused, and how.
struct refusal_count {
  std::uint64_t conflicts = 0;
  std::uint64_t rejected = 0;

  void add(const refusal& refused) noexcept { ++(refused.conflict ? conflicts : rejected); }
  void add(const refusal_count& others) noexcept {
    conflicts += others.conflicts;
    rejected += others.rejected;
  }
};

/// Counts per piece of time. The pieces grow with the time that is covered, so that they stay few enough to look
/// at.
class refusals_over_time {
public:
  struct piece {
    std::int64_t from_us = 0;
    refusal_count count;
  };

  void add(const refusal& refused);

  /// One after the other without a gap; those in which nothing was refused too.
  std::vector<piece> pieces() const;

  std::uint64_t seconds() const noexcept;

private:
  bool covers_too_much() const noexcept;
  void coarsen();

  std::int64_t length_s_ = 1;                       // of a piece
  std::map<std::int64_t, refusal_count> by_number_; // of the piece, since the epoch
};

/// Which entities, commands, aspects and clients contend, and when.
class conflicts_report {
public:
  /// A name and its count.
  using row = std::pair<std::string, refusal_count>;

  void add(const refusal& refused);

  /// One JSON object, the `top` of each kind.
  std::string as_json(std::size_t top) const;
  std::string as_text(std::size_t top) const;

private:
  using table = std::unordered_map<std::string, refusal_count>;

  refusal_count all_;
  std::int64_t first_us_ = 0;
  std::int64_t last_us_ = 0;
  table kinds_;
  table entities_;
  table commands_; // `type/command`
  table aspects_;  // `type/aspect`
  table clients_;
  refusals_over_time over_time_;
};

} // namespace cairn::cli
