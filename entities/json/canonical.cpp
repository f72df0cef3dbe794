#include <cairn/detail/json/canonical.hpp>

#include "entities/json/keys.hpp"
#include "entities/json/memory.hpp"

#include <charconv>

namespace cairn::json::detail {
namespace {

class canonical_reader {
public:
  explicit canonical_reader(std::string_view text) noexcept
      : at_(text.data()), end_(text.data() + text.size()) {}

  bool at_end() const noexcept { return at_ == end_; }

  /// False: it is not canonical, and `out` is worth nothing.
  bool read(void* out, const codec& of);

private:
  bool read_deep(void* out, const codec& of);
  bool read_float(float& out) noexcept;
  bool read_double(double& out) noexcept;
  bool read_text(std::string_view& out) noexcept;
  bool read_optional(void* out, const optional_codec& of);
  bool read_structure(void* out, const structure_codec& of);
  bool read_tuple(void* out, const structure_codec& of);
  bool read_sequence(void* out, const sequence_codec& of);
  bool read_array(void* out, const array_codec& of);
  bool read_map(void* out, const map_codec& of);
  bool read_variant(void* out, const variant_codec& of);
  bool read_own(void* out, const own_codec& of);

  template <class Number>
  bool read_integer(void* out) noexcept;

  bool read_key_of(void* out, const codec& of) {
    std::string_view text;
    problem wrong;
    return read_text(text) && read_key(text, out, of, wrong);
  }

  bool skip(char byte) noexcept {
    const bool there = at_ != end_ && *at_ == byte;
    at_ += there ? 1 : 0;
    return there;
  }

  bool skip(std::string_view text) noexcept {
    const bool there =
        std::string_view(at_, static_cast<std::size_t>(end_ - at_)).starts_with(text);
    at_ += there ? text.size() : 0;
    return there;
  }

  /// A number that goes on after it was read is one of another kind.
  bool ends_number() const noexcept {
    return at_ == end_ || *at_ == ',' || *at_ == '}' || *at_ == ']';
  }

  const char* at_;
  const char* end_;
  std::size_t depth_ = 0;
};

bool canonical_reader::read(void* out, const codec& of) {
  switch (of.kind) {
    case kind::boolean: {
      const bool is_true = skip("true");
      store(out, is_true);
      return is_true || skip("false");
    }
    case kind::int64:
      return read_integer<std::int64_t>(out);
    case kind::float32: {
      float number = 0;
      const bool good = read_float(number);
      store(out, number);
      return good;
    }
    case kind::float64: {
      double number = 0;
      const bool good = read_double(number);
      store(out, number);
      return good;
    }
    case kind::text: {
      std::string_view text;
      const bool good = read_text(text);
      static_cast<std::string*>(out)->assign(text);
      return good;
    }
    case kind::enumeration:
      return read_key_of(out, of);
    case kind::optional:
      return read_optional(out, as<optional_codec>(of));
    case kind::duration:
    case kind::time:
      return read(out, *as<duration_codec>(of).count);
    case kind::own:
      return read_own(out, as<own_codec>(of));
    default:
      break;
  }
  if (is_integer(of.kind)) {
    return with_integer(of.kind, [&](auto zero) { return read_integer<decltype(zero)>(out); });
  }
  if (depth_ == read_depth_max) {
    return false; // `json::parse` says why
  }
  ++depth_;
  const bool good = read_deep(out, of);
  --depth_;
  return good;
}

/// What is an array or an object.
bool canonical_reader::read_deep(void* out, const codec& of) {
  switch (of.kind) {
    case kind::structure:
      return read_structure(out, as<structure_codec>(of));
    case kind::tuple:
      return read_tuple(out, as<structure_codec>(of));
    case kind::array:
      return read_array(out, as<array_codec>(of));
    case kind::map:
      return read_map(out, as<map_codec>(of));
    case kind::variant:
      return read_variant(out, as<variant_codec>(of));
    default:
      return read_sequence(out, as<sequence_codec>(of));
  }
}

template <class Number>
bool canonical_reader::read_integer(void* out) noexcept {
  const char* const digits = at_ + (at_ != end_ && *at_ == '-' ? 1 : 0);
  const bool zero_first = digits != end_ && *digits == '0';
  Number number{};
  const auto [past, failure] = std::from_chars(at_, end_, number);
  if (failure != std::errc{} || (zero_first && (past - digits > 1 || digits != at_))) {
    return false;
  }
  store(out, number);
  at_ = past;
  return ends_number();
}

/// Written as the double that it is.
bool canonical_reader::read_float(float& out) noexcept {
  double number = 0;
  const bool good = read_double(number) &&
                    std::fabs(number) <= static_cast<double>(std::numeric_limits<float>::max());
  out = good ? static_cast<float>(number) : 0;
  return good;
}

bool canonical_reader::read_double(double& out) noexcept {
  const char* const digits = at_ + (at_ != end_ && *at_ == '-' ? 1 : 0);
  const auto [past, failure] = std::from_chars(at_, end_, out);
  if (failure != std::errc{} || *digits < '0' || *digits > '9' || past[-1] < '0' ||
      past[-1] > '9') {
    return false;
  }
  if (*digits == '0' && (past == digits + 1 ? digits != at_ : digits[1] != '.')) {
    return false; // `01` is no number, and `-0` an integer
  }
  for (const char* each = digits; each != past; ++each) {
    if (*each == '.' && (each[1] < '0' || each[1] > '9')) {
      return false; // `1.e5`
    }
  }
  at_ = past;
  return ends_number();
}

bool canonical_reader::read_text(std::string_view& out) noexcept {
  if (!skip('"')) {
    return false;
  }
  const char* const begin = at_;
  bool ascii = true;
  for (; at_ != end_ && *at_ != '"'; ++at_) {
    const auto byte = static_cast<unsigned char>(*at_);
    if (byte == '\\' || byte < 0x20U) {
      return false;
    }
    ascii = ascii && byte < 0x80U;
  }
  out = {begin, static_cast<std::size_t>(at_ - begin)};
  return skip('"') && (ascii || is_utf8(out));
}

bool canonical_reader::read_optional(void* out, const optional_codec& of) {
  if (skip("null")) {
    of.reset(out);
    return true;
  }
  return read(of.emplace(out), *of.item);
}

bool canonical_reader::read_structure(void* out, const structure_codec& of) {
  if (!skip('{')) {
    return false;
  }
  const located places(out, of);
  bool first = true;
  for (std::size_t i = 0; i < of.count; ++i) {
    const part& member = of.begin[i];
    const codec& item = *member.codec;
    if (skip(first ? member.key.substr(1) : member.key)) {
      first = false;
      if (!read(places[i], item)) {
        return false;
      }
    } else if (item.kind == kind::optional) {
      as<optional_codec>(item).reset(places[i]); // an empty one is left out
    } else {
      return false;
    }
  }
  return skip('}');
}

bool canonical_reader::read_tuple(void* out, const structure_codec& of) {
  const located places(out, of);
  bool good = skip('[');
  for (std::size_t i = 0; good && i < of.count; ++i) {
    good = (i == 0 || skip(',')) && read(places[i], *of.begin[i].codec);
  }
  return good && skip(']');
}

bool canonical_reader::read_array(void* out, const array_codec& of) {
  bool good = skip('[');
  for (std::size_t i = 0; good && i < of.count; ++i) {
    good = (i == 0 || skip(',')) && read(static_cast<char*>(out) + i * of.item->size, *of.item);
  }
  return good && skip(']');
}

bool canonical_reader::read_sequence(void* out, const sequence_codec& of) {
  of.clear(out);
  if (!skip('[')) {
    return false;
  }
  if (skip(']')) {
    return true;
  }
  const auto read_into = [&](void* item) { return read(item, *of.item); };
  do {
    if (of.append != nullptr ? !read_into(of.append(out))
                             : !of.add(out, visitor<void*>(read_into))) {
      return false;
    }
  } while (skip(','));
  return skip(']');
}

bool canonical_reader::read_map(void* out, const map_codec& of) {
  of.clear(out);
  if (!skip('{')) {
    return false;
  }
  if (skip('}')) {
    return true;
  }
  const auto read_entry = [&](void* key, void* item) {
    return read_key_of(key, *of.key) && skip(':') && read(item, *of.item);
  };
  do {
    if (of.add(out, visitor<void*, void*>(read_entry)) != added::yes) {
      return false;
    }
  } while (skip(','));
  return skip('}');
}

bool canonical_reader::read_variant(void* out, const variant_codec& of) {
  std::string_view name;
  if (!skip('{') || !read_text(name) || !skip(':')) {
    return false;
  }
  const part* found = find_name(of.begin, of.count, name);
  return found != nullptr &&
         read(of.emplace(out, static_cast<std::size_t>(found - of.begin)), *found->codec) &&
         skip('}');
}

bool canonical_reader::read_own(void* out, const own_codec& of) {
  const auto read_into = [&](void* stand_in) { return read(stand_in, *of.stand_in); };
  return of.take(out, visitor<void*>(read_into)) == taken::yes;
}

} // namespace

bool read_canonical(std::string_view text, void* out, const codec& codec) {
  canonical_reader in(text);
  return in.read(out, codec) && in.at_end();
}

} // namespace cairn::json::detail
