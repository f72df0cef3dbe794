#pragma once

#include <cairn/detail/reflect.hpp>

#include <boost/json/value.hpp>
#include <boost/mp11/algorithm.hpp>

#include <array>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

/// JSON of structs: members by name, enumerators by name, `std::optional` absent or null when
/// empty, sequences as arrays, maps with string keys as objects. Numbers come back to the bit.
/// Thread: any; nothing here has state.
namespace cairn::json {

/// What is wrong with a text or a value, and where: `args.amount`, `items[1].name`, `` for the whole.
struct problem {
  std::string path;
  std::string message;
  /// Asked for by who decodes: a member that the struct does not know is passed over, and not wrong.
  bool lenient = false;

  /// Puts a member name in front of the path.
  void under(std::string_view member);
  /// Puts an index in front of the path.
  void under(std::size_t index);
  /// `path: message`, or the message alone when the path is empty.
  std::string text() const;
};

/// How deep arrays and objects may nest, one in another, in whatever is made: a command, an event, a state, a reply,
/// the arguments of a message or a timer.
inline constexpr std::size_t depth_max = 128;

/// How deep they may nest in what is read: what was made, and everything that ever holds it, as an event in a change
/// in a conflict in a reply.
inline constexpr std::size_t read_depth_max = 512;

/// Parses one JSON document strictly.
/// Units:  a number that is too small for a double is 0, with its sign.
/// Errors: syntax, invalid UTF-8, lone surrogates, duplicate keys, numbers beyond double, deeper than `read_depth_max`.
/// After:  false leaves `value` unspecified and fills `wrong`.
bool parse(std::string_view text, boost::json::value& value, problem& wrong);

/// Appends `value` as JSON in one line; doubles shortest round-trip, unlike Boost.JSON 1.81's own.
void write(std::string& out, const boost::json::value& value);

/// Appends `text` quoted and escaped. False: it is not UTF-8, and nothing was appended.
bool write_string(std::string& out, std::string_view text);
void write_integer(std::string& out, std::int64_t value);
void write_unsigned(std::string& out, std::uint64_t value);
/// False: it is not finite, and nothing was appended.
bool write_double(std::string& out, double value);

/// True for well-formed UTF-8 without surrogates.
bool is_utf8(std::string_view text) noexcept;

/// `string "x"`, `integer 7`, `object`: what a message says that it found.
std::string describe(const boost::json::value& value);

namespace detail {

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

template <class T>
inline constexpr bool is_sequence = false;
template <class T>
inline constexpr bool is_sequence<std::vector<T>> = true;
template <class T>
inline constexpr bool is_sequence<std::set<T>> = true;

template <class T>
inline constexpr bool is_array = false;
template <class T, std::size_t N>
inline constexpr bool is_array<std::array<T, N>> = true;

template <class T>
inline constexpr bool is_map = false;
template <class T>
inline constexpr bool is_map<std::map<std::string, T>> = true;

/// A struct may list members that JSON may leave out: `using optional_members = cairn::members<&T::a>`.
template <class T, class Member>
constexpr bool is_declared_optional() {
  if constexpr (requires { typename T::optional_members; }) {
    return T::optional_members::template contains<Member>();
  } else {
    return false;
  }
}

bool expected(std::string_view what, const boost::json::value& found, problem& wrong);
bool decode_signed(const boost::json::value& value, std::int64_t low, std::int64_t high,
                   std::int64_t& out, problem& wrong);
bool decode_unsigned(const boost::json::value& value, std::uint64_t high, std::uint64_t& out,
                     problem& wrong);
bool decode_double(const boost::json::value& value, double high, double& out, problem& wrong);
bool missing_member(std::string_view name, problem& wrong);
bool unknown_members(const boost::json::object& object, const std::string_view* names,
                     std::size_t count, problem& wrong);
bool invalid_text(problem& wrong);
bool not_finite(problem& wrong);
bool too_deep(problem& wrong);
bool unknown_enumerator(std::string_view name, const std::string& known, problem& wrong);

} // namespace detail

/// Appends `value`. False: it holds text that is not UTF-8 or a number that is not finite, or it is deeper than
/// `depth_max`; `wrong` says where, and what was appended is to be thrown away.
template <class T>
bool encode(std::string& out, const T& value, problem& wrong);

/// Reads `value` into `out`. False: it does not fit; `wrong` says where and what was expected and found,
/// and `out` is unspecified. Unknown members are errors.
template <class T>
bool decode(const boost::json::value& value, T& out, problem& wrong);

namespace detail {

inline constexpr std::size_t endless = static_cast<std::size_t>(-1);

constexpr std::size_t one_deeper(std::size_t depth) noexcept {
  return depth == endless ? endless : depth + 1;
}

/// How deep a value of the type can be; `endless`: the type holds itself. `Around` are the types that hold it.
template <class T, class... Around>
constexpr std::size_t depth_of() {
  if constexpr (is_optional<T>) {
    return depth_of<typename T::value_type, Around...>();
  } else if constexpr (is_sequence<T> || is_array<T>) {
    return one_deeper(depth_of<typename T::value_type, Around...>());
  } else if constexpr (is_map<T>) {
    return one_deeper(depth_of<typename T::mapped_type, Around...>());
  } else if constexpr (!described<T>) {
    return 0;
  } else if constexpr ((std::is_same_v<T, Around> || ...)) {
    return endless;
  } else {
    std::size_t deepest = 0;
    boost::mp11::mp_for_each<members_of<T>>([&](auto member) {
      using item_type = typename decltype(member)::type;
      const std::size_t depth = depth_of<item_type, T, Around...>();
      deepest = depth > deepest ? depth : deepest;
    });
    return one_deeper(deepest);
  }
}

/// What most values are encoded with: their type says that they are not too deep, and nothing is counted.
struct known_depth {
  static constexpr bool enter(problem& /*wrong*/) noexcept { return true; }

  template <class T>
  bool encode(std::string& out, const T& value, problem& wrong) const {
    return json::encode<T>(out, value, wrong);
  }
};

/// What values of types that hold themselves are encoded with.
class counted_depth {
public:
  bool enter(problem& wrong) noexcept { return left_-- > 0 || too_deep(wrong); }

  template <class T>
  bool encode(std::string& out, const T& value, problem& wrong) const;

private:
  std::size_t left_ = depth_max;
};

template <class Depth, class Sequence>
bool encode_sequence(std::string& out, const Sequence& items, problem& wrong, Depth depth) {
  if (!depth.enter(wrong)) {
    return false;
  }
  out += '[';
  std::size_t index = 0;
  for (const auto& item : items) {
    if (index != 0) {
      out += ',';
    }
    using item_type = typename Sequence::value_type;
    if (!depth.template encode<item_type>(out, item, wrong)) {
      wrong.under(index);
      return false;
    }
    ++index;
  }
  out += ']';
  return true;
}

template <class Depth, class T>
bool encode_map(std::string& out, const std::map<std::string, T>& items, problem& wrong,
                Depth depth) {
  if (!depth.enter(wrong)) {
    return false;
  }
  out += '{';
  bool first = true;
  for (const auto& [key, item] : items) {
    if (!first) {
      out += ',';
    }
    first = false;
    if (!write_string(out, key)) {
      return invalid_text(wrong);
    }
    out += ':';
    if (!depth.template encode<T>(out, item, wrong)) {
      wrong.under(key);
      return false;
    }
  }
  out += '}';
  return true;
}

template <class Depth, class T>
bool encode_described(std::string& out, const T& value, problem& wrong, Depth depth) {
  if (!depth.enter(wrong)) {
    return false;
  }
  out += '{';
  bool first = true;
  bool good = true;
  boost::mp11::mp_for_each<members_of<T>>([&](auto member) {
    const auto& item = member.of(value);
    using item_type = std::remove_cvref_t<decltype(item)>;
    if constexpr (is_optional<item_type>) {
      if (!item) {
        return;
      }
    }
    if (!good) {
      return;
    }
    if (!first) {
      out += ',';
    }
    first = false;
    out += '"';
    out += member.name; // a C++ identifier: nothing to escape
    out += "\":";
    if (!depth.template encode<item_type>(out, item, wrong)) {
      wrong.under(member.name);
      good = false;
    }
  });
  out += '}';
  return good;
}

template <class T>
bool encode_enum(std::string& out, T value, problem& wrong) {
  const char* name = nullptr;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>([&](auto enumerator) {
    if (enumerator.value == value) {
      name = enumerator.name;
    }
  });
  if (name == nullptr) {
    wrong.message = "holds no declared enumerator";
    return false;
  }
  return write_string(out, name);
}

template <class T>
bool decode_described(const boost::json::value& value, T& out, problem& wrong) {
  const auto* object = value.if_object();
  if (object == nullptr) {
    return expected("object", value, wrong);
  }
  constexpr std::size_t count = boost::mp11::mp_size<members_of<T>>::value;
  std::array<std::string_view, count> names;
  std::size_t index = 0;
  std::size_t found = 0;
  bool good = true;
  boost::mp11::mp_for_each<members_of<T>>([&](auto member) {
    if (!good) {
      return;
    }
    names[index++] = member.name;
    auto& item = member.of(out);
    using item_type = std::remove_cvref_t<decltype(item)>;
    if (const auto* given = object->if_contains(member.name)) {
      ++found;
      if (!decode(*given, item, wrong)) {
        wrong.under(member.name);
        good = false;
      }
    } else if constexpr (is_optional<item_type>) {
      item.reset();
    } else if constexpr (!is_declared_optional<T, decltype(member)>()) {
      good = missing_member(member.name, wrong);
    }
  });
  if (good && found != object->size()) {
    good = unknown_members(*object, names.data(), count, wrong);
  }
  return good;
}

template <class T>
bool decode_enum(const boost::json::value& value, T& out, problem& wrong) {
  const auto* text = value.if_string();
  if (text == nullptr) {
    return expected("string", value, wrong);
  }
  const std::string_view name(text->data(), text->size());
  bool found = false;
  std::string known;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>([&](auto enumerator) {
    if (name == enumerator.name) {
      out = enumerator.value;
      found = true;
    }
    known += known.empty() ? "" : ", ";
    known += enumerator.name;
  });
  return found || unknown_enumerator(name, known, wrong);
}

template <class Sequence>
bool decode_sequence(const boost::json::value& value, Sequence& out, problem& wrong) {
  const auto* array = value.if_array();
  if (array == nullptr) {
    return expected("array", value, wrong);
  }
  out.clear();
  for (std::size_t index = 0; index < array->size(); ++index) {
    typename Sequence::value_type item{};
    if (!decode((*array)[index], item, wrong)) {
      wrong.under(index);
      return false;
    }
    out.insert(out.end(), std::move(item));
  }
  return true;
}

template <class T, std::size_t N>
bool decode_array(const boost::json::value& value, std::array<T, N>& out, problem& wrong) {
  const auto* array = value.if_array();
  if (array == nullptr) {
    return expected("array", value, wrong);
  }
  if (array->size() != N) {
    wrong.message =
        "expected " + std::to_string(N) + " items, found " + std::to_string(array->size());
    return false;
  }
  for (std::size_t index = 0; index < N; ++index) {
    if (!decode((*array)[index], out[index], wrong)) {
      wrong.under(index);
      return false;
    }
  }
  return true;
}

template <class T>
bool decode_map(const boost::json::value& value, std::map<std::string, T>& out, problem& wrong) {
  const auto* object = value.if_object();
  if (object == nullptr) {
    return expected("object", value, wrong);
  }
  out.clear();
  for (const auto& member : *object) {
    const std::string_view key(member.key().data(), member.key().size());
    if (!decode(member.value(), out[std::string(key)], wrong)) {
      wrong.under(key);
      return false;
    }
  }
  return true;
}

/// Text that changes whenever JSON written before might no longer read back as the same state. `seen`
/// holds the types being described, for types that contain themselves.
template <class T>
void append_shape(std::string& out, std::vector<const void*>& seen);

template <class T>
inline constexpr char shape_identity = 0;

template <class T>
void append_described_shape(std::string& out, std::vector<const void*>& seen) {
  const void* self = &shape_identity<T>;
  for (std::size_t depth = 0; depth < seen.size(); ++depth) {
    if (seen[depth] == self) {
      out += '^' + std::to_string(depth);
      return;
    }
  }
  seen.push_back(self);
  out += '{';
  boost::mp11::mp_for_each<members_of<T>>([&](auto member) {
    out += member.name;
    out += ':';
    append_shape<typename decltype(member)::type>(out, seen);
    out += ';';
  });
  out += '}';
  seen.pop_back();
}

template <class T>
void append_shape(std::string& out, std::vector<const void*>& seen) {
  if constexpr (std::same_as<T, bool>) {
    out += 'b';
  } else if constexpr (std::integral<T>) {
    out += (std::is_signed_v<T> ? 'i' : 'u') + std::to_string(sizeof(T) * 8);
  } else if constexpr (std::floating_point<T>) {
    out += 'f' + std::to_string(sizeof(T) * 8);
  } else if constexpr (std::same_as<T, std::string>) {
    out += 's';
  } else if constexpr (is_optional<T>) {
    out += '?';
    append_shape<typename T::value_type>(out, seen);
  } else if constexpr (is_sequence<T> || is_array<T>) {
    out += '[';
    append_shape<typename T::value_type>(out, seen);
    if constexpr (is_array<T>) {
      out += std::to_string(std::tuple_size_v<T>);
    }
    out += ']';
  } else if constexpr (is_map<T>) {
    out += '<';
    append_shape<typename T::mapped_type>(out, seen);
    out += '>';
  } else if constexpr (described_enum<T>) {
    out += "e(";
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>([&](auto enumerator) {
      out += enumerator.name;
      out += ',';
    });
    out += ')';
  } else {
    append_described_shape<T>(out, seen);
  }
}

template <class T>
inline constexpr bool always_false = false;

} // namespace detail

namespace detail {

template <class T, class Depth>
bool encode_with(std::string& out, const T& value, problem& wrong, Depth depth) {
  if constexpr (std::same_as<T, bool>) {
    out += value ? "true" : "false";
    return true;
  } else if constexpr (std::integral<T>) {
    if constexpr (std::is_signed_v<T>) {
      write_integer(out, value);
    } else {
      write_unsigned(out, value);
    }
    return true;
  } else if constexpr (std::same_as<T, float> || std::same_as<T, double>) {
    return write_double(out, value) || not_finite(wrong);
  } else if constexpr (std::same_as<T, std::string>) {
    return write_string(out, value) || invalid_text(wrong);
  } else if constexpr (is_optional<T>) {
    static_assert(
        !is_optional<typename T::value_type>,
        "an optional that holds an optional comes back as another value: JSON has one null");
    if (value) {
      return depth.template encode<typename T::value_type>(out, *value, wrong);
    }
    out += "null";
    return true;
  } else if constexpr (is_sequence<T> || is_array<T>) {
    return encode_sequence(out, value, wrong, depth);
  } else if constexpr (is_map<T>) {
    return encode_map(out, value, wrong, depth);
  } else if constexpr (described_enum<T>) {
    return encode_enum(out, value, wrong);
  } else if constexpr (described<T>) {
    return encode_described(out, value, wrong, depth);
  } else {
    static_assert(always_false<T>,
                  "this type has no JSON form: describe it with BOOST_DESCRIBE_STRUCT "
                  "or BOOST_DESCRIBE_ENUM, or use one of the types in cairn/json.hpp");
  }
}

template <class T>
bool counted_depth::encode(std::string& out, const T& value, problem& wrong) const {
  return encode_with<T>(out, value, wrong, *this);
}

} // namespace detail

template <class T>
bool encode(std::string& out, const T& value, problem& wrong) {
  if constexpr (detail::depth_of<T>() <= depth_max) {
    return detail::encode_with<T>(out, value, wrong, detail::known_depth{});
  } else {
    return detail::encode_with<T>(out, value, wrong, detail::counted_depth{});
  }
}

template <class T>
bool decode(const boost::json::value& value, T& out, problem& wrong) {
  using namespace detail;
  if constexpr (std::same_as<T, bool>) {
    const bool* given = value.if_bool();
    if (given == nullptr) {
      return expected("boolean", value, wrong);
    }
    out = *given;
    return true;
  } else if constexpr (std::integral<T> && std::is_signed_v<T>) {
    std::int64_t number = 0;
    const bool good = decode_signed(value, std::numeric_limits<T>::min(),
                                    std::numeric_limits<T>::max(), number, wrong);
    out = static_cast<T>(number);
    return good;
  } else if constexpr (std::integral<T>) {
    std::uint64_t number = 0;
    const bool good = decode_unsigned(value, std::numeric_limits<T>::max(), number, wrong);
    out = static_cast<T>(number);
    return good;
  } else if constexpr (std::same_as<T, float> || std::same_as<T, double>) {
    double number = 0;
    const bool good = decode_double(value, std::numeric_limits<T>::max(), number, wrong);
    out = static_cast<T>(number);
    return good;
  } else if constexpr (std::same_as<T, std::string>) {
    const auto* text = value.if_string();
    if (text == nullptr) {
      return expected("string", value, wrong);
    }
    out.assign(text->data(), text->size());
    return true;
  } else if constexpr (is_optional<T>) {
    if (value.is_null()) {
      out.reset();
      return true;
    }
    typename T::value_type item{};
    const bool good = decode(value, item, wrong);
    out = std::move(item);
    return good;
  } else if constexpr (is_sequence<T>) {
    return decode_sequence(value, out, wrong);
  } else if constexpr (is_array<T>) {
    return decode_array(value, out, wrong);
  } else if constexpr (is_map<T>) {
    return decode_map(value, out, wrong);
  } else if constexpr (described_enum<T>) {
    return decode_enum(value, out, wrong);
  } else if constexpr (described<T>) {
    return decode_described(value, out, wrong);
  } else {
    static_assert(always_false<T>,
                  "this type has no JSON form: describe it with BOOST_DESCRIBE_STRUCT "
                  "or BOOST_DESCRIBE_ENUM, or use one of the types in cairn/json.hpp");
  }
}

namespace detail {

/// Can a value of `T` own memory beside itself?
template <class T>
consteval bool owns_memory() {
  if constexpr (std::same_as<T, std::string> || is_sequence<T> || is_map<T>) {
    return true;
  } else if constexpr (is_optional<T> || is_array<T>) {
    return owns_memory<typename T::value_type>();
  } else if constexpr (described<T>) {
    bool any = false;
    boost::mp11::mp_for_each<members_of<T>>(
        [&](auto member) { any = any || owns_memory<typename decltype(member)::type>(); });
    return any;
  } else {
    return false;
  }
}

} // namespace detail

/// Bytes of memory that `value` owns beside itself, about: texts, items of sequences and maps. Costs nothing for
/// a type that cannot own any.
template <class T>
std::size_t owned_bytes(const T& value) {
  constexpr std::size_t node_bytes = 32; // what a tree has for each item, about
  std::size_t bytes = 0;
  if constexpr (std::same_as<T, std::string>) {
    bytes = value.size();
  } else if constexpr (detail::is_map<T>) {
    for (const auto& [key, item] : value) {
      bytes += node_bytes + sizeof(key) + sizeof(item) + key.size() + owned_bytes(item);
    }
  } else if constexpr (detail::is_sequence<T> || detail::is_array<T>) {
    using item_type = typename T::value_type;
    if constexpr (detail::is_sequence<T>) {
      bytes = value.size() * sizeof(item_type);
    }
    if constexpr (detail::owns_memory<item_type>()) {
      for (const auto& item : value) {
        bytes += owned_bytes(item);
      }
    }
  } else if constexpr (detail::is_optional<T>) {
    bytes = value ? owned_bytes(*value) : 0;
  } else if constexpr (detail::described<T>) {
    boost::mp11::mp_for_each<detail::members_of<T>>(
        [&](auto member) { bytes += owned_bytes(member.of(value)); });
  }
  return bytes;
}

/// Names the shape of `T`'s JSON: members, their types and order, through all levels.
template <class T>
std::string shape() {
  std::string out;
  std::vector<const void*> seen;
  detail::append_shape<T>(out, seen);
  return out;
}

} // namespace cairn::json

namespace cairn {

/// A list of members, by pointer, so that a rename cannot break it.
template <auto... Members>
struct members {
  /// Is the reflected `Member` one of them?
  template <class Member>
  static constexpr bool contains() {
    return (Member::template is<Members>() || ...);
  }
};

} // namespace cairn
