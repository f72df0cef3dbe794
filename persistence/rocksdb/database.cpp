#include "persistence/rocksdb/database.hpp"

#include "persistence/rocksdb/info_log.hpp"
#include "persistence/rocksdb/rows.hpp"
#include "persistence/store/ancestry.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/convenience.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/table.h>

#include <algorithm>

namespace cairn::persistence {

class failure_listener final : public ::rocksdb::EventListener {
public:
  void OnBackgroundError(::rocksdb::BackgroundErrorReason, ::rocksdb::Status* failure) override {
    const std::scoped_lock lock(mutex_);
    if (text_.empty()) text_ = failure->ToString();
    failed_ = true;
  }

  void OnErrorRecoveryBegin(::rocksdb::BackgroundErrorReason, ::rocksdb::Status,
                            bool* recover) override {
    *recover = false;
  }

  /// Why a flush or compaction failed; empty when none did.
  std::string text() const {
    if (!failed_) return {};
    const std::scoped_lock lock(mutex_);
    return text_;
  }

private:
  std::atomic<bool> failed_ = false;
  mutable std::mutex mutex_;
  std::string text_;
};

namespace {

// The log is replayed at opening after a crash, some 0.1 s for this much. Everything is put into
// tables when the log has grown so large, so this is also the size of the tables.
constexpr std::size_t log_bytes_max = 8 << 20;

// Never reached: it is `turn_log` that decides when a log ends, since only after a sync may the
// next begin. Otherwise a power cut could keep the beginning of the new log and lose the end of the
// old one.
constexpr std::size_t memtable_bytes = log_bytes_max + (24 << 20); // and a batch or two, with heads

// Chunks of 16 KiB: a block is about one of them, so that reading an entity's change decodes little
// else.
constexpr std::size_t table_block_bytes = 16 << 10;
constexpr std::size_t cache_bytes = 64 << 20;

// Well below the 1,024 files that a process may commonly open.
constexpr int open_files_max = 512;

const std::vector<std::string>& family_names() {
  // Never destroyed: threads may outlive main.
  static const auto& names = *new const std::vector<std::string>{
      ::rocksdb::kDefaultColumnFamilyName, "changes", "heads", "snapshots"};
  return names;
}

::rocksdb::DBOptions database_options(const std::string& directory, rocksdb_database::access how,
                                      ::rocksdb::Env* env,
                                      std::shared_ptr<failure_listener> listener) {
  using access = rocksdb_database::access;
  ::rocksdb::DBOptions options;
  if (env != nullptr) options.env = env;
  options.create_if_missing = options.error_if_exists = how == access::create;
  options.create_missing_column_families = how == access::create;
  options.wal_recovery_mode = how == access::probe
                                  ? ::rocksdb::WALRecoveryMode::kAbsoluteConsistency
                                  : ::rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  options.track_and_verify_wals_in_manifest = true;
  options.max_bgerror_resume_count = 0;
  options.listeners.push_back(std::move(listener));
  // A reader's tables may be deleted by the live program beside it: it opens them all at once.
  options.max_open_files = how == access::read ? -1 : open_files_max;
  options.max_file_opening_threads =
      1; // starting the default of 16 takes longer than opening the tables
  options.bytes_per_sync =
      1 << 20; // a table's flush must not leave one large write-back in a sync's way
  const bool writes = how == access::write || how == access::create;
  options.info_log = writes ? make_info_log(directory) : make_silent_log();
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  return options;
}

::rocksdb::ColumnFamilyOptions family_options(const std::string& name,
                                              const std::shared_ptr<::rocksdb::Cache>& cache) {
  ::rocksdb::ColumnFamilyOptions options;
  options.write_buffer_size = memtable_bytes;
  options.max_write_buffer_number = 4;
  const auto supported = ::rocksdb::GetSupportedCompressions();
  const bool has_lz4 =
      std::find(supported.begin(), supported.end(), ::rocksdb::kLZ4Compression) != supported.end();
  // The same on all levels: positions only grow, so tables of changes move down unread; another
  // compression at the bottom would have every change rewritten.
  options.compression = has_lz4 ? ::rocksdb::kLZ4Compression : ::rocksdb::kNoCompression;
  ::rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.block_size = table_block_bytes;
  // Creating an entity asks for a head that is not there.
  if (name == "heads") table.filter_policy.reset(::rocksdb::NewBloomFilterPolicy(10));
  options.table_factory.reset(::rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

} // namespace

status translate(const ::rocksdb::Status& failure, journal_errc error, const std::string& what) {
  auto text = what + ": " + failure.ToString();
  std::replace(text.begin(), text.end(), '\n', ' ');
  return {error, std::move(text)};
}

status unreadable(const ::rocksdb::Status& failure, const std::string& what) {
  return translate(failure, journal_errc::damaged, "damaged: " + what);
}

rocksdb_database::rocksdb_database() = default;

rocksdb_database::~rocksdb_database() { release(); }

void rocksdb_database::release() {
  for (auto* family : families_) (void)database_->DestroyColumnFamilyHandle(family);
  families_.clear();
  database_.reset();
}

status rocksdb_database::open(const std::filesystem::path& directory, access how,
                              ::rocksdb::Env* env) {
  directory_ = directory.string();
  listener_ = std::make_shared<failure_listener>();
  const auto options = database_options(directory_, how, env, listener_);
  // What the program does not know must not keep it from saying so.
  auto names = family_names();
  if (how != access::create) {
    if (auto result = ::rocksdb::DB::ListColumnFamilies(options, directory_, &names); !result.ok())
      return unreadable(result, directory_);
    if (auto failure = check_layout(names); !failure.ok()) return failure;
  }
  return open_families(directory_, how, options);
}

status rocksdb_database::check_layout(const std::vector<std::string>& names) {
  for (const auto& expected : family_names()) {
    if (std::find(names.begin(), names.end(), expected) == names.end()) {
      return {journal_errc::not_a_journal,
              directory_ + " holds a RocksDB database that is no journal"};
    }
  }
  for (const auto& found : names) {
    if (std::find(family_names().begin(), family_names().end(), found) == family_names().end()) {
      return {journal_errc::unknown_format, directory_ + " has a column family `" + found +
                                                "`, which this program does not know"};
    }
  }
  return {};
}

status rocksdb_database::open_families(const std::string& path, access how,
                                       const ::rocksdb::DBOptions& options) {
  const auto cache = ::rocksdb::NewLRUCache(cache_bytes);
  std::vector<::rocksdb::ColumnFamilyDescriptor> families;
  for (const auto& name : family_names()) families.emplace_back(name, family_options(name, cache));
  ::rocksdb::DB* opened = nullptr;
  const auto result =
      how == access::read || how == access::probe
          ? ::rocksdb::DB::OpenForReadOnly(options, path, families, &families_, &opened)
          : ::rocksdb::DB::Open(options, path, families, &families_, &opened);
  database_.reset(opened);
  if (result.IsIOError() && !result.IsPathNotFound() &&
      result.ToString().find("No such file") == std::string::npos)
    return translate(result, journal_errc::cannot_open, path);
  if (!result.ok()) return unreadable(result, path);

  std::string format;
  if (how == access::create) {
    ::rocksdb::WriteBatch batch;
    ancestry first;
    first.part_at(0);
    auto put = batch.Put(std::string(format_key), std::string(format_text));
    if (put.ok()) put = batch.Put(slice(ancestry_key), encode_ancestry(first));
    if (!put.ok()) return translate(put, journal_errc::cannot_open, path);
    return write(batch, true);
  }
  const auto found = database_->Get({}, std::string(format_key), &format);
  if (!found.ok() && !found.IsNotFound()) return unreadable(found, path);
  auto known = check_format(format);
  if (!known.ok()) known.message = path + ' ' + known.message;
  return known;
}

status rocksdb_database::failure() const {
  if (!failure_.ok()) return failure_;
  const auto text = listener_->text();
  return text.empty()
             ? status{}
             : status{journal_errc::store_failed, directory_ + ": the store has stopped: " + text};
}

status rocksdb_database::stop(const ::rocksdb::Status& failure, const char* what) {
  failure_ = translate(failure, journal_errc::store_failed,
                       directory_ + ": the store has stopped: " + what);
  return failure_;
}

status rocksdb_database::write(::rocksdb::WriteBatch& batch, bool sync) {
  if (auto stopped = failure(); !stopped.ok()) return stopped;
  ::rocksdb::WriteOptions options;
  options.sync = sync;
  log_bytes_ += batch.GetDataSize();
  synced_ = sync;
  if (const auto result = database_->Write(options, &batch); !result.ok())
    return stop(result, "cannot write");
  return {};
}

status rocksdb_database::sync() {
  if (auto stopped = failure(); !stopped.ok()) return stopped;
  if (synced_) return {};
  if (const auto result = database_->SyncWAL(); !result.ok()) return stop(result, "cannot sync");
  synced_ = true;
  return {};
}

status rocksdb_database::turn_log() {
  if (log_bytes_ < log_bytes_max) return {};
  if (auto failed = sync(); !failed.ok()) return failed;
  return flush(false);
}

status rocksdb_database::flush(bool wait) {
  ::rocksdb::FlushOptions options;
  options.wait = wait;
  // When tables are written more slowly than the log, this is where the writer waits for them.
  options.allow_write_stall = false;
  log_bytes_ = 0;
  if (const auto result = database_->Flush(options, families_); !result.ok())
    return stop(result, "cannot flush");
  return {};
}

status rocksdb_database::close() {
  auto result = sync();
  if (result.ok()) result = flush(true);
  for (auto* family : families_) (void)database_->DestroyColumnFamilyHandle(family);
  families_.clear();
  if (const auto closed = database_->Close(); result.ok() && !closed.ok())
    result = stop(closed, "cannot close");
  database_.reset();
  return result;
}

} // namespace cairn::persistence
