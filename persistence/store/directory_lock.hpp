#pragma once

#include <cairn/error.hpp>

#include <filesystem>
#include <string>

namespace cairn::persistence {

/// Holds a directory for one process, by flock on a file in it; ends with the process however that
/// ends.
class directory_lock {
public:
  directory_lock() = default;
  ~directory_lock();
  directory_lock(directory_lock&& other) noexcept;
  directory_lock& operator=(directory_lock&& other) noexcept;

  /// Takes the lock and writes down who holds it.
  /// Errors: locked, with the holder's process id and command line; cannot_open.
  status acquire(const std::filesystem::path& directory);

  void release() noexcept;

private:
  int file_ = -1;
};

/// Error that names `path` and says in the operating system's words why it failed.
status cannot_open(const std::filesystem::path& path, int error_number);

} // namespace cairn::persistence
