#pragma once

#include <cairn/detail/json/codec.hpp>
#include <cairn/detail/json/form.hpp>
#include <cairn/detail/reflect.hpp>

#include <array>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <type_traits>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

/// Which types have a JSON form, of what kind it is, and of which types they are made.
namespace cairn::json::detail {

template <class... Types>
struct type_list {};

template <kind Kind, class... Parts>
struct made_of {
  static constexpr kind value = Kind;
  using parts = type_list<Parts...>;
};

/// Empty: a struct, or a type without a form.
template <class T>
struct kind_found {};

template <>
struct kind_found<bool> : made_of<kind::boolean> {};
template <>
struct kind_found<float> : made_of<kind::float32> {};
template <>
struct kind_found<double> : made_of<kind::float64> {};
template <>
struct kind_found<std::string> : made_of<kind::text> {};
template <>
struct kind_found<std::monostate> : made_of<kind::tuple> {};
template <class T>
struct kind_found<std::optional<T>> : made_of<kind::optional, T> {};
template <class T, class Allocator>
struct kind_found<std::vector<T, Allocator>> : made_of<kind::sequence, T> {};
template <class T, class Allocator>
struct kind_found<std::deque<T, Allocator>> : made_of<kind::sequence, T> {};
template <class T, class Compare, class Allocator>
struct kind_found<std::set<T, Compare, Allocator>> : made_of<kind::set, T> {};
template <class T, class Hash, class Equal, class Allocator>
struct kind_found<std::unordered_set<T, Hash, Equal, Allocator>> : made_of<kind::set, T> {};
template <class T, std::size_t N>
struct kind_found<std::array<T, N>> : made_of<kind::array, T> {};
template <class Key, class T, class Compare, class Allocator>
struct kind_found<std::map<Key, T, Compare, Allocator>> : made_of<kind::map, Key, T> {};
template <class Key, class T, class Hash, class Equal, class Allocator>
struct kind_found<std::unordered_map<Key, T, Hash, Equal, Allocator>> : made_of<kind::map, Key, T> {
};
template <class First, class Second>
struct kind_found<std::pair<First, Second>> : made_of<kind::tuple, First, Second> {};
template <class... Parts>
struct kind_found<std::tuple<Parts...>> : made_of<kind::tuple, Parts...> {};
template <class... Alternatives>
struct kind_found<std::variant<Alternatives...>> : made_of<kind::variant, Alternatives...> {};
template <class Count, class Period>
struct kind_found<std::chrono::duration<Count, Period>> : made_of<kind::duration, Count> {};
template <class Count, class Period>
struct kind_found<
    std::chrono::time_point<std::chrono::system_clock, std::chrono::duration<Count, Period>>>
    : made_of<kind::time, Count> {};

template <class T>
concept has_own_form = requires {
  typename form<T>::json_type;
};

template <class T>
concept known_kind = requires {
  kind_found<T>::value;
};

/// GNU's dialects count __int128 among the integers, and `char8_t` is text.
template <class T>
concept kept_integer = std::integral<T> && sizeof(T) <= sizeof(std::int64_t) &&
                       !std::same_as<T, bool> && !std::same_as<T, char8_t>;

template <class T>
constexpr kind integer_kind() {
  constexpr unsigned power = sizeof(T) == 1 ? 0 : sizeof(T) == 2 ? 1 : sizeof(T) == 4 ? 2 : 3;
  return static_cast<kind>(static_cast<unsigned>(std::is_signed_v<T> ? kind::int8 : kind::uint8) +
                           power);
}

template <class T>
requires kept_integer<T>
struct kind_found<T> : made_of<integer_kind<T>()> {
};
template <known_enum T>
requires(!has_own_form<T>) struct kind_found<T> : made_of<kind::enumeration> {
};
template <has_own_form T>
struct kind_found<T> : made_of<kind::own, typename form<T>::json_type> {};

template <class T>
consteval kind find_kind() {
  if constexpr (known_kind<T>) {
    return kind_found<T>::value;
  } else {
    return described<T> ? kind::structure : kind::none;
  }
}

template <class T>
inline constexpr kind kind_of = find_kind<T>();

template <class T>
using parts_of = typename kind_found<T>::parts;

template <class List>
struct first_of;
template <class First, class... Others>
struct first_of<type_list<First, Others...>> {
  using type = First;
};

/// The type of a container's items, an optional's value, a duration's count, or what stands for a type.
template <class T>
using item_of = typename first_of<parts_of<T>>::type;

/// Calls `visit.template operator()<Member...>()` with all members of a struct.
template <template <class...> class List, class... Members, class Visit>
consteval auto with_members(List<Members...> /*members*/, Visit visit) {
  return visit.template operator()<Members...>();
}

template <class List>
consteval bool any_owns_memory();

/// Can a value of `T` own memory beside itself?
template <class T>
consteval bool owns_memory() {
  constexpr kind of = kind_of<T>;
  if constexpr (of == kind::text || of == kind::sequence || of == kind::set || of == kind::map ||
                (of == kind::own && requires { &form<T>::owned_bytes; })) {
    return true;
  } else if constexpr (of == kind::structure) {
    return with_members(members_of<T>{}, []<class... Members>() {
      return (owns_memory<typename Members::type>() || ...);
    });
  } else if constexpr (of == kind::none || (of == kind::own && std::is_trivially_copyable_v<T>)) {
    return false;
  } else {
    return any_owns_memory<parts_of<T>>();
  }
}

template <class T>
inline constexpr bool list_owns_memory = false;
template <class... Types>
inline constexpr bool list_owns_memory<type_list<Types...>> = (owns_memory<Types>() || ...);

template <class List>
consteval bool any_owns_memory() {
  return list_owns_memory<List>;
}

} // namespace cairn::json::detail
