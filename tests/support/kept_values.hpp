#pragma once

#include <cairn/json.hpp>

#include <boost/describe/enum.hpp>

#include <array>
#include <chrono>
#include <compare>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

/// A value with a member of each kind of type that can be kept.
namespace kept {

enum class metal : std::int16_t { gold = -1, silver = 300 };
BOOST_DESCRIBE_ENUM(metal, gold, silver)

/// Nothing describes it: it has a form of its own.
class serial {
public:
  serial() = default;
  explicit serial(std::uint32_t number) : number_(number) {}
  std::uint32_t number() const noexcept { return number_; }

  friend auto operator<=>(const serial&, const serial&) = default;

private:
  std::uint32_t number_ = 0;
};

/// In cents, written as such.
struct money {
  std::int64_t cents = 0;
  friend auto operator<=>(const money&, const money&) = default;
};

struct circle {
  double radius = 0;
  friend bool operator==(const circle&, const circle&) = default;
};

struct square {
  double side = 0;
  friend bool operator==(const square&, const square&) = default;
};

/// Holds itself by a variant.
struct expression {
  std::variant<std::int64_t, std::vector<expression>> value;
  friend bool operator==(const expression&, const expression&) = default;
};

using figure = std::variant<std::monostate, circle, square, std::string, std::int64_t>;

struct everything {
  figure shape;
  std::vector<figure> shapes;
  std::pair<std::int32_t, std::string> pair;
  std::tuple<bool, double, std::optional<std::int64_t>> triple;
  std::map<std::int64_t, std::string> by_number;
  std::map<std::uint8_t, std::vector<std::int32_t>> by_byte;
  std::map<metal, std::int64_t> by_metal;
  std::map<serial, metal> by_serial;
  std::map<std::chrono::seconds, std::string> by_time;
  std::map<std::string, std::int64_t, std::less<>> named;
  std::unordered_map<std::string, std::vector<std::int64_t>> loose;
  std::unordered_map<std::int32_t, std::string> numbered;
  std::unordered_set<std::int64_t> ids;
  std::set<std::string, std::less<>> tags;
  std::deque<std::string> line;
  std::vector<bool> flags;
  std::array<std::pair<std::int8_t, float>, 2> corners{};
  std::chrono::milliseconds span{};
  std::chrono::duration<double> share{};
  std::chrono::sys_time<std::chrono::microseconds> when{};
  std::chrono::sys_days day{};
  serial number;
  std::optional<money> price;
  expression sum;

  friend bool operator==(const everything&, const everything&) = default;
};

} // namespace kept

template <>
struct cairn::json::form<kept::serial> {
  static constexpr std::string_view name = "serial";
  using json_type = std::string;
  static std::string to_json(const kept::serial& value) {
    return "S-" + std::to_string(value.number());
  }
  static std::optional<kept::serial> from_json(const std::string& text);
};

template <>
struct cairn::json::form<kept::money> {
  static constexpr std::string_view name = "money";
  using json_type = std::int64_t;
  static std::int64_t to_json(const kept::money& value) { return value.cents; }
  static std::optional<kept::money> from_json(std::int64_t cents) { return kept::money{cents}; }
};

template <>
struct cairn::json::alternative<kept::square> {
  static constexpr std::string_view name = "box";
};

inline std::optional<kept::serial> cairn::json::form<kept::serial>::from_json(
    const std::string& text) {
  if (!text.starts_with("S-") || text.size() < 3 || text.size() > 11) {
    return {};
  }
  std::uint32_t number = 0;
  for (const char digit : text.substr(2)) {
    if (digit < '0' || digit > '9') {
      return {};
    }
    number = number * 10 + static_cast<std::uint32_t>(digit - '0');
  }
  return kept::serial(number);
}
