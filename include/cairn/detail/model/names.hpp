#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace cairn {

/// Text as a template argument: the stable names that journals and requests carry.
template <std::size_t N>
struct fixed_string {
  char text[N]{};

  consteval fixed_string(const char (&literal)[N]) { std::copy_n(literal, N, text); }
  constexpr std::string_view view() const noexcept { return {text, N - 1}; }
};

namespace detail {

/// Returns no class: GCC would spell that behind the type.
template <class T>
consteval const char* text_of_type() {
  return __PRETTY_FUNCTION__;
}

/// As the compiler spells it: `shop::wallet::earn`.
template <class T>
consteval std::string_view full_name_of() {
  const std::string_view text = text_of_type<T>();
  const auto begin = text.find("T = ") + 4;
  return text.substr(begin, text.rfind(']') - begin);
}

/// Without what it stands in: `earn`.
template <class T>
consteval std::string_view own_name_of() {
  const std::string_view full = full_name_of<T>();
  return full.substr(full.rfind(':') + 1);
}

/// What a struct's own name cannot be: it is a template's, or has none.
constexpr bool is_identifier(std::string_view name) noexcept {
  return !name.empty() && name.find_first_of("<>(){} ,*&") == std::string_view::npos;
}

/// Of the type's full name. Source: FNV-1a, Fowler, Noll and Vo.
template <class T>
consteval std::uint64_t hash_of_type() {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char each : full_name_of<T>()) {
    hash = (hash ^ static_cast<unsigned char>(each)) * 0x100000001b3U;
  }
  return hash;
}

} // namespace detail

} // namespace cairn
