#pragma once

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace cairn::testing {

/// The real file system, with the faults that a disk can have. A killed process keeps what the
/// operating system holds, so killing shows nothing about syncs; this does: it remembers how much
/// of each file was synced, and can cut off the rest.
class faulty_file_system final : public ::rocksdb::FileSystemWrapper {
public:
  faulty_file_system();

  /// From now on nothing reaches a file, and every write and sync fails.
  void cut_power();

  /// Takes away all bytes that were not synced when power was cut; returns how many.
  /// Shape: nobody has the files open.
  std::uint64_t lose_unsynced();

  /// Lets the `count`-th sync of a log from now on fail, 1 being the next one. What was to be
  /// synced is lost, even if a later sync of the same file succeeds: that is how Linux treats it.
  void fail_log_sync(int count);

  /// Only `bytes` more can be written.
  void limit_space(std::uint64_t bytes);

  /// Each sync takes this long in addition.
  void delay_syncs(std::chrono::microseconds delay);

  /// The next `count` files that are opened to be read are not there, as when a live program has
  /// just replaced them.
  void hide_files(int count);

  /// How often a log was begun while an older one was not wholly synced: a power cut could then
  /// leave a hole.
  int early_logs() const;

  /// Syncs of logs so far.
  int log_syncs() const;

  const char* Name() const override { return "faulty_file_system"; }
  using result = ::rocksdb::IOStatus;
  result NewSequentialFile(const std::string& name, const ::rocksdb::FileOptions& options,
                           std::unique_ptr<::rocksdb::FSSequentialFile>* file,
                           ::rocksdb::IODebugContext* debug) override;
  result NewWritableFile(const std::string& name, const ::rocksdb::FileOptions& options,
                         std::unique_ptr<::rocksdb::FSWritableFile>* file,
                         ::rocksdb::IODebugContext* debug) override;
  result ReopenWritableFile(const std::string& name, const ::rocksdb::FileOptions& options,
                            std::unique_ptr<::rocksdb::FSWritableFile>* file,
                            ::rocksdb::IODebugContext* debug) override;
  result RenameFile(const std::string& from, const std::string& to,
                    const ::rocksdb::IOOptions& options, ::rocksdb::IODebugContext* debug) override;
  result DeleteFile(const std::string& name, const ::rocksdb::IOOptions& options,
                    ::rocksdb::IODebugContext* debug) override;

private:
  friend class faulty_file;

  struct file_sizes {
    std::uint64_t written = 0;
    std::uint64_t synced = 0;
    bool lost = false; // a sync failed: what follows `synced` never becomes durable
  };

  /// How many of `wanted` bytes may still be written.
  std::uint64_t take_space(std::uint64_t wanted);
  result before_sync(const std::string& name);

  mutable std::mutex mutex_;
  std::map<std::string, file_sizes> files_;
  bool off_ = false;
  int failing_sync_ = 0;
  int log_syncs_ = 0;
  int early_logs_ = 0;
  int hidden_ = 0;
  std::optional<std::uint64_t> space_;
  std::chrono::microseconds delay_{0};
};

/// A file system with faults, and the environment that RocksDB takes it in.
struct faulty_disk {
  std::shared_ptr<faulty_file_system> files = std::make_shared<faulty_file_system>();
  std::unique_ptr<::rocksdb::Env> env = ::rocksdb::NewCompositeEnv(files);
};

} // namespace cairn::testing
