#pragma once

#include <boost/describe/enumerators.hpp>
#include <boost/describe/members.hpp>
#include <boost/mp11/algorithm.hpp>
#include <boost/pfr/core.hpp>
#include <boost/pfr/tuple_size.hpp>

#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>

/// The members of structs, as JSON and journals have them. An aggregate needs nothing for that: its
/// members are counted by Boost.PFR, and the compiler says what they are called. A class with bases or private members
/// is described with `BOOST_DESCRIBE_STRUCT` or `BOOST_DESCRIBE_CLASS`, and then that is what counts.
/// Units:  up to 64 members.
namespace cairn::json::detail {

inline constexpr std::size_t members_max = 64;

template <class T>
struct only_declared {
  T value;
};

/// An object that is nowhere: only addresses in it are named.
#ifdef __clang__
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wundefined-internal"
#endif
template <class T>
extern const only_declared<T> somewhere;
#ifdef __clang__
#pragma clang diagnostic pop
#endif

/// Clang takes the address of a member as a template argument within a class only.
template <class Pointer>
struct address {
  Pointer pointer;
};

/// Returns no class: GCC would spell that behind the address.
template <address Address>
consteval const char* text_of_address() {
  return __PRETTY_FUNCTION__;
}

template <address Address>
consteval std::string_view name_at() {
  std::string_view text = text_of_address<Address>();
  text = text.substr(0, text.find_last_not_of(")}];") + 1);
  return text.substr(text.find_last_of(":.") + 1);
}

/// Converts to a base of `T` and to nothing else.
template <class T>
struct any_base_of {
  template <class Base>
  requires(std::is_base_of_v<Base, T> && !std::is_same_v<Base, T>) operator Base() const;
};

template <class T>
concept has_base = requires {
  T{any_base_of<T>{}};
};

template <class T>
concept described_class = boost::describe::has_describe_members<T>::value;

template <class T>
concept described_enum = std::is_enum_v<T> && boost::describe::has_describe_enumerators<T>::value;

#ifdef __clang__
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wundefined-var-template"
#endif

/// Member `Index` of an aggregate.
template <class T, std::size_t Index>
struct plain_member {
  using type = boost::pfr::tuple_element_t<Index, T>;
  static constexpr std::string_view name =
      name_at<address<const type*>{&boost::pfr::get<Index>(somewhere<T>.value)}>();

  static constexpr auto& of(T& value) { return boost::pfr::get<Index>(value); }
  static constexpr const auto& of(const T& value) { return boost::pfr::get<Index>(value); }

  /// Is it the one that `Pointer` points to?
  template <auto Pointer>
  static consteval bool is() { // nothing of `somewhere` reaches the linker
    if constexpr (std::is_same_v<std::remove_cv_t<decltype(Pointer)>, type T::*>) {
      return &(somewhere<T>.value.*Pointer) == &boost::pfr::get<Index>(somewhere<T>.value);
    } else {
      return false;
    }
  }
};

#ifdef __clang__
#pragma clang diagnostic pop
#endif

/// A member that Boost.Describe knows.
template <class T, class Described>
struct described_member {
  using type = std::remove_cvref_t<decltype(std::declval<T&>().*Described::pointer)>;
  static constexpr std::string_view name = Described::name;

  static constexpr auto& of(T& value) { return value.*Described::pointer; }
  static constexpr const auto& of(const T& value) { return value.*Described::pointer; }

  template <auto Pointer>
  static constexpr bool is() {
    if constexpr (std::is_same_v<std::remove_cv_t<decltype(Pointer)>,
                                 std::remove_cv_t<decltype(Described::pointer)>>) {
      return Pointer == Described::pointer;
    } else {
      return false;
    }
  }
};

template <class T, class Indices>
struct plain_members;
template <class T, std::size_t... Indices>
struct plain_members<T, std::index_sequence<Indices...>> {
  using type = boost::mp11::mp_list<plain_member<T, Indices>...>;
};

template <class T>
struct members_found {
  static_assert(boost::pfr::tuple_size_v<T> <= members_max, "a struct has at most 64 members");
  using type =
      typename plain_members<T, std::make_index_sequence<boost::pfr::tuple_size_v<T>>>::type;
};
template <described_class T>
struct members_found<T> {
  template <class Described>
  using member = described_member<T, Described>;
  using type = boost::mp11::mp_transform<
      member, boost::describe::describe_members<T, boost::describe::mod_public |
                                                       boost::describe::mod_inherited>>;
};

/// A list of what each has `type`, `name`, `of(value)` and `is<&T::member>()`, in their order.
template <class T>
using members_of = typename members_found<T>::type;

/// A struct whose members are known.
template <class T>
concept described = described_class<T> ||
    (std::is_class_v<T>&& std::is_aggregate_v<T> && !has_base<T>);

} // namespace cairn::json::detail
