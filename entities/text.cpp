#include "entities/text.hpp"

#include <cairn/detail/outcome.hpp>
#include <cairn/json.hpp>

#include <algorithm>
#include <utility>

namespace cairn {

namespace {

constexpr std::string_view ellipsis = "\xE2\x80\xA6";
constexpr std::string_view replacement = "\xEF\xBF\xBD";

/// No character is longer.
constexpr std::size_t character_bytes_max = 4;

bool continues_character(char byte) noexcept {
  return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
}

/// Of the well-formed character that `text` begins with; 0: there is none.
std::size_t character_bytes(std::string_view text) noexcept {
  for (std::size_t bytes = 1; bytes <= std::min(character_bytes_max, text.size()); ++bytes) {
    if (json::is_utf8(text.substr(0, bytes))) {
      return bytes;
    }
  }
  return 0;
}

/// A character that breaks off counts once, and so does each byte that begins none.
std::string repaired(std::string_view text) {
  std::string whole;
  while (!text.empty()) {
    const std::size_t good = utf8_prefix(text);
    whole.append(text.substr(0, good));
    text.remove_prefix(good);
    if (!text.empty()) {
      whole += replacement;
      text.remove_prefix(1);
      while (!text.empty() && continues_character(text.front())) {
        text.remove_prefix(1);
      }
    }
  }
  return whole;
}

} // namespace

std::size_t utf8_prefix(std::string_view text) noexcept {
  std::size_t good = 0;
  for (std::size_t bytes = 1; good < text.size() && bytes != 0; good += bytes) {
    bytes = character_bytes(text.substr(good));
  }
  return good;
}

void cut_text(std::string& text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) {
    return;
  }
  std::size_t end = bytes_max - ellipsis.size();
  while (end > 0 && continues_character(text[end])) {
    --end;
  }
  text.resize(end);
  text += ellipsis;
}

std::string text_for_people(std::string text) {
  if (text.size() > reason_bytes_max) {
    // A replacement is longer than what it stands for: the rest is not even looked at.
    text.resize(reason_bytes_max + character_bytes_max);
  }
  if (!json::is_utf8(text)) {
    text = repaired(text);
  }
  cut_text(text, reason_bytes_max);
  return text;
}

} // namespace cairn
