#pragma once

#include <cairn/detail/json/codec_of.hpp>

#include <boost/json/value.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// JSON of structs: members by name, enumerators by name, `std::optional` absent or null when empty, sequences and tuples
/// as arrays, maps as objects, a variant as an object of one member; docs/guide/types.md has them all. Numbers come back
/// to the bit. `json::form` gives a type of one's own a form.
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

bool encode(std::string& out, const void* value, const codec& codec, problem& wrong);
bool decode(const boost::json::value& value, void* out, const codec& codec, problem& wrong);
std::size_t owned_bytes(const void* value, const codec& codec);
std::string shape(const codec& codec);

} // namespace detail

/// Appends `value`. False: it holds text that is not UTF-8 or a number that is not finite, or it is deeper than
/// `depth_max`; `wrong` says where, and what was appended is to be thrown away.
template <class T>
bool encode(std::string& out, const T& value, problem& wrong) {
  return detail::encode(out, &value, detail::codec_of<T>(), wrong);
}

/// Reads `value` into `out`. False: it does not fit; `wrong` says where and what was expected and found,
/// and `out` is unspecified. Unknown members are errors.
template <class T>
bool decode(const boost::json::value& value, T& out, problem& wrong) {
  return detail::decode(value, &out, detail::codec_of<T>(), wrong);
}

/// Bytes of memory that `value` owns beside itself, about: texts, items of sequences and maps. Costs nothing for
/// a type that cannot own any.
template <class T>
std::size_t owned_bytes(const T& value) {
  if constexpr (detail::owns_memory<T>()) {
    return detail::owned_bytes(&value, detail::codec_of<T>());
  } else {
    return 0;
  }
}

/// Names the shape of `T`'s JSON: members, their types and order, through all levels. It changes whenever JSON written
/// before might no longer read back as the same state.
template <class T>
std::string shape() {
  return detail::shape(detail::codec_of<T>());
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
