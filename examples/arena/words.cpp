#include "words.hpp"

#include <iomanip>
#include <sstream>

namespace arena {

std::string grouped(std::uint64_t number) {
  auto text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3; at -= 3) {
    text.insert(at - 3, 1, ',');
  }
  return text;
}

std::string grouped(std::int64_t number) {
  const auto magnitude = static_cast<std::uint64_t>(number);
  return number < 0 ? "-" + grouped(-magnitude) : grouped(magnitude);
}

std::string counted(std::uint64_t count, const std::string& one, const std::string& many) {
  return grouped(count) + " " + (count == 1 ? one : many);
}

std::string counted_or_none(std::uint64_t count) { return count == 0 ? "none" : grouped(count); }

std::string milliseconds(std::chrono::microseconds time) {
  constexpr double us_in_ms = 1'000;
  const double ms = static_cast<double>(time.count()) / us_in_ms;
  std::ostringstream text;
  text << std::fixed << std::setprecision(ms < 10 ? 2 : 1) << ms;
  return text.str();
}

} // namespace arena
