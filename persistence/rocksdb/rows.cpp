#include "persistence/rocksdb/rows.hpp"

#include "entities/bytes.hpp"
#include "persistence/format/chunk.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace cairn::persistence {

namespace {

constexpr std::uint8_t snapshot_row_format = 1;
constexpr std::size_t row_checksum_bytes = 8;
constexpr unsigned removed_flag = 1;

std::string printable(std::string_view key) {
  std::string text;
  for (const char c : key) text += static_cast<unsigned char>(c) < ' ' ? '?' : c;
  return text;
}

/// The key is the seed: a snapshot that is found under another key does not check out.
std::uint64_t checksum(std::string_view key, std::string_view content) {
  return XXH3_64bits_withSeed(content.data(), content.size(), XXH3_64bits(key.data(), key.size()));
}

} // namespace

status decode_position_key(std::string_view key, position_type& first) {
  if (key.size() != 8)
    return damaged("damaged: a chunk's key has " + std::to_string(key.size()) + " bytes, not 8");
  first = read_ordered64(key);
  return {};
}

head_row::head_row(const head& source) {
  char* out = bytes_.data();
  *out++ = static_cast<char>(source.removed ? removed_flag : 0);
  out = write_varint(out, source.version);
  out = write_varint(out, source.position);
  size_ = static_cast<std::size_t>(out - bytes_.data());
}

status decode_head_row(std::string_view entity, std::string_view row, head& found) {
  byte_reader in(row);
  const auto flags = static_cast<unsigned>(in.fixed(1));
  found.removed = (flags & removed_flag) != 0;
  found.version = in.varint();
  found.position = in.varint();
  if (in.good() && in.at_end() && (flags & ~removed_flag) == 0 && found.version != 0 &&
      found.version <= version_max)
    return {};
  return damaged("damaged: the head of " + printable(entity) + " cannot be read");
}

status check_head(std::string_view entity, const head& found, position_type end) {
  if (found.version == 0 || found.position < end) return {};
  return damaged("damaged: the head of " + printable(entity) + " is version " +
                 std::to_string(found.version) + " at position " + std::to_string(found.position) +
                 ", but the journal ends at position " + std::to_string(end));
}

status decode_checkpoint(std::string_view row, position_type& position) {
  byte_reader in(row);
  position = in.fixed(8);
  if (in.good() && in.at_end()) return {};
  return damaged("damaged: the checkpoint's position cannot be read");
}

status check_format(std::string_view row) {
  if (row == format_text) return {};
  constexpr std::string_view family = "cairn journal ";
  if (row.starts_with(family)) {
    return {journal_errc::unknown_format, "has format " + printable(row.substr(family.size())) +
                                              "; this program knows format " +
                                              std::string(format_text.substr(family.size()))};
  }
  return {journal_errc::not_a_journal, "holds a RocksDB database that is no journal"};
}

std::string snapshot_key(std::string_view entity, version_type version) {
  std::string key(entity.size() + 9, '\0');
  entity.copy(key.data(),
              entity.size()); // then a zero, so that no entity is the beginning of another
  write_ordered64(key.data() + entity.size() + 1, version);
  return key;
}

status decode_snapshot_key(std::string_view key, std::string_view& entity, version_type& version) {
  if (key.size() < 10 || key[key.size() - 9] != '\0')
    return damaged("damaged: the key of a snapshot cannot be read: " + printable(key));
  entity = key.substr(0, key.size() - 9);
  version = read_ordered64(key.substr(key.size() - 8));
  return {};
}

std::string encode_snapshot(std::string_view key, const snapshot& source) {
  std::string row(9, static_cast<char>(snapshot_row_format));
  write_fixed64(row.data() + 1, source.position);
  row += source.body;
  std::array<char, row_checksum_bytes> sum{};
  write_fixed64(sum.data(), checksum(key, row));
  row.append(sum.data(), sum.size());
  return row;
}

status decode_snapshot(std::string_view key, std::string_view row, snapshot& found) {
  if (auto failure = decode_snapshot_key(key, found.entity, found.version); !failure.ok())
    return failure;
  const auto place =
      "the snapshot of version " + std::to_string(found.version) + " of " + printable(found.entity);
  byte_reader in(row);
  const auto format = in.fixed(1);
  if (in.good() && format != snapshot_row_format) {
    return {journal_errc::unknown_format, place + " has format " + std::to_string(format) +
                                              "; this program knows format " +
                                              std::to_string(snapshot_row_format)};
  }
  found.position = in.fixed(8);
  if (in.good() && in.left() >= row_checksum_bytes) {
    found.body = in.take(in.left() - row_checksum_bytes);
    if (in.fixed(8) == checksum(key, row.substr(0, row.size() - row_checksum_bytes))) return {};
  }
  return damaged("damaged: " + place + " does not match its checksum");
}

} // namespace cairn::persistence
