#include "tests/support/faulty_file_system.hpp"

#include <algorithm>
#include <filesystem>
#include <thread>
#include <utility>

namespace cairn::testing {

using ::rocksdb::IODebugContext;
using ::rocksdb::IOOptions;
using ::rocksdb::IOStatus;

namespace {

bool is_log(const std::string& name) { return name.ends_with(".log"); }

IOStatus no_power() { return IOStatus::IOError("no power"); }

} // namespace

/// Counts what is written to one file and what of it is synced.
class faulty_file final : public ::rocksdb::FSWritableFileOwnerWrapper {
public:
  faulty_file(std::unique_ptr<::rocksdb::FSWritableFile>&& file, faulty_file_system& files,
              std::string name)
      : FSWritableFileOwnerWrapper(std::move(file)), files_(files), name_(std::move(name)) {}

  IOStatus Append(const ::rocksdb::Slice& data, const IOOptions& options,
                  IODebugContext* debug) override {
    const auto size = files_.take_space(data.size());
    const auto written =
        FSWritableFileOwnerWrapper::Append(::rocksdb::Slice(data.data(), size), options, debug);
    const std::scoped_lock lock(files_.mutex_);
    if (files_.off_) return no_power();
    if (!written.ok()) return written;
    files_.files_[name_].written += size;
    return size == data.size() ? written : IOStatus::NoSpace("No space left on device", name_);
  }

  IOStatus Append(const ::rocksdb::Slice& data, const IOOptions& options,
                  const ::rocksdb::DataVerificationInfo&, IODebugContext* debug) override {
    return Append(data, options, debug);
  }

  IOStatus Truncate(std::uint64_t size, const IOOptions& options, IODebugContext* debug) override {
    const std::scoped_lock lock(files_.mutex_);
    if (files_.off_) return no_power();
    auto& sizes = files_.files_[name_];
    sizes.written = std::min(sizes.written, size);
    sizes.synced = std::min(sizes.synced, size);
    return FSWritableFileOwnerWrapper::Truncate(size, options, debug);
  }

  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    return synced(FSWritableFileOwnerWrapper::Sync(options, debug));
  }

  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return synced(FSWritableFileOwnerWrapper::Fsync(options, debug));
  }

private:
  IOStatus synced(const IOStatus& real) {
    if (auto failure = files_.before_sync(name_); !failure.ok()) return failure;
    const std::scoped_lock lock(files_.mutex_);
    auto& sizes = files_.files_[name_];
    if (real.ok() && !sizes.lost) sizes.synced = sizes.written;
    return real;
  }

  faulty_file_system& files_;
  std::string name_;
};

faulty_file_system::faulty_file_system() : FileSystemWrapper(::rocksdb::FileSystem::Default()) {}

void faulty_file_system::cut_power() {
  const std::scoped_lock lock(mutex_);
  off_ = true;
}

std::uint64_t faulty_file_system::lose_unsynced() {
  const std::scoped_lock lock(mutex_);
  std::uint64_t lost = 0;
  for (auto& [name, sizes] : files_) {
    std::error_code missing;
    const auto size = std::filesystem::file_size(name, missing);
    if (missing || size <= sizes.synced) continue;
    lost += size - sizes.synced;
    std::filesystem::resize_file(name, sizes.synced);
  }
  files_.clear();
  return lost;
}

void faulty_file_system::fail_log_sync(int count) {
  const std::scoped_lock lock(mutex_);
  failing_sync_ = log_syncs_ + count;
}

void faulty_file_system::limit_space(std::uint64_t bytes) {
  const std::scoped_lock lock(mutex_);
  space_ = bytes;
}

void faulty_file_system::delay_syncs(std::chrono::microseconds delay) {
  const std::scoped_lock lock(mutex_);
  delay_ = delay;
}

void faulty_file_system::hide_files(int count) {
  const std::scoped_lock lock(mutex_);
  hidden_ = count;
}

int faulty_file_system::early_logs() const {
  const std::scoped_lock lock(mutex_);
  return early_logs_;
}

int faulty_file_system::log_syncs() const {
  const std::scoped_lock lock(mutex_);
  return log_syncs_;
}

std::uint64_t faulty_file_system::take_space(std::uint64_t wanted) {
  const std::scoped_lock lock(mutex_);
  if (off_) return 0;
  if (!space_) return wanted;
  const auto given = std::min(wanted, *space_);
  *space_ -= given;
  return given;
}

IOStatus faulty_file_system::before_sync(const std::string& name) {
  std::chrono::microseconds delay{0};
  {
    const std::scoped_lock lock(mutex_);
    if (off_) return no_power();
    delay = delay_;
    if (is_log(name) && ++log_syncs_ == failing_sync_) {
      files_[name].lost = true;
      return IOStatus::IOError("the disk failed to sync", name);
    }
  }
  if (delay.count() > 0)
    std::this_thread::sleep_for(delay); // the fault itself, not a synchronisation
  return IOStatus::OK();
}

IOStatus faulty_file_system::NewSequentialFile(const std::string& name,
                                               const ::rocksdb::FileOptions& options,
                                               std::unique_ptr<::rocksdb::FSSequentialFile>* file,
                                               IODebugContext* debug) {
  {
    const std::scoped_lock lock(mutex_);
    if (hidden_ > 0) {
      --hidden_;
      return IOStatus::PathNotFound("No such file or directory", name);
    }
  }
  return FileSystemWrapper::NewSequentialFile(name, options, file, debug);
}

IOStatus faulty_file_system::NewWritableFile(const std::string& name,
                                             const ::rocksdb::FileOptions& options,
                                             std::unique_ptr<::rocksdb::FSWritableFile>* file,
                                             IODebugContext* debug) {
  std::unique_ptr<::rocksdb::FSWritableFile> real;
  const std::scoped_lock lock(mutex_);
  if (off_) return no_power();
  auto made = FileSystemWrapper::NewWritableFile(name, options, &real, debug);
  if (!made.ok()) return made;
  if (is_log(name))
    for (const auto& [other, sizes] : files_)
      if (is_log(other) && other != name && sizes.synced < sizes.written) ++early_logs_;
  files_[name] = {};
  *file = std::make_unique<faulty_file>(std::move(real), *this, name);
  return made;
}

IOStatus faulty_file_system::ReopenWritableFile(const std::string& name,
                                                const ::rocksdb::FileOptions& options,
                                                std::unique_ptr<::rocksdb::FSWritableFile>* file,
                                                IODebugContext* debug) {
  std::unique_ptr<::rocksdb::FSWritableFile> real;
  const std::scoped_lock lock(mutex_);
  if (off_) return no_power();
  auto made = FileSystemWrapper::ReopenWritableFile(name, options, &real, debug);
  if (!made.ok()) return made;
  if (!files_.contains(name)) {
    std::error_code missing;
    const auto size = std::filesystem::file_size(name, missing);
    files_[name].written = files_[name].synced = missing ? 0 : size;
  }
  *file = std::make_unique<faulty_file>(std::move(real), *this, name);
  return made;
}

IOStatus faulty_file_system::RenameFile(const std::string& from, const std::string& to,
                                        const IOOptions& options, IODebugContext* debug) {
  const std::scoped_lock lock(mutex_);
  if (off_) return no_power();
  auto renamed = FileSystemWrapper::RenameFile(from, to, options, debug);
  if (!renamed.ok()) return renamed;
  // Of a directory: the files in it move along.
  std::map<std::string, file_sizes> moved;
  for (auto& [name, sizes] : files_) {
    const bool inside = name == from || name.starts_with(from + '/');
    moved[inside ? to + name.substr(from.size()) : name] = sizes;
  }
  files_ = std::move(moved);
  return renamed;
}

IOStatus faulty_file_system::DeleteFile(const std::string& name, const IOOptions& options,
                                        IODebugContext* debug) {
  const std::scoped_lock lock(mutex_);
  if (off_) return no_power();
  files_.erase(name);
  return FileSystemWrapper::DeleteFile(name, options, debug);
}

} // namespace cairn::testing
