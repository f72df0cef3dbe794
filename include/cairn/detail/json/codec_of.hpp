#pragma once

#include <cairn/detail/json/kinds.hpp>
#include <cairn/detail/json/refusals.hpp>

#include <memory>

/// Fills in a type's tables.
namespace cairn::json::detail {

template <kind Kind>
struct codec_of_kind {
  using type = codec;
};
template <>
struct codec_of_kind<kind::enumeration> {
  using type = enumeration_codec;
};
template <>
struct codec_of_kind<kind::optional> {
  using type = optional_codec;
};
template <>
struct codec_of_kind<kind::sequence> {
  using type = sequence_codec;
};
template <>
struct codec_of_kind<kind::set> {
  using type = sequence_codec;
};
template <>
struct codec_of_kind<kind::array> {
  using type = array_codec;
};
template <>
struct codec_of_kind<kind::map> {
  using type = map_codec;
};
template <>
struct codec_of_kind<kind::structure> {
  using type = structure_codec;
};
template <>
struct codec_of_kind<kind::tuple> {
  using type = structure_codec;
};
template <>
struct codec_of_kind<kind::variant> {
  using type = variant_codec;
};
template <>
struct codec_of_kind<kind::duration> {
  using type = duration_codec;
};
template <>
struct codec_of_kind<kind::time> {
  using type = duration_codec;
};
template <>
struct codec_of_kind<kind::own> {
  using type = own_codec;
};

/// A type's codec. Its address is known before it is made, so that types may hold themselves; GCC 12 takes it as a
/// constant only where nothing stands around it.
template <class T>
struct codec_place {
  static_assert(can_be_kept<T>);
  static const typename codec_of_kind<kind_of<T>>::type value;
};

template <class T>
inline constexpr codec codec_base{kind_of<T>, owns_memory<T>(), sizeof(T)};

template <class T, kind Kind>
struct codec_maker {
  static constexpr codec make() { return codec_base<T>; }
};

/// A struct may list members that JSON may leave out: `using optional_members = cairn::members<&T::a>`.
template <class T, class Member>
consteval bool is_declared_optional() {
  if constexpr (requires { typename T::optional_members; }) {
    return T::optional_members::template contains<Member>();
  } else {
    return false;
  }
}

/// Names as they are written, one behind the other.
template <std::size_t Size, std::size_t Count>
struct written_keys {
  char text[Size + 1]{};
  std::size_t ends[Count + 1]{};

  constexpr explicit written_keys(const std::array<std::string_view, Count>& names) {
    char* at = text;
    for (std::size_t i = 0; i < Count; ++i) {
      *at++ = ',';
      *at++ = '"';
      for (const char byte : names[i]) {
        *at++ = byte;
      }
      *at++ = '"';
      *at++ = ':';
      ends[i + 1] = static_cast<std::size_t>(at - text);
    }
  }

  constexpr std::string_view operator[](std::size_t index) const {
    return {text + ends[index], ends[index + 1] - ends[index]};
  }
};

template <class... Members>
inline constexpr written_keys<((Members::name.size() + 2 * part::around_name) + ... + 0),
                              sizeof...(Members)>
    keys_of{std::array<std::string_view, sizeof...(Members)>{Members::name...}};

template <class T, class... Members>
struct structure_table {
  static_assert(sizeof...(Members) <= parts_max);
  template <std::size_t... Indices>
  static constexpr std::array<part, sizeof...(Members)> make(
      std::index_sequence<Indices...> /*indices*/) {
    return {part{keys_of<Members...>[Indices], &codec_place<typename Members::type>::value,
                 is_declared_optional<T, Members>()}...};
  }
  static constexpr auto parts = make(std::index_sequence_for<Members...>{});

  static void locate([[maybe_unused]] void* value, [[maybe_unused]] void** out) {
    ((*out++ = std::addressof(Members::of(*static_cast<T*>(value)))), ...);
  }
};

template <class T>
struct codec_maker<T, kind::structure> {
  static constexpr structure_codec make() {
    return with_members(members_of<T>{}, []<class... Members>() {
      using table = structure_table<T, Members...>;
      return structure_codec{{codec_base<T>, table::parts.data(), sizeof...(Members)},
                             table::locate};
    });
  }
};

template <class T>
struct codec_maker<T, kind::tuple> {
  template <class... Parts>
  static constexpr structure_codec make_of(type_list<Parts...> /*parts*/) {
    static_assert(sizeof...(Parts) <= parts_max, "a tuple has at most 64 parts");
    return {{codec_base<T>, parts<Parts...>.data(), sizeof...(Parts)},
            []([[maybe_unused]] void* value, [[maybe_unused]] void** out) {
              if constexpr (sizeof...(Parts) != 0) {
                std::apply([&](auto&... each) { ((*out++ = std::addressof(each)), ...); },
                           *static_cast<T*>(value));
              }
            }};
  }
  static constexpr structure_codec make() { return make_of(parts_of<T>{}); }

private:
  template <class... Parts>
  static constexpr std::array<part, sizeof...(Parts)> parts{
      part{{}, &codec_place<Parts>::value}...};
};

template <class T>
struct alternative_of {
  static constexpr std::string_view name = alternative_name<T>();
};

template <class T>
struct codec_maker<T, kind::variant> {
  template <class... Alternatives>
  static constexpr variant_codec make_of(type_list<Alternatives...> /*alternatives*/) {
    return {{codec_base<T>, parts.data(), parts.size()},
            [](const void* value) { return static_cast<const T*>(value)->index(); },
            [](const void* value) {
              return std::visit([](const auto& held) -> const void* { return &held; },
                                *static_cast<const T*>(value));
            },
            [](void* value, std::size_t index) {
              return emplace(*static_cast<T*>(value), index,
                             std::index_sequence_for<Alternatives...>{});
            }};
  }
  static constexpr variant_codec make() { return make_of(parts_of<T>{}); }

private:
  template <class... Alternatives, std::size_t... Indices>
  static constexpr std::array<part, sizeof...(Alternatives)> make_parts(
      type_list<Alternatives...> /*alternatives*/, std::index_sequence<Indices...> /*indices*/) {
    return {part{keys_of<alternative_of<Alternatives>...>[Indices],
                 &codec_place<Alternatives>::value}...};
  }
  static constexpr auto parts =
      make_parts(parts_of<T>{}, std::make_index_sequence<std::variant_size_v<T>>{});

  template <std::size_t... Indices>
  static void* emplace(T& value, std::size_t index, std::index_sequence<Indices...> /*indices*/) {
    void* made = nullptr;
    ((index == Indices ? void(made = &value.template emplace<Indices>()) : void()), ...);
    return made;
  }
};

template <class T>
struct codec_maker<T, kind::enumeration> {
  static constexpr enumeration_codec make() {
    return {codec_base<T>, integer_kind<std::underlying_type_t<T>>(), enumerators_of<T>.data(),
            enumerators_of<T>.size()};
  }
};

template <class T>
struct codec_maker<T, kind::optional> {
  static constexpr optional_codec make() {
    return {codec_base<T>, &codec_place<item_of<T>>::value,
            [](const void* value) {
              const auto& maybe = *static_cast<const T*>(value);
              return maybe ? static_cast<const void*>(std::addressof(*maybe)) : nullptr;
            },
            [](void* value) {
              return static_cast<void*>(std::addressof(static_cast<T*>(value)->emplace()));
            },
            [](void* value) { static_cast<T*>(value)->reset(); }};
  }
};

template <class T>
std::size_t count_of(const void* value) {
  return static_cast<const T*>(value)->size();
}

template <class T>
void clear(void* value) {
  static_cast<T*>(value)->clear();
}

template <class T>
bool each_item(const void* value, visitor<const void*> visit) {
  for (const auto& item : *static_cast<const T*>(value)) {
    if (!visit(&static_cast<const item_of<T>&>(item))) {
      return false;
    }
  }
  return true;
}

template <class T>
bool add_item(void* value, visitor<void*> read) {
  item_of<T> item{};
  if (!read(&item)) {
    return false;
  }
  auto& items = *static_cast<T*>(value);
  items.insert(items.end(), std::move(item));
  return true;
}

template <class T>
void* append_item(void* value) {
  return std::addressof(static_cast<T*>(value)->emplace_back());
}

/// One that hashes has an order that differs from run to run.
template <class T>
concept hashes = requires {
  typename T::hasher;
};

template <class T>
constexpr sequence_codec make_sequence() {
  sequence_codec made{codec_base<T>, &codec_place<item_of<T>>::value,
                      !hashes<T>,    count_of<T>,
                      nullptr,       each_item<T>,
                      clear<T>,      nullptr,
                      add_item<T>};
  if constexpr (requires(T & items) {
                  { items.emplace_back() } -> std::same_as<item_of<T>&>;
                }) {
    made.append = append_item<T>;
    made.add = nullptr;
  }
  if constexpr (requires(const T& items) {
                  { items.data() } -> std::same_as<const item_of<T>*>;
                }) {
    made.data = [](const void* value) {
      return static_cast<const void*>(static_cast<const T*>(value)->data());
    };
    made.each = nullptr;
  }
  return made;
}

template <class T>
struct codec_maker<T, kind::sequence> {
  static constexpr sequence_codec make() { return make_sequence<T>(); }
};
template <class T>
struct codec_maker<T, kind::set> {
  static constexpr sequence_codec make() { return make_sequence<T>(); }
};

template <class T>
struct codec_maker<T, kind::array> {
  static constexpr array_codec make() {
    return {codec_base<T>, &codec_place<item_of<T>>::value, std::tuple_size_v<T>};
  }
};

template <class T>
struct codec_maker<T, kind::map> {
  using key_type = typename T::key_type;
  using item_type = typename T::mapped_type;

  static bool each(const void* value, visitor<const void*, const void*> visit) {
    for (const auto& [key, item] : *static_cast<const T*>(value)) {
      if (!visit(&key, &item)) {
        return false;
      }
    }
    return true;
  }

  static added add(void* value, visitor<void*, void*> read) {
    key_type key{};
    item_type item{};
    if (!read(&key, &item)) {
      return added::no;
    }
    auto& items = *static_cast<T*>(value);
    const std::size_t before = items.size();
    items.emplace_hint(items.end(), std::move(key), std::move(item));
    return items.size() == before ? added::twice : added::yes;
  }

  static constexpr map_codec make() {
    return {codec_base<T>,
            &codec_place<key_type>::value,
            &codec_place<item_type>::value,
            !hashes<T>,
            count_of<T>,
            each,
            clear<T>,
            add};
  }
};

template <class T>
constexpr duration_codec make_duration() {
  using period = typename T::period;
  static_assert(sizeof(T) == sizeof(item_of<T>) && std::is_standard_layout_v<T>);
  return {codec_base<T>, &codec_place<item_of<T>>::value, period::num, period::den};
}

template <class T>
struct codec_maker<T, kind::duration> {
  static constexpr duration_codec make() { return make_duration<T>(); }
};
template <class T>
struct codec_maker<T, kind::time> {
  static constexpr duration_codec make() { return make_duration<T>(); }
};

template <class T>
struct codec_maker<T, kind::own> {
  using stand_in = typename form<T>::json_type;

  static bool show(const void* value, visitor<const void*> visit) {
    const stand_in shown = form<T>::to_json(*static_cast<const T*>(value));
    return visit(&shown);
  }

  static taken take(void* value, visitor<void*> read) {
    stand_in given{};
    if (!read(&given)) {
      return taken::no;
    }
    std::optional<T> made = form<T>::from_json(given);
    if (!made) {
      return taken::refused;
    }
    *static_cast<T*>(value) = std::move(*made);
    return taken::yes;
  }

  static constexpr own_codec make() {
    own_codec made{codec_base<T>, form<T>::name, &codec_place<stand_in>::value,
                   show,          take,          nullptr};
    if constexpr (requires { &form<T>::owned_bytes; }) {
      made.owned_bytes = [](const void* value) -> std::size_t {
        return form<T>::owned_bytes(*static_cast<const T*>(value));
      };
    }
    return made;
  }
};

template <class T>
constinit const typename codec_of_kind<kind_of<T>>::type codec_place<T>::value =
    codec_maker<T, kind_of<T>>::make();

template <class T>
constexpr const codec& codec_of() noexcept {
  return codec_place<T>::value;
}

} // namespace cairn::json::detail
