#pragma once

#include <cairn/detail/json/codec.hpp>

#include <boost/describe/enumerators.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>

/// The enumerators of enums. One that nothing describes needs a fixed underlying type, and its enumerators are those from
/// -128 to 255, as the compiler spells them; that takes it 50 ms for each enum, and `BOOST_DESCRIBE_ENUM` nothing to speak
/// of. Clang spells none within a class template.
namespace cairn::json::detail {

template <class T>
concept described_enum = std::is_enum_v<T> && boost::describe::has_describe_enumerators<T>::value;

/// As JSON's tables have them: signed values are extended.
template <class T>
constexpr enumerator make_enumerator(std::string_view name, T value) {
  return {name, static_cast<std::uint64_t>(value)};
}

/// One function for all values: one for each takes 40 times as long to compile.
template <class T, T... Values>
consteval const char* text_of_values() {
  return __PRETTY_FUNCTION__;
}

/// The values that are looked at in an enum which nothing describes.
template <class T>
struct enum_range {
  using number = std::underlying_type_t<T>;
  static constexpr long long low = std::is_signed_v<number> ? -128 : 0;
  static constexpr long long high = sizeof(number) > 1 ? 255 : std::is_signed_v<number> ? 127 : 255;
  static constexpr std::size_t size = static_cast<std::size_t>(high - low + 1);
};

/// Where the value at `at` ends in a text like `{color::red, (color)1, (color)'x'}`.
constexpr std::size_t end_of_value(std::string_view text, std::size_t at) {
  if (text[at] == '\'') { // Clang's way to spell a char
    at = text.find('\'', at + (text[at + 1] == '\\' ? 3 : 2)) + 1;
  }
  std::size_t depth = 0;
  for (; depth > 0 || (text[at] != ',' && text[at] != '}' && text[at] != '>'); ++at) {
    const char c = text[at];
    depth += c == '<' || c == '(' || c == '{' ? 1 : 0;
    depth -= c == '>' || c == ')' || c == '}' ? 1 : 0;
  }
  return at;
}

template <std::size_t N>
struct value_names {
  std::array<std::string_view, N> names; ///< Those of values without a name are empty.
  std::size_t count = 0;
};

/// How the first value without a name begins: `(color)`. Some have none among so many.
constexpr std::string_view cast_in(std::string_view text) {
  for (std::size_t at = text.find('('); at != std::string_view::npos; at = text.find('(', at + 1)) {
    std::size_t depth = 1;
    std::size_t end = at + 1;
    for (; depth > 0; ++end) {
      depth += text[end] == '(' ? 1 : 0;
      depth -= text[end] == ')' ? 1 : 0;
    }
    if (text[end] == '-' || text[end] == '\'' || (text[end] >= '0' && text[end] <= '9')) {
      return text.substr(at, end - at);
    }
  }
  return {};
}

/// The names of the first `N` values.
template <std::size_t N>
consteval value_names<N> names_in(std::string_view text) {
  value_names<N> found;
  text.remove_prefix(text.find("Values = ") + 10);
  const std::string_view cast = cast_in(text);
  std::size_t at = 0;
  for (auto& name : found.names) {
    const bool has_name = text.substr(at, cast.size()) != cast;
    const std::size_t end = end_of_value(text, has_name ? at : at + cast.size());
    if (has_name) {
      name = text.substr(at, end - at);
      name = name.substr(name.rfind(':') + 1);
      ++found.count;
    }
    at = end + 2;
  }
  return found;
}

template <class T>
consteval auto found_enumerators() {
  using range = enum_range<T>;
  constexpr auto values = []<std::size_t... I>(std::index_sequence<I...>) {
    return names_in<range::size>(
        text_of_values<T, static_cast<T>(range::low + static_cast<long long>(I))...>());
  }
  (std::make_index_sequence<range::size>());
  std::array<enumerator, values.count> found;
  std::size_t at = 0;
  for (std::size_t i = 0; i < range::size; ++i) {
    if (!values.names[i].empty()) {
      found[at++] = make_enumerator(values.names[i], range::low + static_cast<long long>(i));
    }
  }
  return found;
}

template <template <class...> class List, class... Described>
consteval auto described_enumerators(List<Described...> /*enumerators*/) {
  return std::array<enumerator, sizeof...(Described)>{
      make_enumerator(Described::name, Described::value)...};
}

/// The enumerators of an enum: the described ones, or else those from -128 to 255, from the compiler.
template <class T>
inline constexpr auto enumerators_of = found_enumerators<T>();
template <described_enum T>
inline constexpr auto enumerators_of<T> =
    described_enumerators(boost::describe::describe_enumerators<T>{});

/// Brace initialisation from a number asks for a fixed underlying type, without which some values are undefined.
template <class T>
concept fixed_enum = std::is_enum_v<T> && requires {
  T{0};
};

/// An enum whose enumerators are known.
template <class T>
concept known_enum = described_enum<T> ||(fixed_enum<T> && !enumerators_of<T>.empty());

} // namespace cairn::json::detail
