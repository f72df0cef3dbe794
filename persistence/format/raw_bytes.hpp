#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

/// Numbers and texts written to memory that is known to be large enough; `entities/bytes.hpp` reads
/// them back. Source: docs/journal-format.md, section "Numbers".
namespace cairn::persistence {

inline constexpr std::size_t varint_bytes_max = 10;

/// Seven bits a byte, lowest first; the top bit says that more follow. Returns the end of what it
/// wrote.
inline char* write_varint(char* out, std::uint64_t value) {
  while (value >= 0x80) {
    *out++ = static_cast<char>(value | 0x80);
    value >>= 7;
  }
  *out++ = static_cast<char>(value);
  return out;
}

/// How many bytes `write_varint` writes.
inline std::size_t varint_bytes(std::uint64_t value) {
  return (static_cast<std::size_t>(std::bit_width(value | 1U)) + 6) / 7;
}

/// The bytes alone.
inline char* write_raw(char* out, std::string_view bytes) {
  if (!bytes.empty()) std::memcpy(out, bytes.data(), bytes.size());
  return out + bytes.size();
}

/// Length as a varint, then the bytes.
inline char* write_text(char* out, std::string_view text) {
  return write_raw(write_varint(out, text.size()), text);
}

/// Lowest byte first.
inline char* write_fixed64(char* out, std::uint64_t value) {
  for (int i = 0; i < 8; ++i) out[i] = static_cast<char>(value >> (8 * i));
  return out + 8;
}

/// Highest byte first: the bytes sort as the numbers do.
inline char* write_ordered64(char* out, std::uint64_t value) {
  for (int i = 0; i < 8; ++i) out[i] = static_cast<char>(value >> (56 - 8 * i));
  return out + 8;
}

/// Shape: at least 8 bytes.
inline std::uint64_t read_ordered64(std::string_view in) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 8; ++i) value = value << 8 | static_cast<std::uint8_t>(in[i]);
  return value;
}

} // namespace cairn::persistence
