#pragma once

#include <cairn/detail/model/cures.hpp>
#include <cairn/detail/model/names.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>

namespace cairn {

/// A command or event under another name than its struct's, which it keeps for ever; `Schema` counts an event's shapes
/// from 1.
template <fixed_string Name, class T, std::uint32_t Schema = 1>
struct named {
  using type = T;
  static constexpr std::string_view name = Name.view();
  static constexpr std::uint32_t schema = Schema;
};

namespace detail {

template <class T>
consteval std::string_view checked_own_name() {
  static_assert(require<is_identifier(own_name_of<T>()), cure::give_it_a_name_with_named<T>>());
  return own_name_of<T>();
}

/// A command or event under its struct's own name.
template <class T>
struct own_named {
  using type = T;
  static constexpr std::string_view name = checked_own_name<T>(); // only where no other is given
  static constexpr std::uint32_t schema = 1;
};

template <class Item>
struct named_item {
  using type = own_named<Item>;
};
template <fixed_string Name, class T, std::uint32_t Schema>
struct named_item<named<Name, T, Schema>> {
  using type = named<Name, T, Schema>;
};

/// `Item` of a list, a struct or a `named` one, as a `named` one.
template <class Item>
using as_named = typename named_item<Item>::type;

template <std::size_t Index, class T>
struct numbered {};

template <class Indices, class... Ts>
struct numbered_types;
template <std::size_t... Indices, class... Ts>
struct numbered_types<std::index_sequence<Indices...>, Ts...> : numbered<Indices, Ts>... {};

/// Finding a type among N by its base costs the compiler one look at each; comparing it with each, N instantiations.
template <class T, std::size_t Index>
std::integral_constant<std::size_t, Index> index_in(const numbered<Index, T>*);
template <std::size_t Index, class T>
T type_in(const numbered<Index, T>*);

/// Places of `values` in ascending order of them, equal ones in the order of places.
template <class Value, std::size_t N>
constexpr std::array<std::size_t, N> sorted_places(const std::array<Value, N>& values) {
  std::array<std::size_t, N> places{};
  for (std::size_t i = 0; i < N; ++i) {
    places[i] = i;
  }
  std::sort(places.begin(), places.end(), [&values](std::size_t one, std::size_t other) {
    return values[one] != values[other] ? values[one] < values[other] : one < other;
  });
  return places;
}

/// Two of the same value; the same place twice: there are none.
template <class Value, std::size_t N>
constexpr std::pair<std::size_t, std::size_t> same_two(const std::array<Value, N>& values) {
  const auto places = sorted_places(values);
  for (std::size_t i = 1; i < N; ++i) {
    if (values[places[i - 1]] == values[places[i]]) {
      return {places[i - 1], places[i]};
    }
  }
  return {0, 0};
}

/// The commands or events of an entity type, each a `named`.
template <class... Named>
struct named_list {
private:
  using by_index = numbered_types<std::index_sequence_for<Named...>, Named...>;
  using by_type = numbered_types<std::index_sequence_for<Named...>, typename Named::type...>;

public:
  static constexpr std::size_t size = sizeof...(Named);
  static constexpr std::array<std::string_view, size> names{Named::name...};

  template <std::size_t Index>
  using at = decltype(type_in<Index>(static_cast<const by_index*>(nullptr)));

  template <class T>
  static constexpr bool contains = requires {
    index_in<T>(static_cast<const by_type*>(nullptr));
  };

  template <class T>
  static constexpr std::size_t index_of() {
    return decltype(index_in<T>(static_cast<const by_type*>(nullptr)))::value;
  }

  template <class T>
  static constexpr std::string_view name_of() {
    return at<index_of<T>()>::name;
  }

  template <class T>
  static constexpr std::uint32_t schema_of() {
    return at<index_of<T>()>::schema;
  }

  static constexpr bool names_are_unique() {
    if constexpr (size > 1) {
      constexpr auto same = same_two(names);
      return require<same.first == same.second,
                     cure::give_one_another_name_with_named<typename at<same.first>::type,
                                                            typename at<same.second>::type>>();
    }
    return true;
  }

  static constexpr bool names_are_valid() {
    return ((!Named::name.empty() && Named::name.front() != '$') && ...);
  }

  template <class Visitor>
  static void for_each(Visitor&& visitor) {
    (visitor(Named{}), ...);
  }

  /// Calls `visitor` with the one at `index`.
  template <class Visitor>
  static void visit_at(std::size_t index, Visitor&& visitor) {
    using visit = void (*)(Visitor&);
    static constexpr std::array<visit, size> visits{+[](Visitor& with) { with(Named{}); }...};
    visits[index](visitor);
  }
};

template <class List>
struct named_list_of;
template <template <class...> class List, class... Items>
struct named_list_of<List<Items...>> {
  using type = named_list<as_named<Items>...>;
};

/// The first of each type, in the order of `Named`.
template <class... Named>
struct first_of_each {
private:
  static constexpr std::size_t size = sizeof...(Named);
  using all = named_list<Named...>;

  struct kept_places {
    std::array<std::size_t, size> places{};
    std::size_t count = 0;
  };
  static constexpr kept_places kept() {
    // By a number of each type: comparing N types with each other is N * N instantiations.
    constexpr std::array<std::uint64_t, size> types{hash_of_type<typename Named::type>()...};
    constexpr auto sorted = sorted_places(types);
    std::array<bool, size> is_first{};
    for (std::size_t i = 0; i < size; ++i) {
      is_first[sorted[i]] = i == 0 || types[sorted[i]] != types[sorted[i - 1]];
    }
    kept_places found;
    for (std::size_t i = 0; i < size; ++i) {
      if (is_first[i]) {
        found.places[found.count++] = i;
      }
    }
    return found;
  }
  static constexpr kept_places places_kept = kept();

  template <std::size_t... Indices>
  static auto pick(std::index_sequence<Indices...>)
      -> named_list<typename all::template at<places_kept.places[Indices]>...>;

public:
  using type = decltype(pick(std::make_index_sequence<places_kept.count>()));
};
template <>
struct first_of_each<> {
  using type = named_list<>;
};

} // namespace detail

} // namespace cairn
