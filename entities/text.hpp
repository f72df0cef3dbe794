#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cairn {

/// Of the front of `text`, how many bytes are well-formed UTF-8.
std::size_t utf8_prefix(std::string_view text) noexcept;

/// Cuts `text` between two characters, so that it has `bytes_max` bytes at most with the ellipsis behind it.
/// Shape: `bytes_max` has room for an ellipsis, 3 bytes.
void cut_text(std::string& text, std::size_t bytes_max);

/// What is fit to be journaled and sent of a text for people that comes from anywhere, as a reason or what an exception
/// says: U+FFFD stands for what is not UTF-8, and it has `reason_bytes_max` bytes at most.
std::string text_for_people(std::string text);

} // namespace cairn
