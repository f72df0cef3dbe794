#pragma once

#include "persistence/format/chunk.hpp"
#include "persistence/rocksdb/database.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <string>

namespace cairn::persistence {

/// Reads stored chunks one after the other and notices when one is missing.
/// Thread: its own; sees the database as it was when the scan began.
class chunk_scan {
public:
  explicit chunk_scan(const rocksdb_database& database);

  /// The bytes of the chunk that contains `position`, if it is stored at all; they end with the
  /// next move.
  status find(position_type position, position_type& first, std::string_view& bytes);

  /// Goes to the chunk that contains `position`.
  /// Errors: damaged, unknown_format; damaged too when there is none.
  status seek(position_type position);

  /// Goes to the chunk that must follow. Errors: as `seek`.
  status next();

  /// Goes to the last chunk; `found` is false when there is none at all. Errors: as `seek`.
  status seek_last(bool& found);

  /// The records' views end with the next move.
  const chunk& current() const noexcept { return chunk_; }

private:
  status decode();

  std::unique_ptr<::rocksdb::Iterator> rows_;
  chunk chunk_;
};

/// Finds changes by position and keeps what it decoded last: an entity's consecutive changes are
/// often neighbours, and a walk back is followed by one forth. Thread: its own; sees the database
/// as it was when the cache was made.
class chunk_cache {
public:
  explicit chunk_cache(const rocksdb_database& database) : scan_(database) {}

  /// After: `found` is valid until the next call. Errors: as `chunk_scan::seek`.
  status find(position_type position, const record*& found);

private:
  struct kept_chunk {
    std::string bytes;
    chunk changes;
  };

  chunk_scan scan_;
  std::deque<kept_chunk> kept_; // stay in place: their records show their bytes
  std::size_t latest_ = 0;
};

/// Walks an entity's changes back from version `at`, made by the change at `position`, down to
/// `from`, and calls `step` with each. Errors: damaged, also where the entity's changes do not link
/// up; unknown_format.
status walk_back(chunk_cache& chunks, std::string_view entity, version_type at,
                 position_type position, version_type from,
                 const std::function<void(const record&)>& step);

} // namespace cairn::persistence
