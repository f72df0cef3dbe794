#pragma once

#include <cairn/detail/json/kinds.hpp>

#include <string_view>

/// The names by which a variant's alternatives are told apart in JSON.
namespace cairn::json::detail {

constexpr bool is_word(char byte) noexcept {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
         (byte >= '0' && byte <= '9') || byte == '_';
}

/// The type's own name, without what it lies in; empty for one that is no word, as a template's.
template <class T>
constexpr std::string_view unqualified_name() {
  // GCC: `... [with T = a::b; std::string_view = ...]`; Clang: `... [T = a::b]`.
  std::string_view text = __PRETTY_FUNCTION__;
  text.remove_prefix(text.find("T = ") + sizeof("T = ") - 1);
  text = text.substr(0, text.find_first_of(";]"));
  std::size_t begin = text.size();
  while (begin > 0 && is_word(text[begin - 1])) {
    --begin;
  }
  return text.substr(begin);
}

/// Of the kinds that Cairn brings the form of; empty for the others.
constexpr std::string_view name_of_kind(kind of) noexcept {
  constexpr std::string_view names[] = {
      "boolean", "int8",   "int16",   "int32",    "int64",    "uint8", "uint16", "uint32", "uint64",
      "float",   "double", "string",  "",         "optional", "array", "set",    "array",  "map",
      "",        "tuple",  "variant", "duration", "time",     "",      ""};
  return names[static_cast<std::size_t>(of)];
}

/// Empty: it has none of its own, and needs an `alternative`.
template <class T>
constexpr std::string_view alternative_name() {
  if constexpr (requires { alternative<T>::name; }) {
    return alternative<T>::name;
  } else if constexpr (kind_of<T> == kind::own) {
    return form<T>::name;
  } else if constexpr (std::is_same_v<T, std::monostate>) {
    return "monostate";
  } else if constexpr (kind_of<T> == kind::structure || kind_of<T> == kind::enumeration) {
    return unqualified_name<T>();
  } else {
    return name_of_kind(kind_of<T>);
  }
}

/// Each has a name that needs no escape in JSON, and no two have the same.
template <class... Alternatives>
consteval bool names_tell_apart() {
  const std::array<std::string_view, sizeof...(Alternatives)> names{
      alternative_name<Alternatives>()...};
  for (std::size_t i = 0; i < names.size(); ++i) {
    bool good = !names[i].empty();
    for (const char byte : names[i]) {
      good = good && byte >= ' ' && byte <= '~' && byte != '"' && byte != '\\';
    }
    for (std::size_t before = 0; before < i; ++before) {
      good = good && names[before] != names[i];
    }
    if (!good) {
      return false;
    }
  }
  return true;
}

} // namespace cairn::json::detail
