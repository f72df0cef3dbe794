#include "gateway/http/target.hpp"

#include <algorithm>

namespace cairn::http {

namespace {

int digit_of(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool decode(std::string_view text, bool plus_is_space, std::string& decoded) {
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      if (text.size() - i < 3) return false;
      const int high = digit_of(text[i + 1]);
      const int low = digit_of(text[i + 2]);
      if (high < 0 || low < 0) return false;
      c = static_cast<char>(high * 16 + low);
      i += 2;
    } else if (c == '+' && plus_is_space) {
      c = ' ';
    }
    if (c == '\0') return false;
    decoded += c;
  }
  return true;
}

/// Takes what is in front of `mark` from `rest`, and the mark too.
std::string_view take_until(std::string_view& rest, char mark) {
  const auto end = std::min(rest.find(mark), rest.size());
  const auto taken = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return taken;
}

bool parse_query(std::string_view text, target& parsed) {
  while (!text.empty()) {
    auto value = take_until(text, '&');
    const auto name = take_until(value, '=');
    if (name.empty()) continue;
    auto& [decoded_name, decoded_value] = parsed.query.emplace_back();
    if (!decode(name, true, decoded_name) || !decode(value, true, decoded_value)) return false;
  }
  return true;
}

bool is_unreserved(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

} // namespace

bool parse_target(std::string_view text, target& parsed) {
  if (text.empty() || text.front() != '/') return false;
  auto path = take_until(text, '?');
  path.remove_prefix(1);
  while (!path.empty()) {
    const bool has_more = path.find('/') != std::string_view::npos;
    if (!decode(take_until(path, '/'), false, parsed.segments.emplace_back())) return false;
    if (path.empty() && has_more) parsed.segments.emplace_back(); // it ends with a slash
  }
  return parse_query(text, parsed);
}

void append_escaped(std::string& out, std::string_view text) {
  constexpr char digits[] = "0123456789ABCDEF";
  for (const char c : text) {
    if (is_unreserved(c)) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += {'%', digits[byte >> 4U], digits[byte & 15U]};
    }
  }
}

} // namespace cairn::http
