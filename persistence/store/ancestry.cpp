#include "persistence/store/ancestry.hpp"

#include "entities/bytes.hpp"
#include "persistence/format/chunk.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>

namespace cairn::persistence {

namespace {

constexpr std::uint64_t ancestry_format = 1;
constexpr std::uint64_t copy_flag = 1;
constexpr std::uint64_t relaxed_flag = 2;
constexpr std::size_t ancestry_sum_bytes = 8;

status unreadable_ancestry() {
  return damaged("damaged: the row of the journal's lineages does not match its checksum");
}

} // namespace

void ancestry::part_at(position_type end) {
  // What has no ancestor that is known has been this one from the start.
  parts.push_back({make_lineage(), parts.empty() ? 0 : end});
  is_copy = false;
}

std::string encode_ancestry(const ancestry& source) {
  std::string row(1, static_cast<char>(ancestry_format));
  row += static_cast<char>((source.is_copy ? copy_flag : 0) |
                           (source.may_lose_its_end ? relaxed_flag : 0));
  put_varint(row, source.parts.size());
  for (const auto& part : source.parts) {
    for (const unsigned char byte : part.lineage.bytes) row += static_cast<char>(byte);
    put_fixed64(row, part.from);
  }
  put_fixed64(row, XXH3_64bits(row.data(), row.size()));
  return row;
}

status decode_ancestry(std::string_view row, ancestry& found) {
  found = {};
  byte_reader in(row);
  const auto format = in.fixed(1);
  if (in.good() && format != ancestry_format) {
    return {journal_errc::unknown_format,
            "the row of the journal's lineages has format " + std::to_string(format) +
                "; this program knows format " + std::to_string(ancestry_format)};
  }
  if (row.size() < ancestry_sum_bytes) return unreadable_ancestry();
  const auto content = row.substr(0, row.size() - ancestry_sum_bytes);
  byte_reader sum(row.substr(content.size()));
  if (sum.fixed(8) != XXH3_64bits(content.data(), content.size())) return unreadable_ancestry();
  const auto flags = in.fixed(1);
  if ((flags & ~(copy_flag | relaxed_flag)) != 0) {
    return {journal_errc::unknown_format,
            "the row of the journal's lineages has flags that this program does not know"};
  }
  found.is_copy = (flags & copy_flag) != 0;
  found.may_lose_its_end = (flags & relaxed_flag) != 0;
  for (auto left = in.varint(); left > 0 && in.good(); --left) {
    auto& part = found.parts.emplace_back();
    const auto bytes = in.take(part.lineage.bytes.size());
    std::copy(bytes.begin(), bytes.end(), part.lineage.bytes.begin());
    part.from = in.fixed(8);
  }
  return in.good() && in.left() == ancestry_sum_bytes ? status{} : unreadable_ancestry();
}

} // namespace cairn::persistence
