#pragma once

#include <cairn/detail/json/kinds.hpp>
#include <cairn/detail/json/names.hpp>

#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>

/// Refuses to compile what cannot be kept, in one line of the compiler's that names the type, the struct, its member
/// and what to do.
namespace cairn::json {

/// For compilers to show.
namespace instead {
struct keep_one_optional;
struct keep_a_value_or_an_id;
struct keep_std_string_or_std_vector;
struct keep_utf_8_in_std_string;
struct keep_double;
struct keep_std_int64_t_or_specialise_cairn_json_form;
struct keep_cairn_time_point_or_a_duration;
struct describe_it_with_BOOST_DESCRIBE_ENUM;
struct describe_it_or_specialise_cairn_json_form;
struct use_a_key_that_is_text_or_integer_or_enum;
struct give_each_alternative_its_own_cairn_json_alternative_name;
} // namespace instead

/// Never defined: `Type`, which is or is in `Member` of `Struct`, has no form in JSON.
template <class Type, class Struct, auto Member, class Instead>
struct member_cannot_be_kept;

/// Never defined: `Type` has no form in JSON.
template <class Type, class Instead>
struct cannot_be_kept;

} // namespace cairn::json

namespace cairn::json::detail {

template <class T>
concept refers = std::is_pointer_v<T> || std::is_member_pointer_v<T> || std::is_null_pointer_v<T> ||
    std::is_reference_v<T> || requires(const T& value) {
  value.get();
} || requires(const T& value) {
  value.lock();
};

template <class T>
concept views = requires {
  typename T::element_type;
  T::extent;
};

template <class T>
inline constexpr bool is_other_text = std::same_as<T, char8_t>;
template <class Character, class Traits, class Allocator>
inline constexpr bool is_other_text<std::basic_string<Character, Traits, Allocator>> = true;

template <class T>
inline constexpr bool is_text_view = false;
template <class Character, class Traits>
inline constexpr bool is_text_view<std::basic_string_view<Character, Traits>> = true;

template <class T>
inline constexpr bool is_other_time = false;
template <class Clock, class Unit>
inline constexpr bool is_other_time<std::chrono::time_point<Clock, Unit>> = true;

/// A file system's path, by what no other type has.
template <class T>
concept is_path = requires(const T& value) {
  value.native();
  value.lexically_normal();
};

/// What to do about a type that is of no kind.
template <class T>
consteval auto find_cure() {
  if constexpr (refers<T>) {
    return std::type_identity<instead::keep_a_value_or_an_id>{};
  } else if constexpr (views<T> || is_text_view<T>) {
    return std::type_identity<instead::keep_std_string_or_std_vector>{};
  } else if constexpr (is_other_text<T> || is_path<T>) {
    return std::type_identity<instead::keep_utf_8_in_std_string>{};
  } else if constexpr (std::same_as<T, long double>) {
    return std::type_identity<instead::keep_double>{};
  } else if constexpr (is_other_time<T>) {
    return std::type_identity<instead::keep_cairn_time_point_or_a_duration>{};
  } else if constexpr (std::is_enum_v<T>) {
    return std::type_identity<instead::describe_it_with_BOOST_DESCRIBE_ENUM>{};
  } else if constexpr (std::is_class_v<T> || std::is_union_v<T>) {
    return std::type_identity<instead::describe_it_or_specialise_cairn_json_form>{};
  } else {
    return std::type_identity<instead::keep_std_int64_t_or_specialise_cairn_json_form>{};
  }
}

template <class T>
consteval bool is_nullable() {
  if constexpr (kind_of<T> == kind::own) {
    return is_nullable<item_of<T>>();
  } else {
    return kind_of<T> == kind::optional;
  }
}

/// Can it be the key of an object?
template <class T>
consteval bool is_key() {
  constexpr kind of = kind_of<T>;
  if constexpr (of == kind::own || of == kind::duration || of == kind::time) {
    return is_key<item_of<T>>();
  } else {
    return of == kind::text || of == kind::enumeration || (of >= kind::int8 && of <= kind::uint64);
  }
}

/// `type` has no form, and `cure` says what to do; void: all is well.
template <class Type, class Cure = void>
struct refusal {
  using type = Type;
  using cure = Cure;
};

template <class T>
consteval auto find_refusal();

template <class T>
using refusal_of = decltype(find_refusal<T>());

template <class T>
inline constexpr bool is_refused = !std::is_void_v<typename refusal_of<T>::type>;

template <class... Types>
consteval auto first_refusal(type_list<Types...> /*types*/) {
  return refusal<void>{};
}
template <class First, class... Others>
consteval auto first_refusal(type_list<First, Others...> /*types*/) {
  if constexpr (is_refused<First>) {
    return refusal_of<First>{};
  } else {
    return first_refusal(type_list<Others...>{});
  }
}

template <class T>
consteval auto find_own_refusal() {
  constexpr kind of = kind_of<T>;
  if constexpr (of == kind::optional) {
    return refusal<std::conditional_t<is_nullable<item_of<T>>(), T, void>,
                   instead::keep_one_optional>{};
  } else if constexpr (of == kind::map) {
    return refusal<std::conditional_t<is_key<item_of<T>>(), void, T>,
                   instead::use_a_key_that_is_text_or_integer_or_enum>{};
  } else if constexpr (of == kind::variant) {
    constexpr bool good = []<class... Alternatives>(type_list<Alternatives...>) {
      return names_tell_apart<Alternatives...>();
    }(parts_of<T>{});
    return refusal<std::conditional_t<good, void, T>,
                   instead::give_each_alternative_its_own_cairn_json_alternative_name>{};
  } else {
    return refusal<void>{};
  }
}

/// Of a type and what it is made of; the members of structs are each struct's own affair.
template <class T>
consteval auto find_refusal() {
  constexpr kind of = kind_of<T>;
  if constexpr (of == kind::none) {
    return refusal<T, typename decltype(find_cure<T>())::type>{};
  } else if constexpr (of <= kind::enumeration || of == kind::structure) {
    return refusal<void>{};
  } else {
    using inner = decltype(first_refusal(parts_of<T>{}));
    if constexpr (std::is_void_v<typename inner::type>) {
      return find_own_refusal<T>();
    } else {
      return inner{};
    }
  }
}

#ifdef __clang__
/// Clang shows it as `{&somewhere.value.gold}`, and a text as its characters' numbers.
template <class T, class Member>
inline constexpr address<const typename Member::type*> shown_member{
    &Member::of(somewhere<T>.value)};
#else
template <std::size_t Size>
struct member_name {
  char text[Size + 1]{};

  constexpr explicit member_name(std::string_view name) {
    for (std::size_t i = 0; i < Size; ++i) {
      text[i] = name[i];
    }
  }
};
template <class T, class Member>
inline constexpr member_name<Member::name.size()> shown_member{Member::name};
#endif

template <class T, class Member>
consteval bool member_can_be_kept() {
  using found = refusal_of<typename Member::type>;
  if constexpr (!std::is_void_v<typename found::type>) {
    return sizeof(member_cannot_be_kept<typename found::type, T, shown_member<T, Member>,
                                        typename found::cure>) != 0;
  } else {
    return true;
  }
}

/// True, or it does not compile.
template <class T>
consteval bool check_form() {
  using found = refusal_of<T>;
  if constexpr (!std::is_void_v<typename found::type>) {
    return sizeof(cannot_be_kept<typename found::type, typename found::cure>) != 0;
  } else if constexpr (kind_of<T> == kind::structure) {
    return with_members(members_of<T>{}, []<class... Members>() {
      return (member_can_be_kept<T, Members>() && ...);
    });
  } else {
    return true;
  }
}

template <class T>
inline constexpr bool can_be_kept = check_form<T>();

} // namespace cairn::json::detail
