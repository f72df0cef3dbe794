#include <cairn/json.hpp>

#include <charconv>
#include <cmath>
#include <iterator>

namespace cairn::json {

bool is_utf8(std::string_view text) noexcept {
  const auto* at = reinterpret_cast<const unsigned char*>(text.data());
  const auto* const end = at + text.size();
  const auto continues = [](unsigned char byte) { return (byte & 0xC0U) == 0x80U; };
  while (at != end) {
    const unsigned char first = *at++;
    if (first < 0x80U) {
      continue;
    }
    int more = 0;
    unsigned char low = 0x80U;
    unsigned char high = 0xBFU;
    if (first >= 0xC2U && first <= 0xDFU) {
      more = 1;
    } else if (first >= 0xE0U && first <= 0xEFU) {
      more = 2;
      low = first == 0xE0U ? 0xA0U : low;   // no overlong form
      high = first == 0xEDU ? 0x9FU : high; // no surrogate
    } else if (first >= 0xF0U && first <= 0xF4U) {
      more = 3;
      low = first == 0xF0U ? 0x90U : low;
      high = first == 0xF4U ? 0x8FU : high; // not beyond U+10FFFF
    } else {
      return false;
    }
    if (end - at < more || *at < low || *at > high) {
      return false;
    }
    for (++at; --more > 0; ++at) {
      if (!continues(*at)) {
        return false;
      }
    }
  }
  return true;
}

bool write_string(std::string& out, std::string_view text) {
  if (!is_utf8(text)) {
    return false;
  }
  static constexpr char digits[] = "0123456789abcdef";
  out += '"';
  std::size_t plain = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte >= 0x20U && byte != '"' && byte != '\\') {
      continue;
    }
    out.append(text, plain, i - plain);
    plain = i + 1;
    switch (byte) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        out += "\\u00";
        out += digits[byte >> 4U];
        out += digits[byte & 15U];
    }
  }
  out.append(text, plain);
  out += '"';
  return true;
}

namespace {

template <class Number>
void append_number(std::string& out, Number value) {
  char buffer[32];
  const auto end = std::to_chars(std::begin(buffer), std::end(buffer), value);
  out.append(buffer, end.ptr);
}

} // namespace

void write_integer(std::string& out, std::int64_t value) { append_number(out, value); }

void write_unsigned(std::string& out, std::uint64_t value) { append_number(out, value); }

bool write_double(std::string& out, double value) {
  if (!std::isfinite(value)) {
    return false;
  }
  if (value == 0) {
    out += std::signbit(value) ? "-0.0" : "0"; // "-0" would read back as the integer 0
    return true;
  }
  append_number(out, value);
  return true;
}

void write(std::string& out, const boost::json::value& value) {
  switch (value.kind()) {
    case boost::json::kind::null:
      out += "null";
      return;
    case boost::json::kind::bool_:
      out += value.get_bool() ? "true" : "false";
      return;
    case boost::json::kind::int64:
      write_integer(out, value.get_int64());
      return;
    case boost::json::kind::uint64:
      write_unsigned(out, value.get_uint64());
      return;
    case boost::json::kind::double_:
      if (!write_double(out, value.get_double())) {
        out += "null"; // JSON has no other; `parse` lets none in
      }
      return;
    case boost::json::kind::string:
      if (!write_string(out, {value.get_string().data(), value.get_string().size()})) {
        out += "null";
      }
      return;
    case boost::json::kind::array: {
      char before = '[';
      for (const auto& item : value.get_array()) {
        out += before;
        write(out, item);
        before = ',';
      }
      out += value.get_array().empty() ? "[]" : "]";
      return;
    }
    case boost::json::kind::object: {
      char before = '{';
      for (const auto& member : value.get_object()) {
        out += before;
        write_string(out, {member.key().data(), member.key().size()});
        out += ':';
        write(out, member.value());
        before = ',';
      }
      out += value.get_object().empty() ? "{}" : "}";
      return;
    }
  }
}

std::string describe(const boost::json::value& value) {
  constexpr std::size_t shown_max = 40;
  std::string text;
  switch (value.kind()) {
    case boost::json::kind::null:
      return "null";
    case boost::json::kind::bool_:
      text = "boolean ";
      break;
    case boost::json::kind::int64:
    case boost::json::kind::uint64:
      text = "integer ";
      break;
    case boost::json::kind::double_:
      text = "number ";
      break;
    case boost::json::kind::string:
      text = "string ";
      if (value.get_string().size() > shown_max) {
        return text + "of " + std::to_string(value.get_string().size()) + " bytes";
      }
      break;
    case boost::json::kind::array:
      return "array";
    case boost::json::kind::object:
      return "object";
  }
  const std::size_t start = text.size();
  write(text, value);
  if (value.is_double() && text.find_first_of(".e", start) == std::string::npos) {
    text += ".0"; // so that "expected integer, found number 1.0" makes sense
  }
  return text;
}

} // namespace cairn::json
