#pragma once

#include "bot.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <queue>
#include <thread>
#include <utility>
#include <vector>

namespace arena {

/// Many bots at once in a closed loop: each thinks, does one thing, and thinks again when its reply has come. One
/// thread has them act; the replies come on the world's threads.
/// Thread: one at a time.
class crowd {
public:
  crowd(const grounds& shared, std::uint64_t seed, std::chrono::microseconds think);

  /// Ends it.
  ~crowd();

  void start();

  /// No bot begins anything any more.
  /// After:  no reply is awaited.
  void stop();

private:
  using clock = std::chrono::steady_clock;

  struct turn {
    clock::time_point at;
    bot* whose;
    bool operator>(const turn& other) const { return at > other.at; }
  };

  void drive();
  void rest(bot& tired);

  std::chrono::microseconds think_;
  std::deque<bot> bots_;

  std::mutex mutex_; // of what follows
  std::condition_variable changed_;
  std::priority_queue<turn, std::vector<turn>, std::greater<>> turns_;
  std::size_t acting_ = 0; ///< Bots whose reply is awaited.
  bool stopped_ = false;

  std::thread driver_;
};

} // namespace arena
