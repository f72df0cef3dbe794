#pragma once

#include <cairn/detail/model/cures.hpp>
#include <cairn/detail/model/enumerators.hpp>
#include <cairn/detail/model/members.hpp>
#include <cairn/detail/model/names.hpp>

#include <boost/describe/members.hpp>
#include <boost/mp11/algorithm.hpp>

#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>

namespace cairn {

/// `Member` is `Name` in JSON.
template <auto Member, fixed_string Name>
struct renamed {
  static constexpr std::string_view name = Name.view();

  template <class Reflected>
  static constexpr bool is() {
    return Reflected::template is<Member>();
  }
};

/// Declares, in a struct, members that journals and requests have under another name than their own:
/// `using member_names = cairn::member_names<cairn::renamed<&wallet::gold, "coins">>;`
template <class... Renamed>
struct member_names {
  /// Of the reflected `Member`; `own` when it is not among them.
  template <class Member>
  static constexpr std::string_view name_of(std::string_view own) {
    std::string_view found = own;
    (void)((Renamed::template is<Member>() ? (found = Renamed::name, true) : false) || ...);
    return found;
  }

  /// Each is one of `Members`, and needs no escape in JSON.
  template <template <class...> class List, class... Members>
  static constexpr bool fit(List<Members...> /*members*/) {
    const auto is_member = []<class One>(One) { return (One::template is<Members>() || ...); };
    return (is_member(Renamed{}) && ...) &&
           ((!Renamed::name.empty() &&
             Renamed::name.find_first_of("\"\\\n\r\t\b\f") == std::string_view::npos) &&
            ...);
  }
};

} // namespace cairn

/// The members of structs, as JSON and journals have them. An aggregate needs nothing for that: its
/// members are counted by Boost.PFR, and the compiler says what they are called. A class with bases or private members
/// is described with `BOOST_DESCRIBE_STRUCT` or `BOOST_DESCRIBE_CLASS`, and then that is what counts.
/// Units:  up to 64 members.
namespace cairn::json::detail {

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

/// What JSON calls the reflected `Member` of `T`.
template <class T, class Member>
consteval std::string_view json_name(std::string_view own) {
  if constexpr (requires { typename T::member_names; }) {
    return T::member_names::template name_of<Member>(own);
  } else {
    return own;
  }
}

#ifdef __clang__
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wundefined-var-template"
#endif

/// Member `Index` of an aggregate.
template <class T, std::size_t Index>
struct plain_member {
  using type = std::remove_cvref_t<decltype(member_at<Index>(std::declval<T&>()))>;
  static constexpr std::string_view name = json_name<T, plain_member>(
      name_at<address<const type*>{&member_at<Index>(somewhere<T>.value)}>());

  static constexpr auto& of(T& value) { return member_at<Index>(value); }
  static constexpr const auto& of(const T& value) { return member_at<Index>(value); }

  /// Is it the one that `Pointer` points to?
  template <auto Pointer>
  static consteval bool is() { // nothing of `somewhere` reaches the linker
    if constexpr (std::is_same_v<std::remove_cv_t<decltype(Pointer)>, type T::*>) {
      return &(somewhere<T>.value.*Pointer) == &member_at<Index>(somewhere<T>.value);
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
  static constexpr std::string_view name = json_name<T, described_member>(Described::name);

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

/// Where the described members of `T` end when they lie one behind the other.
template <class T, class Members>
consteval std::size_t end_of_members() {
  std::size_t end = std::is_polymorphic_v<T> ? sizeof(void*) : 0;
  boost::mp11::mp_for_each<Members>([&end](auto member) {
    using type = typename decltype(member)::type;
    end = (end + alignof(type) - 1) / alignof(type) * alignof(type) + sizeof(type);
  });
  return end;
}

template <class Member>
using holds_nothing = std::is_empty<typename Member::type>;

/// How many of them hold something.
template <class Members>
inline constexpr std::size_t count_of_full =
    boost::mp11::mp_size<Members>::value - boost::mp11::mp_count_if<Members, holds_nothing>::value;

/// False: `T` has members that its description leaves out, and that are not empty. Where they cannot be counted, in a class with bases or private
/// members, one that fits into the padding behind the others is not seen.
template <class T, class Members>
consteval bool describes_all_members() {
  if constexpr (std::is_empty_v<T>) {
    return true;
  } else if constexpr (std::is_aggregate_v<T> && !has_base<T>) {
    using all = typename plain_members<T, std::make_index_sequence<member_count<T>>>::type;
    return count_of_full<Members> == count_of_full<all>;
  } else {
    return sizeof(T) <= (end_of_members<T, Members>() + alignof(T) - 1) / alignof(T) * alignof(T);
  }
}

template <class T>
struct members_found {
  static_assert(member_count<T> <= members_max, "a struct has at most 64 members");
  using type = typename plain_members<T, std::make_index_sequence<member_count<T>>>::type;
};
template <described_class T>
struct members_found<T> {
  template <class Described>
  using member = described_member<T, Described>;
  using type = boost::mp11::mp_transform<
      member, boost::describe::describe_members<T, boost::describe::mod_any_access |
                                                       boost::describe::mod_inherited>>;
  static_assert(
      cairn::detail::require<describes_all_members<T, type>(),
                             cure::describe_all_members_or_leave_out_boost_describe<T>>());
};

template <class T>
consteval bool member_names_fit() {
  if constexpr (requires { typename T::member_names; }) {
    return T::member_names::fit(typename members_found<T>::type{});
  }
  return true;
}

template <class T>
struct checked_members : members_found<T> {
  static_assert(member_names_fit<T>(),
                "member_names renames described members of the struct, to names that are not "
                "empty and need no escape");
};

/// A list of what each has `type`, `name`, `of(value)` and `is<&T::member>()`, in their order.
template <class T>
using members_of = typename checked_members<T>::type;

/// A struct whose members are known.
template <class T>
concept described = described_class<T> ||
    (std::is_class_v<T>&& std::is_aggregate_v<T> && !has_base<T>);

} // namespace cairn::json::detail
