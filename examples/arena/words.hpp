#pragma once

#include <chrono>
#include <cstdint>
#include <string>

/// Numbers as people read them.
namespace arena {

/// 217481 as 217,481
std::string grouped(std::uint64_t number);
std::string grouped(std::int64_t number);

/// 1 bot, 300 bots
std::string counted(std::uint64_t count, const std::string& one, const std::string& many);
inline std::string counted(std::uint64_t count, const std::string& one) {
  return counted(count, one, one + "s");
}

/// 0 as none
std::string counted_or_none(std::uint64_t count);

/// Microseconds as milliseconds: 0.31, 12.4
std::string milliseconds(std::chrono::microseconds time);

} // namespace arena
