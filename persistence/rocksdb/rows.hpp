#pragma once

#include <cairn/detail/journal.hpp>

#include "persistence/format/raw_bytes.hpp"

#include <array>
#include <string>
#include <string_view>

/// Keys and values in RocksDB. Source: docs/journal-format.md, section "Rows".
namespace cairn::persistence {

/// Key of a chunk: sorts by position.
class position_key {
public:
  explicit position_key(position_type first) { write_ordered64(bytes_.data(), first); }
  std::string_view text() const { return {bytes_.data(), bytes_.size()}; }

private:
  std::array<char, 8> bytes_;
};

/// Errors: damaged.
status decode_position_key(std::string_view key, position_type& first);

/// Row of `heads`; its key is the entity.
class head_row {
public:
  explicit head_row(const head& source);
  std::string_view text() const { return {bytes_.data(), size_}; }

private:
  std::array<char, 1 + 2 * varint_bytes_max> bytes_;
  std::size_t size_;
};

/// Errors: damaged.
status decode_head_row(std::string_view entity, std::string_view row, head& found);

/// Errors: damaged, when a head lies at or beyond `end`, where the journal ends.
status check_head(std::string_view entity, const head& found, position_type end);

/// Key in `heads` of the position up to which the other rows are complete. It lies beside them, so
/// that nothing can lose the rows and keep it; ids have no control characters, so it sorts before
/// all.
inline constexpr std::string_view checkpoint_key{"\0checkpoint", 11};

/// Errors: damaged.
status decode_checkpoint(std::string_view row, position_type& position);

/// Key in the default column family of the version of the whole layout.
inline constexpr std::string_view format_key = "format";
inline constexpr std::string_view format_text = "cairn journal 1";

/// Key in the default column family of the journal's lineages. Agenda rows begin with other letters.
inline constexpr std::string_view ancestry_key = "ancestry";

/// Errors: unknown_format, not_a_journal.
status check_format(std::string_view row);

/// Key of a snapshot: sorts by entity, then version.
std::string snapshot_key(std::string_view entity, version_type version);
status decode_snapshot_key(std::string_view key, std::string_view& entity, version_type& version);

/// The value; an empty state keeps the position only.
std::string encode_snapshot(std::string_view key, const snapshot& source);
/// Fills in position and body, which is a view on `row`.
/// Errors: damaged, unknown_format.
status decode_snapshot(std::string_view key, std::string_view row, snapshot& found);

} // namespace cairn::persistence
