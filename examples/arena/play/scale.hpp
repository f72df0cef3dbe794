#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

/// How large an arena is, and what its entities are called.
namespace arena {

/// As many deposits and markets as make bots meet, and not only queue.
struct scale {
  std::size_t bots = 0;

  std::size_t deposits() const { return std::max<std::size_t>(bots / bots_per_deposit, 2); }
  std::size_t markets() const { return std::max<std::size_t>(bots / bots_per_market, 1); }

  static constexpr std::size_t bots_per_deposit = 2;
  static constexpr std::size_t bots_per_market = 30;
};

inline constexpr std::int64_t gold_of_player = 100; ///< To begin with.
inline constexpr std::int64_t ore_of_deposit = 60;  ///< The same.

/// `bot-00007`: in the order of bytes as in that of numbers.
inline std::string numbered(const char* prefix, std::size_t number) {
  constexpr std::size_t digits = 5;
  const auto text = std::to_string(number);
  return prefix + std::string("-") + std::string(digits - std::min(digits, text.size()), '0') +
         text;
}

inline std::string player_id(std::size_t number) { return numbered("bot", number); }
inline std::string deposit_id(std::size_t number) { return numbered("vein", number); }
inline std::string market_id(std::size_t number) { return numbered("square", number); }

} // namespace arena
