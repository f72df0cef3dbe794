#include "entities/json/keys.hpp"

#include "entities/json/memory.hpp"
#include "entities/json/problems.hpp"

#include <charconv>

namespace cairn::json::detail {
namespace {

bool write_integer_key(std::string& out, const void* key, kind of) {
  out += '"';
  if (is_signed(of)) {
    write_integer(out, static_cast<std::int64_t>(load_integer(key, of)));
  } else {
    write_unsigned(out, load_integer(key, of));
  }
  out += '"';
  return true;
}

template <class Number>
bool read_integer_key(std::string_view text, void* out, problem& wrong) {
  Number value{};
  const auto* const end = text.data() + text.size();
  const auto [past, failure] = std::from_chars(text.data(), end, value);
  const bool in_full = failure == std::errc{} && past == end;
  // What is read in full and is written otherwise has zeros or a sign too many.
  if (!in_full || std::to_string(value) != text) {
    return wrong_key(text,
                     "integer from " + std::to_string(std::numeric_limits<Number>::min()) + " to " +
                         std::to_string(std::numeric_limits<Number>::max()),
                     wrong);
  }
  store(out, value);
  return true;
}

} // namespace

bool write_key(std::string& out, const void* key, const codec& of, problem& wrong) {
  switch (of.kind) {
    case kind::text:
      return write_string(out, *static_cast<const std::string*>(key)) || invalid_text(wrong);
    case kind::enumeration: {
      const auto* found = enumerator_of(key, as<enumeration_codec>(of));
      return found != nullptr ? write_string(out, found->name()) : no_enumerator(wrong);
    }
    case kind::duration:
    case kind::time:
      return write_key(out, key, *as<duration_codec>(of).count, wrong);
    case kind::own: {
      const auto& own = as<own_codec>(of);
      const auto write = [&](const void* shown) {
        return write_key(out, shown, *own.stand_in, wrong);
      };
      return own.show(key, visitor<const void*>(write));
    }
    default:
      return write_integer_key(out, key, of.kind);
  }
}

bool read_key(std::string_view text, void* out, const codec& of, problem& wrong) {
  switch (of.kind) {
    case kind::text:
      static_cast<std::string*>(out)->assign(text);
      return true;
    case kind::enumeration: {
      const auto& one_of = as<enumeration_codec>(of);
      const auto* found = find_name(one_of.begin, one_of.count, text);
      if (found == nullptr) {
        return unknown_enumerator(text, one_of, wrong);
      }
      store_integer(out, one_of.underlying, found->value);
      return true;
    }
    case kind::duration:
    case kind::time:
      return read_key(text, out, *as<duration_codec>(of).count, wrong);
    case kind::own: {
      const auto& own = as<own_codec>(of);
      const auto read = [&](void* given) { return read_key(text, given, *own.stand_in, wrong); };
      const taken result = own.take(out, visitor<void*>(read));
      return result == taken::yes || (result == taken::refused &&
                                      refused_form('"' + std::string(text) + '"', own.name, wrong));
    }
    default:
      return with_integer(
          of.kind, [&](auto zero) { return read_integer_key<decltype(zero)>(text, out, wrong); });
  }
}

std::string key_text(const void* key, const codec& of) {
  if (of.kind == kind::text) {
    return *static_cast<const std::string*>(key);
  }
  std::string text;
  problem wrong;
  return write_key(text, key, of, wrong) ? text.substr(1, text.size() - 2) : "";
}

} // namespace cairn::json::detail
