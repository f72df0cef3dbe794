#pragma once

#include <cairn/refusals.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>

namespace spdlog::sinks {
class sink;
}

namespace cairn {

/// The two files of the log of refusals: what is written, and what it was before it grew too long.
std::filesystem::path refusals_path(const std::filesystem::path& directory);
std::filesystem::path older_refusals_path(const std::filesystem::path& directory);

/// Writes the log of refusals, each line at once, none synced.
/// Thread: any, but for construction and destruction.
class refusal_log {
public:
  /// Both files together have at most `bytes_max`; one that is larger than its half is thrown away.
  /// Errors: `startup_error` when they cannot be written to.
  refusal_log(const std::filesystem::path& directory, std::uint64_t bytes_max);
  ~refusal_log();
  refusal_log(const refusal_log&) = delete;
  refusal_log& operator=(const refusal_log&) = delete;

  /// A line that does not fit, or that the disk does not take, is lost.
  void record(const refusal& refused) noexcept;

private:
  std::uint64_t file_bytes_max_;
  std::unique_ptr<spdlog::sinks::sink> sink_;
};

} // namespace cairn
