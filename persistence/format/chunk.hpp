#pragma once

#include <cairn/detail/journal.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Source: docs/journal-format.md, section "Chunk".
namespace cairn::persistence {

/// A chunk is closed before it grows beyond this; only a single larger change makes a larger one.
/// Large enough that a key and its index entry cost little per change, small enough that reading
/// one change of an entity does not read much else.
inline constexpr std::size_t chunk_bytes_max = 16 * 1024;

/// First byte of every chunk that this version writes, and the only one that it reads.
inline constexpr std::uint8_t chunk_format = 1;

/// Puts consecutive changes into the bytes of one chunk.
class chunk_writer {
public:
  /// Begins an empty chunk whose first change will take position `first`.
  void start(position_type first);

  /// Adds `change` unless the chunk has no room for it; an empty chunk has room for any.
  /// Shape: position and previous are filled in, positions are consecutive, times do not decrease.
  bool add(const record& change);

  /// The finished bytes; they live until the next `start`.
  std::string_view finish();

  position_type first() const noexcept { return first_; }
  std::size_t count() const noexcept { return count_; }

private:
  void reserve(std::size_t bytes);

  std::vector<char> bytes_;
  std::size_t size_ = 0;
  position_type first_ = 0;
  std::size_t count_ = 0;
  std::int64_t time_us_ = 0;
  std::string entity_;
};

/// The changes of one stored chunk.
class chunk {
public:
  /// Checks and takes apart `bytes`, on which the records keep views.
  /// Errors: damaged, unknown_format; then the chunk is empty.
  status decode(position_type first, std::string_view bytes);

  const std::vector<record>& records() const noexcept { return records_; }
  position_type first() const noexcept { return first_; }
  position_type end() const noexcept { return first_ + records_.size(); }
  bool contains(position_type position) const noexcept {
    return position >= first_ && position < end();
  }
  /// Shape: `contains(position)`.
  const record& at(position_type position) const { return records_[position - first_]; }

private:
  status read_changes(std::string_view bytes, std::size_t count, std::int64_t time_us);

  position_type first_ = 0;
  std::vector<record> records_;
};

/// Watches that units follow each other whole, along consecutive records.
class unit_check {
public:
  /// Errors: damaged, when `next` neither begins a unit after a whole one nor continues the one
  /// before.
  status follow(const record& next);

  /// True when the last unit is whole.
  bool whole() const noexcept { return left_ == 0; }

private:
  std::uint32_t size_ = 0;
  std::uint32_t left_ = 0;
};

status damaged(std::string message);

} // namespace cairn::persistence
