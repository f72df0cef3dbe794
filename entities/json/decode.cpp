#include "entities/json/keys.hpp"
#include "entities/json/memory.hpp"
#include "entities/json/problems.hpp"

namespace cairn::json::detail {
namespace {

std::string_view text_of(const boost::json::string& text) { return {text.data(), text.size()}; }
std::string_view text_of(boost::json::string_view text) { return {text.data(), text.size()}; }

bool decode_signed(const boost::json::value& value, std::int64_t low, std::int64_t high,
                   std::int64_t& out, problem& wrong) {
  if (const auto* number = value.if_int64();
      number != nullptr && *number >= low && *number <= high) {
    out = *number;
    return true;
  }
  if (const auto* number = value.if_uint64();
      number != nullptr && *number <= static_cast<std::uint64_t>(high)) {
    out = static_cast<std::int64_t>(*number);
    return true;
  }
  if (value.is_int64() || value.is_uint64()) {
    return expected("integer from " + std::to_string(low) + " to " + std::to_string(high), value,
                    wrong);
  }
  return expected("integer", value, wrong);
}

bool decode_unsigned(const boost::json::value& value, std::uint64_t high, std::uint64_t& out,
                     problem& wrong) {
  if (const auto* number = value.if_int64();
      number != nullptr && *number >= 0 && static_cast<std::uint64_t>(*number) <= high) {
    out = static_cast<std::uint64_t>(*number);
    return true;
  }
  if (const auto* number = value.if_uint64(); number != nullptr && *number <= high) {
    out = *number;
    return true;
  }
  if (value.is_int64() || value.is_uint64()) {
    return expected("integer from 0 to " + std::to_string(high), value, wrong);
  }
  return expected("integer", value, wrong);
}

template <class Number>
bool decode_integer(const boost::json::value& value, void* out, problem& wrong) {
  using limits = std::numeric_limits<Number>;
  std::conditional_t<limits::is_signed, std::int64_t, std::uint64_t> number = 0;
  bool good = false;
  if constexpr (limits::is_signed) {
    good = decode_signed(value, limits::min(), limits::max(), number, wrong);
  } else {
    good = decode_unsigned(value, limits::max(), number, wrong);
  }
  store(out, static_cast<Number>(number));
  return good;
}

template <class Number>
bool decode_floating(const boost::json::value& value, void* out, problem& wrong) {
  double number = 0;
  if (const auto* given = value.if_double()) {
    number = *given;
  } else if (const auto* integer = value.if_int64()) {
    number = static_cast<double>(*integer);
  } else if (const auto* natural = value.if_uint64()) {
    number = static_cast<double>(*natural);
  } else {
    return expected("number", value, wrong);
  }
  if (std::fabs(number) > static_cast<double>(std::numeric_limits<Number>::max())) {
    wrong.message = "number " + describe(value).substr(sizeof("number ") - 1) + " is out of range";
    return false;
  }
  store(out, static_cast<Number>(number));
  return true;
}

class decoder {
public:
  explicit decoder(problem& wrong) noexcept : wrong_(wrong) {}

  bool read(const boost::json::value& value, void* out, const codec& of);

private:
  bool read_text(const boost::json::value& value, void* out);
  bool read_enumerator(const boost::json::value& value, void* out, const enumeration_codec& of);
  bool read_optional(const boost::json::value& value, void* out, const optional_codec& of);
  bool read_structure(const boost::json::value& value, void* out, const structure_codec& of);
  bool read_absent(void* out, const part& member);
  bool read_tuple(const boost::json::value& value, void* out, const structure_codec& of);
  bool read_sequence(const boost::json::value& value, void* out, const sequence_codec& of);
  bool read_array(const boost::json::value& value, void* out, const array_codec& of);
  bool read_map(const boost::json::value& value, void* out, const map_codec& of);
  bool read_variant(const boost::json::value& value, void* out, const variant_codec& of);
  bool read_own(const boost::json::value& value, void* out, const own_codec& of);
  bool know_all(const boost::json::object& object, const parts_codec& of);
  /// Null: it is none, or not of so many items.
  const boost::json::array* items_of(const boost::json::value& value, std::size_t count);

  bool read_item(const boost::json::array& items, std::size_t index, void* out, const codec& of) {
    if (!read(items[index], out, of)) {
      wrong_.under(index);
      return false;
    }
    return true;
  }

  problem& wrong_;
};

bool decoder::read(const boost::json::value& value, void* out, const codec& of) {
  switch (of.kind) {
    case kind::boolean: {
      const bool* given = value.if_bool();
      if (given == nullptr) {
        return expected("boolean", value, wrong_);
      }
      store(out, *given);
      return true;
    }
    case kind::float32:
      return decode_floating<float>(value, out, wrong_);
    case kind::float64:
      return decode_floating<double>(value, out, wrong_);
    case kind::text:
      return read_text(value, out);
    case kind::enumeration:
      return read_enumerator(value, out, as<enumeration_codec>(of));
    case kind::optional:
      return read_optional(value, out, as<optional_codec>(of));
    case kind::sequence:
    case kind::set:
      return read_sequence(value, out, as<sequence_codec>(of));
    case kind::array:
      return read_array(value, out, as<array_codec>(of));
    case kind::map:
      return read_map(value, out, as<map_codec>(of));
    case kind::structure:
      return read_structure(value, out, as<structure_codec>(of));
    case kind::tuple:
      return read_tuple(value, out, as<structure_codec>(of));
    case kind::variant:
      return read_variant(value, out, as<variant_codec>(of));
    case kind::duration:
    case kind::time:
      return read(value, out, *as<duration_codec>(of).count);
    case kind::own:
      return read_own(value, out, as<own_codec>(of));
    default:
      return with_integer(
          of.kind, [&](auto zero) { return decode_integer<decltype(zero)>(value, out, wrong_); });
  }
}

bool decoder::read_text(const boost::json::value& value, void* out) {
  const auto* text = value.if_string();
  if (text == nullptr) {
    return expected("string", value, wrong_);
  }
  static_cast<std::string*>(out)->assign(text_of(*text));
  return true;
}

bool decoder::read_enumerator(const boost::json::value& value, void* out,
                              const enumeration_codec& of) {
  const auto* text = value.if_string();
  return text != nullptr ? read_key(text_of(*text), out, of, wrong_)
                         : expected("string", value, wrong_);
}

bool decoder::read_optional(const boost::json::value& value, void* out, const optional_codec& of) {
  if (value.is_null()) {
    of.reset(out);
    return true;
  }
  return read(value, of.emplace(out), *of.item);
}

bool decoder::read_structure(const boost::json::value& value, void* out,
                             const structure_codec& of) {
  const auto* object = value.if_object();
  if (object == nullptr) {
    return expected("object", value, wrong_);
  }
  const located places(out, of);
  std::size_t found = 0;
  for (std::size_t i = 0; i < of.count; ++i) {
    const part& member = of.begin[i];
    const auto* given = object->if_contains(member.name());
    if (given == nullptr) {
      if (!read_absent(places[i], member)) {
        return false;
      }
      continue;
    }
    ++found;
    if (!read(*given, places[i], *member.codec)) {
      wrong_.under(member.name());
      return false;
    }
  }
  return found == object->size() || know_all(*object, of);
}

bool decoder::read_absent(void* out, const part& member) {
  if (member.codec->kind == kind::optional) {
    as<optional_codec>(*member.codec).reset(out);
    return true;
  }
  return member.may_be_absent || missing_member(member.name(), wrong_);
}

bool decoder::know_all(const boost::json::object& object, const parts_codec& of) {
  if (wrong_.lenient) {
    return true;
  }
  for (const auto& member : object) {
    const std::string_view key = text_of(member.key());
    if (find_name(of.begin, of.count, key) == nullptr) {
      return unknown_member(key, of, wrong_);
    }
  }
  return true;
}

const boost::json::array* decoder::items_of(const boost::json::value& value, std::size_t count) {
  const auto* array = value.if_array();
  if (array == nullptr) {
    expected("array", value, wrong_);
  } else if (array->size() != count) {
    wrong_count(count, array->size(), wrong_);
    return nullptr;
  }
  return array;
}

bool decoder::read_tuple(const boost::json::value& value, void* out, const structure_codec& of) {
  const auto* items = items_of(value, of.count);
  const located places(out, of);
  for (std::size_t i = 0; items != nullptr && i < of.count; ++i) {
    if (!read_item(*items, i, places[i], *of.begin[i].codec)) {
      return false;
    }
  }
  return items != nullptr;
}

bool decoder::read_array(const boost::json::value& value, void* out, const array_codec& of) {
  const auto* items = items_of(value, of.count);
  for (std::size_t i = 0; items != nullptr && i < of.count; ++i) {
    if (!read_item(*items, i, static_cast<char*>(out) + i * of.item->size, *of.item)) {
      return false;
    }
  }
  return items != nullptr;
}

bool decoder::read_sequence(const boost::json::value& value, void* out, const sequence_codec& of) {
  const auto* items = value.if_array();
  if (items == nullptr) {
    return expected("array", value, wrong_);
  }
  of.clear(out);
  std::size_t index = 0;
  const auto read_into = [&](void* item) { return read_item(*items, index, item, *of.item); };
  for (; index < items->size(); ++index) {
    if (of.append != nullptr ? !read_into(of.append(out))
                             : !of.add(out, visitor<void*>(read_into))) {
      return false;
    }
  }
  return true;
}

bool decoder::read_map(const boost::json::value& value, void* out, const map_codec& of) {
  const auto* object = value.if_object();
  if (object == nullptr) {
    return expected("object", value, wrong_);
  }
  of.clear(out);
  for (const auto& member : *object) {
    const std::string_view name = text_of(member.key());
    const auto read_entry = [&](void* key, void* item) {
      return read_key(name, key, *of.key, wrong_) && read(member.value(), item, *of.item);
    };
    const added result = of.add(out, visitor<void*, void*>(read_entry));
    if (result != added::yes) {
      if (result == added::twice) { // two texts may be one key, by the map's own comparison
        stands_twice(wrong_);
      }
      wrong_.under(name);
      return false;
    }
  }
  return true;
}

bool decoder::read_variant(const boost::json::value& value, void* out, const variant_codec& of) {
  const auto* object = value.if_object();
  if (object == nullptr) {
    return expected("object", value, wrong_);
  }
  if (object->size() != 1) {
    return not_one_alternative(object->size(), of, wrong_);
  }
  const auto& given = *object->begin();
  const std::string_view name = text_of(given.key());
  const part* found = find_name(of.begin, of.count, name);
  if (found == nullptr) {
    return unknown_alternative(name, of, wrong_);
  }
  void* const item = of.emplace(out, static_cast<std::size_t>(found - of.begin));
  if (!read(given.value(), item, *found->codec)) {
    wrong_.under(name);
    return false;
  }
  return true;
}

bool decoder::read_own(const boost::json::value& value, void* out, const own_codec& of) {
  const auto read_into = [&](void* stand_in) { return read(value, stand_in, *of.stand_in); };
  const taken result = of.take(out, visitor<void*>(read_into));
  return result == taken::yes ||
         (result == taken::refused && refused_form(describe(value), of.name, wrong_));
}

} // namespace

bool decode(const boost::json::value& value, void* out, const codec& codec, problem& wrong) {
  return decoder(wrong).read(value, out, codec);
}

} // namespace cairn::json::detail
