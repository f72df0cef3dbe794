#include "persistence/format/json_slices.hpp"

#include <cairn/json.hpp>

#include <algorithm>
#include <charconv>
#include <set>

namespace cairn::persistence {

namespace {

constexpr std::string_view space = " \t\r\n";

bool is_plain(std::string_view text) noexcept {
  return std::none_of(text.begin(), text.end(), [](char byte) {
    return byte == '\\' || static_cast<unsigned char>(byte) < 0x20U;
  });
}

/// Size of the string that `text` begins with, quotes included; 0: it does not end.
std::size_t string_size(std::string_view text) noexcept {
  std::size_t at = 1;
  while (true) {
    at = text.find_first_of("\"\\", at);
    if (at == std::string_view::npos) return 0;
    if (text[at] == '"') return at + 1;
    at += 2;
  }
}

} // namespace

bool json_slices::fail(std::string_view reason) {
  if (reason_.empty()) reason_ = reason;
  return false;
}

std::string json_slices::problem() const {
  return path_.empty() ? reason_ : path_ + ": " + reason_;
}

void json_slices::skip_space() noexcept {
  left_.remove_prefix(std::min(left_.find_first_not_of(space), left_.size()));
}

bool json_slices::skip_if(char wanted) noexcept {
  skip_space();
  if (left_.empty() || left_.front() != wanted) return false;
  left_.remove_prefix(1);
  return true;
}

bool json_slices::expect(char wanted) {
  if (skip_if(wanted)) return true;
  return fail("expected " + std::string(1, wanted) + " at byte " +
              std::to_string(whole_.size() - left_.size()));
}

bool json_slices::end() {
  skip_space();
  return left_.empty() ||
         fail("extra data at byte " + std::to_string(whole_.size() - left_.size()));
}

bool json_slices::skip_null() {
  skip_space();
  if (!left_.starts_with("null")) return false;
  left_.remove_prefix(4);
  return true;
}

bool json_slices::boolean(bool& value) {
  skip_space();
  value = left_.starts_with("true");
  if (!value && !left_.starts_with("false")) return fail("expected true or false");
  left_.remove_prefix(value ? 4 : 5);
  return true;
}

bool json_slices::number(std::uint64_t& value) {
  skip_space();
  const auto* const end = left_.data() + left_.size();
  const auto read = std::from_chars(left_.data(), end, value);
  const auto size = static_cast<std::size_t>(read.ptr - left_.data());
  const bool whole =
      read.ptr == end || std::string_view(".eE").find(*read.ptr) == std::string_view::npos;
  const bool leading_zero = size > 1 && left_.front() == '0';
  if (read.ec != std::errc{} || !whole || leading_zero)
    return fail("expected integer from 0 to 18446744073709551615");
  left_.remove_prefix(size);
  return true;
}

bool json_slices::string_token(std::string_view& token) {
  skip_space();
  if (left_.empty() || left_.front() != '"') return fail("expected string");
  const std::size_t size = string_size(left_);
  if (size == 0) return fail("the string does not end");
  token = left_.substr(0, size);
  left_.remove_prefix(size);
  return true;
}

bool json_slices::text(std::string& value) {
  std::string_view token;
  if (!string_token(token)) return false;
  const auto inside = token.substr(1, token.size() - 2);
  if (is_plain(inside)) {
    value = inside;
    return json::is_utf8(inside) || fail("text is not valid UTF-8");
  }
  boost::json::value parsed;
  json::problem wrong;
  if (!json::parse(token, parsed, wrong)) return fail(wrong.text());
  value.assign(parsed.get_string().data(), parsed.get_string().size());
  return true;
}

/// Where the value that comes next ends, if it is valid: brackets and strings are all it looks at.
std::size_t json_slices::document_size() const noexcept {
  std::size_t at = 0;
  std::size_t depth = 0;
  while (at < left_.size()) {
    const char byte = left_[at];
    if (byte == '"') {
      const std::size_t size = string_size(left_.substr(at));
      at = size == 0 ? left_.size() : at + size;
    } else if (byte == '{' || byte == '[') {
      ++depth;
      ++at;
    } else if (byte == '}' || byte == ']') {
      if (depth == 0) return at;
      --depth;
      ++at;
    } else if (depth == 0 && (byte == ',' || space.find(byte) != std::string_view::npos)) {
      return at;
    } else {
      ++at;
      continue;
    }
    if (depth == 0) return at;
  }
  return at;
}

bool json_slices::document(std::string& bytes) {
  skip_space();
  bytes = left_.substr(0, document_size());
  boost::json::value parsed;
  json::problem wrong;
  if (!json::parse(bytes, parsed, wrong)) return fail(wrong.text());
  left_.remove_prefix(bytes.size());
  return true;
}

bool json_slices::array(const std::function<bool()>& item) {
  if (!expect('[')) return false;
  if (skip_if(']')) return true;
  const std::size_t parent = path_.size();
  for (std::size_t index = 0;; ++index) {
    path_ += '[' + std::to_string(index) + ']';
    if (!item()) return false;
    path_.resize(parent);
    if (skip_if(']')) return true;
    if (!expect(',')) return false;
  }
}

bool json_slices::members(const std::function<bool(std::string&)>& member) {
  if (!expect('{')) return false;
  if (skip_if('}')) return true;
  const std::size_t parent = path_.size();
  std::string name;
  while (true) {
    if (!text(name)) return false;
    path_.append(parent == 0 ? "" : ".").append(name);
    if (!expect(':') || !member(name)) return false;
    path_.resize(parent);
    if (skip_if('}')) return true;
    if (!expect(',')) return false;
  }
}

bool json_slices::any_object(const std::function<bool(std::string&)>& member) {
  std::set<std::string> seen;
  return members([&](std::string& name) {
    return seen.insert(name).second ? member(name) : fail("stands twice");
  });
}

bool json_slices::object(std::initializer_list<std::string_view> required,
                         std::initializer_list<std::string_view> optional,
                         const std::function<bool(std::string_view)>& member) {
  std::uint32_t seen = 0; // a bit for each name, required ones first
  const auto read = [&](std::string& name) {
    std::uint32_t bit = 1;
    for (const auto* list : {&required, &optional}) {
      for (const auto& known : *list) {
        if (name == known) {
          if ((seen & bit) != 0) return fail("stands twice");
          seen |= bit;
          return member(known);
        }
        bit <<= 1U;
      }
    }
    return unknown(name, required, optional);
  };
  if (!members(read)) return false;
  for (std::size_t i = 0; i < required.size(); ++i) {
    if ((seen >> i & 1U) != 0) continue;
    path_.append(path_.empty() ? "" : ".").append(required.begin()[i]);
    return fail("is missing");
  }
  return true;
}

bool json_slices::unknown(std::string_view name, std::initializer_list<std::string_view> required,
                          std::initializer_list<std::string_view> optional) {
  std::string known;
  for (const auto* list : {&required, &optional})
    for (const auto& item : *list) known.append(known.empty() ? "" : ", ").append(item);
  return fail("unknown field \"" + std::string(name.substr(0, 40)) +
              "\"; the fields are: " + known);
}

} // namespace cairn::persistence
