#pragma once

#include <cairn/detail/journal.hpp>

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::persistence {

inline ::rocksdb::Slice slice(std::string_view text) { return {text.data(), text.size()}; }
inline std::string_view view(const ::rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

/// RocksDB's error as one line that begins with `what`, e.g. `data: cannot write: IO error: …`.
status translate(const ::rocksdb::Status& failure, journal_errc error, const std::string& what);

/// The error of something that could not be read.
status unreadable(const ::rocksdb::Status& failure, const std::string& what);

/// Learns of failed flushes and compactions, and keeps RocksDB from going on after any failure.
class failure_listener;

/// An open RocksDB that stops at the first write or sync that fails (invariant 4).
/// Thread: what writes from one thread; reading through `rows()` from any.
class rocksdb_database {
public:
  enum class access { probe, read, write, create };

  rocksdb_database();
  ~rocksdb_database();

  /// Opens the database in `directory`.
  /// After:  `probe` has changed nothing and has refused a torn log as damage; `read` has changed
  /// nothing. Errors: damaged, unknown_format, not_a_journal, cannot_open.
  status open(const std::filesystem::path& directory, access how, ::rocksdb::Env* env);

  /// Writes all of `batch` or nothing; `sync` makes it and everything before durable.
  /// Errors: store_failed; then it is unknown whether `batch` was written, and nothing can be
  /// written any more.
  status write(::rocksdb::WriteBatch& batch, bool sync);

  /// Makes everything written durable. Errors: store_failed; then nothing can be written any more.
  status sync();

  /// Begins a new log once enough was written, and has what the old one holds put into tables.
  /// Errors: store_failed; then nothing can be written any more.
  status turn_log();

  /// Everything into tables, durable; lets go of the files.
  status close();

  /// Why nothing can be written any more, or success.
  status failure() const;

  /// True when all that was written is durable.
  bool synced() const noexcept { return synced_; }

  ::rocksdb::DB& rows() const { return *database_; }
  ::rocksdb::ColumnFamilyHandle* agenda() const { return families_[0]; } // beside the format
  ::rocksdb::ColumnFamilyHandle* changes() const { return families_[1]; }
  ::rocksdb::ColumnFamilyHandle* heads() const { return families_[2]; }
  ::rocksdb::ColumnFamilyHandle* snapshots() const { return families_[3]; }

private:
  status open_families(const std::string& path, access how, const ::rocksdb::DBOptions& options);
  status check_layout(const std::vector<std::string>& names);
  status flush(bool wait);
  status stop(const ::rocksdb::Status& failure, const char* what);
  void release();

  std::string directory_;
  std::shared_ptr<failure_listener> listener_;
  std::unique_ptr<::rocksdb::DB> database_;
  std::vector<::rocksdb::ColumnFamilyHandle*> families_; // default, changes, heads, snapshots
  std::size_t log_bytes_ = 0;
  bool synced_ = true;
  status failure_;
};

} // namespace cairn::persistence
