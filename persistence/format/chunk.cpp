#include "persistence/format/chunk.hpp"

#include "entities/bytes.hpp"
#include "persistence/format/raw_bytes.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace cairn::persistence {

namespace {

// Format byte, number of changes (2 bytes), time of the first change (8 bytes).
constexpr std::size_t header_bytes = 11;
constexpr std::size_t checksum_bytes = 8;

// Flags of a change. A bit that is not listed is never set: to meet one is damage.
constexpr unsigned removes_flag = 1;
constexpr unsigned single_unit_flag = 2;  // a unit of its own: index and size are left out
constexpr unsigned first_change_flag = 4; // the entity's first: the previous position is left out
constexpr unsigned same_entity_flag = 8;  // as in the change before: the entity is left out
constexpr unsigned agenda_flag = 16;      // its events concern the agenda
constexpr unsigned known_flags = 31;

// Flags, and each number at its longest; entity and body come on top.
constexpr std::size_t change_overhead_max = 1 + 2 * 5 + 3 * varint_bytes_max + 2 * 5;

/// The position is the seed: a chunk that is found under another key does not check out.
std::uint64_t checksum(std::string_view bytes, position_type first) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), first);
}

status bad_change(position_type position, const std::string& what) {
  return damaged("damaged at position " + std::to_string(position) + ": " + what);
}

/// Takes changes apart; fails on the first contradiction.
class change_reader {
public:
  change_reader(std::string_view bytes, position_type position, std::int64_t time_us)
      : in_(bytes), position_(position), time_us_(static_cast<std::uint64_t>(time_us)) {}

  status next(record& change) {
    change.position = position_;
    const auto flags = static_cast<unsigned>(in_.fixed(1));
    if ((flags & ~known_flags) != 0) return bad_change(position_, "bad flags");
    change.removes = (flags & removes_flag) != 0;
    change.agenda = (flags & agenda_flag) != 0;
    if (!read_unit(flags, change)) return bad_change(position_, "bad unit");
    change.version = in_.varint();
    if (change.version == 0 || change.version > version_max)
      return bad_change(position_, "bad version");
    if (!read_previous(flags, change)) return bad_change(position_, "bad previous position");
    time_us_ += in_.varint(); // unsigned: bytes from disk must not lead to an overflow
    change.time_us = static_cast<std::int64_t>(time_us_);
    if ((flags & same_entity_flag) == 0) entity_ = in_.bytes();
    if (entity_.empty()) return bad_change(position_, "bad entity");
    change.entity = entity_;
    change.body = in_.bytes();
    if (!in_.good()) return bad_change(position_, "the change is cut off");
    ++position_;
    return {};
  }

  bool at_end() const noexcept { return in_.at_end(); }

private:
  bool read_unit(unsigned flags, record& change) {
    change.unit_index = 0;
    change.unit_size = 1;
    if ((flags & single_unit_flag) != 0) return true;
    const auto index = in_.varint();
    const auto size = in_.varint();
    if (size > UINT32_MAX || index >= size) return false;
    if (index > position_) return false; // the unit would begin before the journal
    change.unit_index = static_cast<std::uint32_t>(index);
    change.unit_size = static_cast<std::uint32_t>(size);
    return true;
  }

  bool read_previous(unsigned flags, record& change) {
    change.previous = no_position;
    const bool is_first = (flags & first_change_flag) != 0;
    if (is_first != (change.version == 1)) return false;
    if (is_first) return true;
    const auto distance = in_.varint();
    if (distance == 0 || distance > position_) return false;
    change.previous = position_ - distance;
    return true;
  }

  byte_reader in_;
  position_type position_;
  std::uint64_t time_us_;
  std::string_view entity_;
};

} // namespace

status damaged(std::string message) { return {journal_errc::damaged, std::move(message)}; }

void chunk_writer::start(position_type first) {
  first_ = first;
  count_ = 0;
  size_ = header_bytes;
  entity_.clear();
  reserve(chunk_bytes_max);
}

void chunk_writer::reserve(std::size_t bytes) {
  if (bytes_.size() < bytes) bytes_.resize(bytes);
}

bool chunk_writer::add(const record& change) {
  const auto needed = size_ + change_overhead_max + change.entity.size() + change.body.size();
  if (count_ != 0 && needed + checksum_bytes > chunk_bytes_max) return false;
  reserve(needed + checksum_bytes);

  const bool same_entity = count_ != 0 && change.entity == entity_;
  const bool single_unit = change.unit_size == 1;
  const bool first_change = change.previous == no_position;
  if (count_ == 0) {
    time_us_ = change.time_us;
    write_fixed64(bytes_.data() + 3, static_cast<std::uint64_t>(time_us_));
  }
  char* out = bytes_.data() + size_;
  *out++ =
      static_cast<char>((change.removes ? removes_flag : 0) | (single_unit ? single_unit_flag : 0) |
                        (first_change ? first_change_flag : 0) |
                        (same_entity ? same_entity_flag : 0) | (change.agenda ? agenda_flag : 0));
  if (!single_unit) {
    out = write_varint(out, change.unit_index);
    out = write_varint(out, change.unit_size);
  }
  out = write_varint(out, change.version);
  if (!first_change) out = write_varint(out, change.position - change.previous);
  out = write_varint(
      out, static_cast<std::uint64_t>(change.time_us) - static_cast<std::uint64_t>(time_us_));
  time_us_ = change.time_us;
  if (!same_entity) {
    out = write_text(out, change.entity);
    entity_.assign(change.entity);
  }
  out = write_text(out, change.body);
  size_ = static_cast<std::size_t>(out - bytes_.data());
  ++count_;
  return true;
}

std::string_view chunk_writer::finish() {
  bytes_[0] = static_cast<char>(chunk_format);
  bytes_[1] = static_cast<char>(count_ & 0xff);
  bytes_[2] = static_cast<char>(count_ >> 8);
  write_fixed64(bytes_.data() + size_, checksum({bytes_.data(), size_}, first_));
  return {bytes_.data(), size_ + checksum_bytes};
}

status chunk::decode(position_type first, std::string_view bytes) {
  first_ = first;
  records_.clear();
  const auto place = "damaged at position " + std::to_string(first) + ": the chunk ";
  if (bytes.size() < header_bytes + checksum_bytes)
    return damaged(place + "has only " + std::to_string(bytes.size()) + " bytes");
  byte_reader in(bytes);
  const auto format = in.fixed(1);
  if (format != chunk_format) {
    return {journal_errc::unknown_format, "the chunk at position " + std::to_string(first) +
                                              " has format " + std::to_string(format) +
                                              "; this program knows format " +
                                              std::to_string(chunk_format)};
  }
  const auto count = in.fixed(2);
  const auto time_us = static_cast<std::int64_t>(in.fixed(8));
  const auto changes = in.take(in.left() - checksum_bytes);
  if (in.fixed(8) != checksum(bytes.substr(0, bytes.size() - checksum_bytes), first)) {
    return damaged(place + "of " + std::to_string(bytes.size()) +
                   " bytes does not match its checksum");
  }
  if (count == 0) return damaged(place + "holds no change");
  return read_changes(changes, count, time_us);
}

status chunk::read_changes(std::string_view bytes, std::size_t count, std::int64_t time_us) {
  change_reader in(bytes, first_, time_us);
  for (std::size_t i = 0; i < count; ++i) {
    if (auto failure = in.next(records_.emplace_back()); !failure.ok()) {
      records_.clear();
      return failure;
    }
  }
  if (in.at_end()) return {};
  records_.clear();
  return damaged("damaged at position " + std::to_string(first_) +
                 ": the chunk holds more than its " + std::to_string(count) + " changes");
}

status unit_check::follow(const record& next) {
  const auto expected = left_ == 0 ? 0 : size_ - left_;
  if (next.unit_index != expected || (left_ != 0 && next.unit_size != size_)) {
    return bad_change(next.position,
                      "found change " + std::to_string(next.unit_index) + " of a unit of " +
                          std::to_string(next.unit_size) + " changes, expected change " +
                          std::to_string(expected) +
                          (left_ == 0 ? "" : " of a unit of " + std::to_string(size_)));
  }
  size_ = next.unit_size;
  left_ = next.unit_size - next.unit_index - 1;
  return {};
}

} // namespace cairn::persistence
