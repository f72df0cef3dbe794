#include <cairn/detail/tools/transfer.hpp>

#include "persistence/rocksdb/directory.hpp"
#include "persistence/rocksdb/store.hpp"
#include "persistence/store/directories.hpp"
#include "persistence/store/directory_lock.hpp"

#include <cerrno>
#include <cstdio>
#include <utility>

namespace cairn {

namespace {

namespace fs = std::filesystem;

using persistence::cannot_open;

/// A copy is whole or thrown away: nobody waits for a part of it, so a sync now and then is enough,
/// and a change that its own program could append is not too large.
rocksdb_options copy_options() {
  rocksdb_options options;
  options.durability = durability::relaxed;
  options.sync_interval = std::chrono::seconds(1);
  options.change_bytes_max = UINT32_MAX;
  return options;
}

status check_target(const fs::path& target) {
  std::error_code error;
  const auto kind = fs::status(target, error).type();
  if (kind == fs::file_type::not_found) return {};
  if (error) return cannot_open(target, error.value());
  if (kind != fs::file_type::directory)
    return {journal_errc::exists_already, target.string() + " is a file, not a directory"};
  const bool empty = fs::is_empty(target, error);
  if (error) return cannot_open(target, error.value());
  return empty ? status{} : status{journal_errc::exists_already, target.string() + " is not empty"};
}

/// Throws away what a killed process left, unless one is still at work there, or it is no journal.
status clear(const fs::path& unfinished) {
  bool found = false;
  if (auto failure = persistence::find_journal(unfinished, found);
      failure.error == journal_errc::not_a_journal)
    return failure;
  std::error_code error;
  if (!fs::exists(unfinished, error)) return {};
  persistence::directory_lock lock;
  if (auto failure = lock.acquire(unfinished); !failure.ok()) return failure;
  fs::remove_all(unfinished, error);
  return error ? cannot_open(unfinished, error.value()) : status{};
}

/// How the new journal is opened.
using target_source = std::function<std::unique_ptr<journal>(const fs::path&)>;

/// Makes a journal in `directory`, lets `fill` append to it, and closes it.
status make_filled(const fs::path& directory, const target_source& make,
                   const std::function<status(journal&)>& fill) {
  std::unique_ptr<journal> made;
  try {
    made = make(directory);
  } catch (const startup_error& error) {
    return {error.code(), error.message()};
  }
  auto filled = fill(*made);
  auto closed = made->close();
  return filled.ok() ? std::move(closed) : std::move(filled);
}

/// The lock's file names this process as the holder; the finished journal has none yet.
status move_into_place(const fs::path& unfinished, const fs::path& target) {
  std::error_code error;
  fs::remove(unfinished / "lock", error);
  if (std::rename(unfinished.c_str(), target.c_str()) != 0) return cannot_open(target, errno);
  return persistence::sync_directory(target.parent_path());
}

status fill_directory(const fs::path& directory, const target_source& make,
                      const std::function<status(journal&)>& fill) {
  auto target = fs::absolute(directory).lexically_normal();
  if (!target.has_filename()) target = target.parent_path(); // it ended in a slash
  auto unfinished = target;
  unfinished += ".unfinished";
  if (auto failure = check_target(target); !failure.ok()) return failure;
  if (auto failure = clear(unfinished); !failure.ok()) return failure;
  auto result = make_filled(unfinished, make, fill);
  if (result.ok()) result = move_into_place(unfinished, target);
  if (result.ok()) return result;
  std::error_code ignored; // the reason to report is the first one
  fs::remove_all(unfinished, ignored);
  return result;
}

} // namespace

status import_directory(std::istream& lines, const fs::path& directory,
                        const transfer_progress& progress, export_end end) {
  const auto make = [](const fs::path& at) { return rocksdb(at, copy_options())(); };
  return fill_directory(directory, make,
                        [&](journal& to) { return import_journal(lines, to, progress, end); });
}

status backup_directory(const journal& from, const fs::path& directory,
                        const transfer_progress& progress) {
  const auto make = [&](const fs::path& at) {
    return persistence::open_rocksdb_copy(at, copy_options(), from.lineages());
  };
  return fill_directory(directory, make,
                        [&](journal& to) { return copy_journal(from, to, progress); });
}

} // namespace cairn
