#pragma once

#include <cairn/detail/json/codec.hpp>

#include <cmath>
#include <cstring>
#include <limits>

/// Values as their codecs say that they lie in memory.
namespace cairn::json::detail {

template <class Codec>
const Codec& as(const codec& of) noexcept {
  return static_cast<const Codec&>(of);
}

/// Copied: a `long` and a `long long` are one kind, and two types.
template <class Number>
Number load(const void* at) noexcept {
  Number value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

template <class Number>
void store(void* at, Number value) noexcept {
  std::memcpy(at, &value, sizeof value);
}

constexpr bool is_signed(kind of) noexcept { return of >= kind::int8 && of <= kind::int64; }
constexpr bool is_integer(kind of) noexcept { return of >= kind::int8 && of <= kind::uint64; }

/// Calls `act` with a zero of the integer type of this kind.
template <class Act>
auto with_integer(kind of, Act act) {
  switch (of) {
    case kind::int8:
      return act(std::int8_t{});
    case kind::int16:
      return act(std::int16_t{});
    case kind::int32:
      return act(std::int32_t{});
    case kind::uint8:
      return act(std::uint8_t{});
    case kind::uint16:
      return act(std::uint16_t{});
    case kind::uint32:
      return act(std::uint32_t{});
    case kind::uint64:
      return act(std::uint64_t{});
    default:
      return act(std::int64_t{});
  }
}

/// The bits of an integer, a signed one extended.
inline std::uint64_t load_integer(const void* at, kind of) noexcept {
  return with_integer(
      of, [&](auto zero) { return static_cast<std::uint64_t>(load<decltype(zero)>(at)); });
}

inline void store_integer(void* at, kind of, std::uint64_t bits) noexcept {
  with_integer(of, [&](auto zero) { store(at, static_cast<decltype(zero)>(bits)); });
}

/// The member of this name of all that a table has; null: there is none.
template <class Named>
const Named* find_name(const Named* begin, std::size_t count, std::string_view name) noexcept {
  for (const Named* each = begin; each != begin + count; ++each) {
    if (each->name() == name) {
      return each;
    }
  }
  return nullptr;
}

/// Null: no enumerator has this value.
inline const enumerator* enumerator_of(const void* at, const enumeration_codec& of) noexcept {
  const std::uint64_t value = load_integer(at, of.underlying);
  for (const auto* each = of.begin; each != of.begin + of.count; ++each) {
    if (each->value == value) {
      return each;
    }
  }
  return nullptr;
}

/// Where the parts of a struct or a tuple lie.
class located {
public:
  located(const void* value, const structure_codec& of) noexcept {
    of.locate(const_cast<void*>(value), places_); // only addresses are taken
  }
  void* operator[](std::size_t index) const noexcept { return places_[index]; }

private:
  void* places_[parts_max];
};

/// Calls `visit(item)` for each until it is false.
template <class Visit>
bool each_item(const void* value, const sequence_codec& of, Visit visit) {
  if (of.data == nullptr) {
    return of.each(value, visitor<const void*>(visit));
  }
  const auto* at = static_cast<const char*>(of.data(value));
  const auto* const end = at + of.count(value) * of.item->size;
  for (; at != end; at += of.item->size) {
    if (!visit(static_cast<const void*>(at))) {
      return false;
    }
  }
  return true;
}

} // namespace cairn::json::detail
