#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// The few binary forms that records and snapshots are made of (docs/journal-format.md, "Numbers").
namespace cairn {

/// Little endian, 7 bits a byte, high bit set on all but the last.
inline void put_varint(std::string& out, std::uint64_t value) {
  while (value >= 0x80U) {
    out += static_cast<char>((value & 0x7FU) | 0x80U);
    value >>= 7U;
  }
  out += static_cast<char>(value);
}

/// A varint length and the bytes.
inline void put_bytes(std::string& out, std::string_view bytes) {
  put_varint(out, bytes.size());
  out += bytes;
}

inline void set_fixed32(char* at, std::uint32_t value) noexcept {
  for (int i = 0; i < 4; ++i) {
    at[i] = static_cast<char>(value >> (8U * static_cast<unsigned>(i)));
  }
}

inline void put_fixed64(std::string& out, std::uint64_t value) {
  for (int i = 0; i < 8; ++i) {
    out += static_cast<char>(value >> (8U * static_cast<unsigned>(i)));
  }
}

/// Reads what `put_…` wrote. Every take checks the bounds; after the first failure all give zeros and
/// `good()` is false.
class byte_reader {
public:
  explicit byte_reader(std::string_view bytes) noexcept : bytes_(bytes) {}

  std::uint64_t varint() noexcept {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (bytes_.empty()) {
        break;
      }
      const auto byte = static_cast<unsigned char>(bytes_.front());
      bytes_.remove_prefix(1);
      if (shift == 63 && byte > 1) {
        break;
      }
      value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
      if (byte < 0x80U) {
        return value;
      }
    }
    return fail();
  }

  std::uint64_t fixed(unsigned size) noexcept {
    if (bytes_.size() < size) {
      return fail();
    }
    std::uint64_t value = 0;
    for (unsigned i = 0; i < size; ++i) {
      value |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes_[i])) << (8U * i);
    }
    bytes_.remove_prefix(size);
    return value;
  }

  std::string_view take(std::uint64_t size) noexcept {
    if (bytes_.size() < size) {
      fail();
      return {};
    }
    const auto taken = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return taken;
  }

  std::string_view bytes() noexcept { return take(varint()); }

  bool good() const noexcept { return good_; }
  bool at_end() const noexcept { return bytes_.empty(); }
  std::size_t left() const noexcept { return bytes_.size(); }

private:
  std::uint64_t fail() noexcept {
    good_ = false;
    bytes_ = {};
    return 0;
  }

  std::string_view bytes_;
  bool good_ = true;
};

} // namespace cairn
