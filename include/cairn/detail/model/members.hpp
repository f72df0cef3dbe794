#pragma once

#include <boost/pfr/core.hpp>

#include <cstddef>
#include <cstdlib>
#include <type_traits>
#include <utility>

/// The members of aggregates, by Boost.PFR.
namespace cairn::json::detail {

inline constexpr std::size_t members_max = 64;

/// Stands for a value in what is never run.
template <class T>
T& no_value() noexcept {
  std::abort();
}

/// Converts to whatever a member is. Source: Boost.PFR.
struct any_member {
  std::size_t index;

  template <class T>
  constexpr operator T&() const&& noexcept {
    return no_value<T>();
  }
  template <class T>
  constexpr operator T&() const& noexcept {
    return no_value<T>();
  }
};
struct any_moved_member {
  std::size_t index;

  template <class T>
  operator T() const&& noexcept {
    return std::move(no_value<T>());
  }
};

template <class T, class Member, class Indices>
inline constexpr bool takes = false;
template <class T, class Member, std::size_t... Indices>
requires requires { T{Member{Indices}...}; }
inline constexpr bool takes<T, Member, std::index_sequence<Indices...>> = true;

template <class T, class Member, std::size_t Count = 0>
consteval std::size_t count_from() {
  if constexpr (Count <= members_max && takes<T, Member, std::make_index_sequence<Count + 1>>) {
    return count_from<T, Member, Count + 1>();
  } else {
    return Count;
  }
}

/// Of an aggregate without bases. It counts upwards: structs have few members, and Boost.PFR's search within the bits of one
/// takes three times as long to compile.
template <class T>
inline constexpr std::size_t member_count = std::is_copy_constructible_v<T>
                                                ? count_from<T, any_member>()
                                                : count_from<T, any_moved_member>();

/// Member `Index` of an aggregate. Boost.PFR's way behind its door: in front of it, it counts the members itself.
template <std::size_t Index, class T>
constexpr auto& member_at(T& value) noexcept {
  namespace pfr = boost::pfr::detail;
  using count = pfr::size_t_<member_count<std::remove_cv_t<T>>>;
  if constexpr (requires { pfr::sequence_tuple::get<Index>(pfr::tie_as_tuple(value, count{})); }) {
    return pfr::sequence_tuple::get<Index>(pfr::tie_as_tuple(value, count{}));
  } else {
    return boost::pfr::get<Index>(value);
  }
}

} // namespace cairn::json::detail
