#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <queue>
#include <thread>
#include <vector>

namespace cairn::compare {

/// Calls things back when their time has come, on a thread of its own.
/// Thread: any.
class timer {
public:
  using clock = std::chrono::steady_clock;

  timer();
  ~timer();
  timer(const timer&) = delete;
  timer& operator=(const timer&) = delete;

  /// `call` must not block.
  void at(clock::time_point when, std::function<void()> call);

  /// From now on everything is called at once, what waits included.
  void hurry();

private:
  struct entry {
    clock::time_point when;
    std::uint64_t order = 0;
    std::function<void()> call;

    friend bool operator>(const entry& a, const entry& b) noexcept {
      return a.when != b.when ? a.when > b.when : a.order > b.order;
    }
  };

  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::priority_queue<entry, std::vector<entry>, std::greater<>> waiting_;
  std::uint64_t next_order_ = 0;
  bool hurries_ = false;
  bool ends_ = false;
  std::thread thread_;
};

} // namespace cairn::compare
