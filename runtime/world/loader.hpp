#pragma once

#include <cairn/detail/journal.hpp>

#include "runtime/entity/slot.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace cairn::runtime {

/// Threads that read the journal on behalf of entities, so that no thread that serves warm ones ever waits
/// for a cold one (invariant 7). What waits is loaded together, so that each part of the journal is read once for all of
/// it. Also runs other reads of the journal.
/// Thread: any.
class loader {
public:
  /// `loaded` is told how long each entity took from when its loading began, on the thread that loaded it, and `threw`
  /// what a job threw that should have caught it itself; they may be empty.
  loader(const journal& source, unsigned threads,
         std::function<void(std::chrono::nanoseconds)> loaded = {},
         std::function<void(const std::string&)> threw = {});

  ~loader() { finish(); }
  loader(const loader&) = delete;
  loader& operator=(const loader&) = delete;

  /// Loads the entity of `slot` and delivers it there.
  void load(slot_ptr slot, std::uint64_t activation);

  /// Finishes what was asked for; jobs that come later are never run.
  void finish();

  /// Runs any other read.
  void run(std::function<void()> job);

  /// Jobs that have not begun.
  std::size_t waiting() const;

  std::size_t threads() const noexcept { return thread_count_; }

private:
  using clock = std::chrono::steady_clock;

  struct cold_entity {
    slot_ptr slot;
    std::uint64_t activation;
  };

  void work();
  std::vector<cold_entity> take_cold();
  void load_all(const std::vector<cold_entity>& cold) const;

  const journal& source_;
  std::function<void(std::chrono::nanoseconds)> loaded_;
  std::function<void(const std::string&)> threw_;
  const std::size_t thread_count_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> jobs_;
  std::deque<cold_entity> cold_;
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

} // namespace cairn::runtime
