#pragma once

#include <cairn/detail/change.hpp>
#include <cairn/detail/journal.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace cairn::persistence {

/// What is wrong with a change, in the words of export's members: `previous`, `expected 3, found
/// 4`.
struct contradiction {
  std::string_view member;
  std::string reason;
};

/// Watches that changes follow each other as those of a journal must, from position 0 on.
class change_order {
public:
  /// Looks at `next` after all those before it; its entity stood at `before`.
  std::optional<contradiction> follow(const change& next, const head& before);

  /// Positions seen so far.
  position_type next_position() const noexcept { return next_; }

  /// How many changes the last unit still lacks.
  std::uint32_t unit_left() const noexcept { return left_; }

private:
  std::optional<contradiction> follow_place(const change& next);

  position_type next_ = 0;
  std::int64_t time_us_ = INT64_MIN;
  std::uint32_t unit_size_ = 0;
  std::uint32_t left_ = 0;
};

/// Does one of its events concern the agenda?
bool concerns_agenda(const change& made) noexcept;

/// Finds text that JSON cannot hold: nothing but the program that wrote it can have brought it in.
std::optional<contradiction> check_texts(const change& checked);

} // namespace cairn::persistence
