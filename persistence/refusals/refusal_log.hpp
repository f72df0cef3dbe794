#pragma once

#include <cairn/detail/tools/refusals.hpp>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace spdlog::sinks {
class sink;
}

namespace cairn::persistence {

/// The two files of the log of refusals: what is written, and what it was before it grew too long.
std::filesystem::path refusals_path(const std::filesystem::path& directory);
std::filesystem::path older_refusals_path(const std::filesystem::path& directory);

/// Appends the line that says how many refusals are missing from the log where it stands.
void write_dropped_json(std::string& out, std::int64_t time_us, std::uint64_t dropped);

/// Reads what `write_dropped_json` wrote; 0: it is no such line.
std::uint64_t read_dropped_json(std::string_view line);

/// Writes the log of refusals on a thread of its own, none synced: whoever refuses only leaves a note. So a disk
/// that is slow costs notes, and no entity its time.
/// Thread: any, but for construction and destruction.
class refusal_log {
public:
  /// Refusals that may wait to be written; each has a few hundred bytes, 3,000 at most.
  static constexpr std::size_t waiting_max = 4'096;

  /// Both files together have at most `bytes_max`; one that is larger than its half is thrown away.
  /// Errors: `startup_error` when they cannot be written to.
  refusal_log(const std::filesystem::path& directory, std::uint64_t bytes_max,
              std::size_t most_waiting = waiting_max);

  /// Writes what waits.
  ~refusal_log();
  refusal_log(const refusal_log&) = delete;
  refusal_log& operator=(const refusal_log&) = delete;

  /// Puts a refusal in line. Beyond `most_waiting` it is dropped and counted, and the log says so where it stood. One
  /// that does not fit into a file, or that the disk does not take, is lost.
  void record(refusal refused) noexcept;

  /// Waits until everything recorded before is in the file.
  void flush();

  /// Refusals that came faster than they could be written.
  const std::atomic<std::uint64_t>& dropped() const noexcept { return dropped_; }

  /// Holds the writing back, for tests: what is recorded meanwhile waits, or is dropped.
  std::unique_lock<std::mutex> hold() { return std::unique_lock(writing_); }

private:
  void run();
  void write(const std::vector<refusal>& some, std::uint64_t dropped) noexcept;
  void put(const std::string& line);

  std::uint64_t file_bytes_max_;
  std::size_t waiting_max_;
  std::unique_ptr<spdlog::sinks::sink> sink_; // the thread's own
  std::atomic<std::uint64_t> dropped_{0};
  std::mutex writing_; // while the thread writes

  std::mutex mutex_; // of what follows
  std::condition_variable changed_;
  std::vector<refusal> waiting_;
  std::uint64_t dropped_since_ = 0; // the last write
  std::uint64_t recorded_ = 0;      // dropped ones too
  std::uint64_t done_ = 0;
  bool ending_ = false;
  std::thread thread_;
};

} // namespace cairn::persistence
