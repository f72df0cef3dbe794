#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>

namespace cairn::runtime {

/// Tells who reads committed changes that there is more. Costs a committing thread one load while nobody does.
class commit_signal {
public:
  /// Thread: the persistence actor's.
  void raise() {
    if (listeners_.load(std::memory_order_seq_cst) > 0) {
      wake();
    }
  }

  /// Waits until `ready` holds; it is asked again after each `raise`.
  template <class Predicate>
  void wait(Predicate ready) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, ready);
  }

  void wake() {
    const std::lock_guard lock(mutex_);
    changed_.notify_all();
  }

  void join() noexcept { listeners_.fetch_add(1, std::memory_order_seq_cst); }
  void leave() noexcept { listeners_.fetch_sub(1, std::memory_order_seq_cst); }

private:
  std::atomic<int> listeners_{0};
  std::mutex mutex_;
  std::condition_variable changed_;
};

} // namespace cairn::runtime
