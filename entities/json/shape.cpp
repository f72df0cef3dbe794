#include <cairn/json.hpp>

#include "entities/json/memory.hpp"

#include <algorithm>
#include <vector>

namespace cairn::json::detail {
namespace {

class shape_writer {
public:
  void write(const codec& of);

  std::string out;

private:
  /// Of a type that may hold itself: how far out it stands then.
  template <class Write>
  void write_once(const codec& of, Write write);
  void write_parts(const parts_codec& of, char begin, char end);
  void write_number(const codec& of, char letter) { out += letter + std::to_string(of.size * 8); }
  void write_duration(std::string_view name, const duration_codec& of);
  void write_map(const map_codec& of);
  void write_enumerators(const enumeration_codec& of);

  std::vector<const codec*> around_;
};

void shape_writer::write(const codec& of) {
  switch (of.kind) {
    case kind::boolean:
      out += 'b';
      return;
    case kind::float32:
    case kind::float64:
      return write_number(of, 'f');
    case kind::text:
      out += 's';
      return;
    case kind::enumeration:
      return write_enumerators(as<enumeration_codec>(of));
    case kind::optional:
      out += '?';
      return write(*as<optional_codec>(of).item);
    case kind::set:
      out += "set";
      [[fallthrough]];
    case kind::sequence:
      out += '[';
      write(*as<sequence_codec>(of).item);
      out += ']';
      return;
    case kind::array:
      out += '[';
      write(*as<array_codec>(of).item);
      out += std::to_string(as<array_codec>(of).count) + ']';
      return;
    case kind::map:
      return write_map(as<map_codec>(of));
    case kind::structure:
      return write_once(of, [&] { write_parts(as<parts_codec>(of), '{', '}'); });
    case kind::tuple:
      return write_parts(as<parts_codec>(of), '(', ')');
    case kind::variant:
      return write_parts(as<parts_codec>(of), '|', '|');
    case kind::duration:
      return write_duration("duration", as<duration_codec>(of));
    case kind::time:
      return write_duration("time", as<duration_codec>(of));
    case kind::own:
      return write_once(of, [&] {
        out.append(as<own_codec>(of).name) += '(';
        write(*as<own_codec>(of).stand_in);
        out += ')';
      });
    default:
      return write_number(of, is_signed(of.kind) ? 'i' : 'u');
  }
}

template <class Write>
void shape_writer::write_once(const codec& of, Write write) {
  const auto found = std::find(around_.begin(), around_.end(), &of);
  if (found != around_.end()) {
    out += '^' + std::to_string(found - around_.begin());
    return;
  }
  around_.push_back(&of);
  write();
  around_.pop_back();
}

void shape_writer::write_parts(const parts_codec& of, char begin, char end) {
  out += begin;
  for (std::size_t i = 0; i < of.count; ++i) {
    out += of.begin[i].name();
    out += of.begin[i].name().empty() ? "" : ":";
    write(*of.begin[i].codec);
    out += ';';
  }
  out += end;
}

void shape_writer::write_duration(std::string_view name, const duration_codec& of) {
  out.append(name) += '[' + std::to_string(of.numerator) + '/' + std::to_string(of.denominator);
  out += ']';
  write(*of.count);
}

void shape_writer::write_map(const map_codec& of) {
  out += '<';
  if (of.key->kind != kind::text) { // as all were once
    write(*of.key);
    out += ':';
  }
  write(*of.item);
  out += '>';
}

void shape_writer::write_enumerators(const enumeration_codec& of) {
  out += "e(";
  for (std::size_t i = 0; i < of.count; ++i) {
    out.append(of.begin[i].name()) += ',';
  }
  out += ')';
}

std::size_t owned_by_map(const void* value, const map_codec& of) {
  constexpr std::size_t node_bytes = 32; // what a tree has for each item, about
  std::size_t bytes = of.count(value) * (node_bytes + of.key->size + of.item->size);
  if (of.key->owns_memory || of.item->owns_memory) {
    const auto add = [&](const void* key, const void* item) {
      bytes += owned_bytes(key, *of.key) + owned_bytes(item, *of.item);
      return true;
    };
    of.each(value, visitor<const void*, const void*>(add));
  }
  return bytes;
}

std::size_t owned_by_sequence(const void* value, const sequence_codec& of) {
  std::size_t bytes = of.count(value) * of.item->size;
  if (of.item->owns_memory) {
    each_item(value, of, [&](const void* item) {
      bytes += owned_bytes(item, *of.item);
      return true;
    });
  }
  return bytes;
}

std::size_t owned_by_parts(const void* value, const structure_codec& of) {
  const located places(value, of);
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < of.count; ++i) {
    bytes += owned_bytes(places[i], *of.begin[i].codec);
  }
  return bytes;
}

std::size_t owned_by_array(const void* value, const array_codec& of) {
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < of.count; ++i) {
    bytes += owned_bytes(static_cast<const char*>(value) + i * of.item->size, *of.item);
  }
  return bytes;
}

std::size_t owned_by_own(const void* value, const own_codec& of) {
  if (of.owned_bytes != nullptr) {
    return of.owned_bytes(value);
  }
  std::size_t bytes = 0;
  const auto measure = [&](const void* stand_in) {
    bytes = owned_bytes(stand_in, *of.stand_in);
    return true;
  };
  of.show(value, visitor<const void*>(measure));
  return bytes;
}

} // namespace

std::string shape(const codec& codec) {
  shape_writer writer;
  writer.write(codec);
  return std::move(writer.out);
}

std::size_t owned_bytes(const void* value, const codec& codec) {
  if (!codec.owns_memory) {
    return 0;
  }
  switch (codec.kind) {
    case kind::text:
      return static_cast<const std::string*>(value)->size();
    case kind::optional: {
      const auto& maybe = as<optional_codec>(codec);
      const void* item = maybe.get(value);
      return item != nullptr ? owned_bytes(item, *maybe.item) : 0;
    }
    case kind::sequence:
    case kind::set:
      return owned_by_sequence(value, as<sequence_codec>(codec));
    case kind::array:
      return owned_by_array(value, as<array_codec>(codec));
    case kind::map:
      return owned_by_map(value, as<map_codec>(codec));
    case kind::structure:
    case kind::tuple:
      return owned_by_parts(value, as<structure_codec>(codec));
    case kind::variant: {
      const auto& variant = as<variant_codec>(codec);
      const std::size_t index = variant.index(value);
      return index < variant.count ? owned_bytes(variant.get(value), *variant.begin[index].codec)
                                   : 0;
    }
    case kind::own:
      return owned_by_own(value, as<own_codec>(codec));
    default:
      return 0;
  }
}

} // namespace cairn::json::detail
