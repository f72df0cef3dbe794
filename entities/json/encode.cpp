#include "entities/json/keys.hpp"
#include "entities/json/memory.hpp"
#include "entities/json/problems.hpp"

#include <algorithm>
#include <charconv>
#include <vector>

namespace cairn::json::detail {
namespace {

class encoder {
public:
  encoder(std::string& out, problem& wrong) noexcept : out_(out), wrong_(wrong) {}

  /// The outermost value; nearly always a struct.
  bool write_whole(const void* value, const codec& of) {
    if (of.kind != kind::structure) {
      return write(value, of);
    }
    --left_;
    return write_structure(value, as<structure_codec>(of));
  }

private:
  bool write(const void* value, const codec& of);
  bool write_shallow(const void* value, const codec& of);
  bool write_structure(const void* value, const structure_codec& of);
  bool write_tuple(const void* value, const structure_codec& of);
  bool write_sequence(const void* value, const sequence_codec& of);
  bool write_array(const void* value, const array_codec& of);
  bool write_map(const void* value, const map_codec& of);
  bool write_variant(const void* value, const variant_codec& of);
  bool write_own(const void* value, const own_codec& of);
  bool write_enumerator(const void* value, const enumeration_codec& of);
  bool write_item(const void* value, const codec& of, std::size_t index);
  bool write_entry(const void* key, const void* item, const map_codec& of);

  template <class Each>
  bool write_sorted(Each each);

  std::string& out_;
  problem& wrong_;
  std::size_t left_ = depth_max;
};

bool encoder::write(const void* value, const codec& of) {
  switch (of.kind) {
    case kind::boolean:
      out_ += load<bool>(value) ? "true" : "false";
      return true;
    case kind::int32:
      write_integer(out_, load<std::int32_t>(value));
      return true;
    case kind::int64:
      write_integer(out_, load<std::int64_t>(value));
      return true;
    case kind::int8:
    case kind::int16:
      write_integer(out_, static_cast<std::int64_t>(load_integer(value, of.kind)));
      return true;
    case kind::uint8:
    case kind::uint16:
    case kind::uint32:
    case kind::uint64:
      write_unsigned(out_, load_integer(value, of.kind));
      return true;
    case kind::float32:
      return write_double(out_, load<float>(value)) || not_finite(wrong_);
    case kind::float64:
      return write_double(out_, load<double>(value)) || not_finite(wrong_);
    case kind::text:
      return write_string(out_, *static_cast<const std::string*>(value)) || invalid_text(wrong_);
    case kind::enumeration:
      return write_enumerator(value, as<enumeration_codec>(of));
    case kind::optional: {
      const auto& maybe = as<optional_codec>(of);
      const void* item = maybe.get(value);
      if (item == nullptr) {
        out_ += "null";
        return true;
      }
      return write(item, *maybe.item);
    }
    case kind::duration:
    case kind::time:
      return write(value, *as<duration_codec>(of).count);
    case kind::own:
      return write_own(value, as<own_codec>(of));
    default: {
      if (left_ == 0) {
        return too_deep(wrong_);
      }
      --left_;
      const bool good = write_shallow(value, of);
      ++left_;
      return good;
    }
  }
}

/// What is an array or an object.
bool encoder::write_shallow(const void* value, const codec& of) {
  switch (of.kind) {
    case kind::structure:
      return write_structure(value, as<structure_codec>(of));
    case kind::tuple:
      return write_tuple(value, as<structure_codec>(of));
    case kind::array:
      return write_array(value, as<array_codec>(of));
    case kind::map:
      return write_map(value, as<map_codec>(of));
    case kind::variant:
      return write_variant(value, as<variant_codec>(of));
    default:
      return write_sequence(value, as<sequence_codec>(of));
  }
}

bool encoder::write_structure(const void* value, const structure_codec& of) {
  const located places(value, of);
  bool first = true;
  out_ += '{';
  for (std::size_t i = 0; i < of.count; ++i) {
    const part& member = of.begin[i];
    const codec& item = *member.codec;
    if (item.kind == kind::optional && as<optional_codec>(item).get(places[i]) == nullptr) {
      continue;
    }
    out_.append(first ? member.key.substr(1) : member.key);
    first = false;
    if (item.kind == kind::int64) { // most members
      write_integer(out_, load<std::int64_t>(places[i]));
    } else if (!write(places[i], item)) {
      wrong_.under(member.name());
      return false;
    }
  }
  out_ += '}';
  return true;
}

bool encoder::write_item(const void* value, const codec& of, std::size_t index) {
  if (index != 0) {
    out_ += ',';
  }
  if (!write(value, of)) {
    wrong_.under(index);
    return false;
  }
  return true;
}

bool encoder::write_tuple(const void* value, const structure_codec& of) {
  const located places(value, of);
  out_ += '[';
  for (std::size_t i = 0; i < of.count; ++i) {
    if (!write_item(places[i], *of.begin[i].codec, i)) {
      return false;
    }
  }
  out_ += ']';
  return true;
}

bool encoder::write_array(const void* value, const array_codec& of) {
  out_ += '[';
  for (std::size_t i = 0; i < of.count; ++i) {
    if (!write_item(static_cast<const char*>(value) + i * of.item->size, *of.item, i)) {
      return false;
    }
  }
  out_ += ']';
  return true;
}

bool encoder::write_sequence(const void* value, const sequence_codec& of) {
  out_ += '[';
  std::size_t index = 0;
  const bool good =
      of.ordered ? each_item(value, of,
                             [&](const void* item) { return write_item(item, *of.item, index++); })
                 : write_sorted([&](auto take) {
                     return each_item(value, of, [&](const void* item) {
                       return write_item(item, *of.item, 0) && take();
                     });
                   });
  out_ += ']';
  return good;
}

bool encoder::write_entry(const void* key, const void* item, const map_codec& of) {
  if (!write_key(out_, key, *of.key, wrong_)) {
    return false;
  }
  out_ += ':';
  if (!write(item, *of.item)) {
    wrong_.under(key_text(key, *of.key));
    return false;
  }
  return true;
}

bool encoder::write_map(const void* value, const map_codec& of) {
  out_ += '{';
  bool first = true;
  const auto in_order = [&](const void* key, const void* item) {
    if (!first) {
      out_ += ',';
    }
    first = false;
    return write_entry(key, item, of);
  };
  const bool good = of.ordered ? of.each(value, visitor<const void*, const void*>(in_order))
                               : write_sorted([&](auto take) {
                                   const auto one = [&](const void* key, const void* item) {
                                     return write_entry(key, item, of) && take();
                                   };
                                   return of.each(value, visitor<const void*, const void*>(one));
                                 });
  out_ += '}';
  return good;
}

/// What has no order of its own is written in that of its texts, so that equal values are written alike. `each` writes
/// one after the other, and calls what it is given behind each.
template <class Each>
bool encoder::write_sorted(Each each) {
  const std::size_t begin = out_.size();
  std::vector<std::string> texts;
  const bool good = each([&] {
    texts.push_back(out_.substr(begin));
    out_.resize(begin);
    return true;
  });
  std::sort(texts.begin(), texts.end());
  for (const auto& text : texts) {
    out_.append(out_.size() == begin ? "" : ",").append(text);
  }
  return good;
}

bool encoder::write_variant(const void* value, const variant_codec& of) {
  const std::size_t index = of.index(value);
  if (index >= of.count) {
    return no_alternative(wrong_);
  }
  const part& alternative = of.begin[index];
  out_ += '{';
  out_.append(alternative.key.substr(1));
  if (!write(of.get(value), *alternative.codec)) {
    wrong_.under(alternative.name());
    return false;
  }
  out_ += '}';
  return true;
}

bool encoder::write_own(const void* value, const own_codec& of) {
  const auto show = [&](const void* stand_in) { return write(stand_in, *of.stand_in); };
  return of.show(value, visitor<const void*>(show));
}

bool encoder::write_enumerator(const void* value, const enumeration_codec& of) {
  const enumerator* found = enumerator_of(value, of);
  return found != nullptr ? write_string(out_, found->name()) : no_enumerator(wrong_);
}

} // namespace

bool encode(std::string& out, const void* value, const codec& codec, problem& wrong) {
  return encoder(out, wrong).write_whole(value, codec);
}

} // namespace cairn::json::detail
