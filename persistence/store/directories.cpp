#include "persistence/store/directories.hpp"

#include "persistence/store/directory_lock.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

namespace cairn::persistence {

namespace fs = std::filesystem;

namespace {

/// Absolute, and not ending in a slash.
fs::path full_path(const fs::path& directory) {
  auto full = fs::absolute(directory).lexically_normal();
  return full.has_filename() ? full : full.parent_path();
}

/// A parent that may not be read cannot be opened to be synced: then it is its owner's who made it.
status sync_parent(const fs::path& directory) {
  const auto parent = full_path(directory).parent_path();
  return ::access(parent.c_str(), R_OK) == 0 ? sync_directory(parent) : status{};
}

} // namespace

status sync_directory(const fs::path& directory) {
  const int file = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return cannot_open(directory, errno);
  const bool synced = ::fsync(file) == 0;
  const int reason = errno;
  ::close(file);
  return synced ? status{} : cannot_open(directory, reason);
}

status make_directories(const fs::path& directory) {
  std::error_code error;
  std::vector<fs::path> missing;
  for (auto next = full_path(directory); !fs::exists(next, error); next = next.parent_path()) {
    if (error) return cannot_open(next, error.value());
    missing.push_back(next);
  }
  for (; !missing.empty(); missing.pop_back()) {
    if (::mkdir(missing.back().c_str(), 0777) != 0 && errno != EEXIST)
      return cannot_open(missing.back(), errno);
    if (auto failure = sync_parent(missing.back()); !failure.ok()) return failure;
  }
  // It may be there since somebody made it right before a crash.
  return sync_parent(directory);
}

} // namespace cairn::persistence
