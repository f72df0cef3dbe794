#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

/// Tables that say how values of a type lie in memory and in JSON. What walks them is no template: it is in entities/json/.
namespace cairn::json::detail {

enum class kind : std::uint8_t {
  boolean,
  int8,
  int16,
  int32,
  int64,
  uint8,
  uint16,
  uint32,
  uint64,
  float32,
  float64,
  text,
  enumeration,
  optional,
  sequence,
  set,
  array,
  map,
  structure,
  tuple, // `std::pair` too
  variant,
  duration,
  time,
  own, // by `form`
  none,
};

/// A callable of the caller's, borrowed for one call; false stops.
template <class... Arguments>
class visitor {
public:
  template <class Callable>
  explicit visitor(const Callable& callable) noexcept
      : callable_(&callable), call_([](const void* self, Arguments... arguments) -> bool {
          return (*static_cast<const Callable*>(self))(arguments...);
        }) {}

  bool operator()(Arguments... arguments) const { return call_(callable_, arguments...); }

private:
  const void* callable_;
  bool (*call_)(const void*, Arguments...);
};

/// What became of an item of a map: read and added, not read, or its key was there.
enum class added : std::uint8_t { yes, no, twice };

/// What became of a type's own form: read and taken, not read, or it stands for no value.
enum class taken : std::uint8_t { yes, no, refused };

struct codec {
  detail::kind kind;
  bool owns_memory;
  std::size_t size; ///< Of a value, as `sizeof` has it.
};

/// A member of a struct, a part of a tuple, an alternative of a variant.
struct part {
  std::string_view key; ///< As it is written: `,"name":`; none in a tuple.
  const detail::codec* codec;
  bool may_be_absent = false; ///< Declared so: it keeps the value that it has.

  static constexpr std::size_t around_name = 2;
  constexpr std::string_view name() const noexcept {
    return key.empty() ? key : key.substr(around_name, key.size() - 2 * around_name);
  }
};

struct parts_codec : codec {
  const part* begin;
  std::size_t count;
};

inline constexpr std::size_t parts_max = 64;

/// Of structs and tuples.
struct structure_codec : parts_codec {
  void (*locate)(void* value, void** parts); ///< Where each part lies.
};

struct variant_codec : parts_codec {
  std::size_t (*index)(const void* value);
  const void* (*get)(const void* value);
  void* (*emplace)(void* value, std::size_t index);
};

struct enumerator {
  std::string_view text;
  std::uint64_t value; ///< Signed ones are extended.

  constexpr std::string_view name() const noexcept { return text; }
};

struct enumeration_codec : codec {
  detail::kind underlying;
  const enumerator* begin;
  std::size_t count;
};

struct optional_codec : codec {
  const detail::codec* item;
  const void* (*get)(const void* value); ///< Null: it is empty.
  void* (*emplace)(void* value);
  void (*reset)(void* value);
};

/// Of sequences and sets.
struct sequence_codec : codec {
  const detail::codec* item;
  bool ordered; ///< Its own order is always the same.
  std::size_t (*count)(const void* value);
  const void* (*data)(const void* value); ///< Null: its items do not lie side by side.
  bool (*each)(const void* value, visitor<const void*> visit); ///< Null where `data` is not.
  void (*clear)(void* value);
  void* (*append)(void* value);                  ///< Null: items are added when they are read.
  bool (*add)(void* value, visitor<void*> read); ///< Null where `append` is not.
};

struct array_codec : codec {
  const detail::codec* item;
  std::size_t count;
};

struct map_codec : codec {
  const detail::codec* key;
  const detail::codec* item;
  bool ordered;
  std::size_t (*count)(const void* value);
  bool (*each)(const void* value, visitor<const void*, const void*> visit);
  void (*clear)(void* value);
  added (*add)(void* value, visitor<void*, void*> read);
};

/// A duration or a time lies in memory as its count does.
struct duration_codec : codec {
  const detail::codec* count;
  std::intmax_t numerator; ///< Of a second, which one of the count is.
  std::intmax_t denominator;
};

struct own_codec : codec {
  std::string_view name;
  const detail::codec* stand_in;
  bool (*show)(const void* value, visitor<const void*> visit);
  taken (*take)(void* value, visitor<void*> read);
  std::size_t (*owned_bytes)(const void* value); ///< Null: what stands for it is measured.
};

} // namespace cairn::json::detail
