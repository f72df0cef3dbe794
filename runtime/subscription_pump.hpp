#pragma once

#include <cairn/change.hpp>
#include <cairn/world.hpp>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

namespace cairn {

/// Tells subscriptions that there is more to read. Costs a committing thread one load while nobody
/// subscribes.
class commit_signal {
public:
  /// Thread: the persistence actor's.
  void raise() {
    if (listeners_.load(std::memory_order_seq_cst) > 0) {
      const std::lock_guard lock(mutex_);
      changed_.notify_all();
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

/// Delivers committed changes to one subscriber, on a thread of its own. It always reads them from the
/// journal: so there is one way only, a slow subscriber costs nobody anything, and nothing can be skipped.
class subscription_pump : public std::enable_shared_from_this<subscription_pump> {
public:
  using handler = std::function<void(const change&)>;
  using failure_handler = std::function<void(const status&)>;

  /// The journal is read until `stop` has returned; the signal may outlive everything. `on_failure`, which may be
  /// empty, is told why it delivers nothing any more. Its thread keeps it until that has ended: it may be let go from
  /// inside a call. What `on_change` holds goes at the end of the thread.
  static std::shared_ptr<subscription_pump> start(const journal& source,
                                                  std::shared_ptr<commit_signal> signal,
                                                  position_type from, handler on_change,
                                                  failure_handler on_failure = {});

  /// One that never delivers anything, and says why.
  static std::shared_ptr<subscription_pump> refused(const journal& source, position_type from,
                                                    status why);

  ~subscription_pump();
  subscription_pump(const subscription_pump&) = delete;
  subscription_pump& operator=(const subscription_pump&) = delete;

  /// Ends it, and waits for a running call unless that call is the caller, or waits for the caller.
  void stop() noexcept;

  position_type next() const noexcept { return next_.load(std::memory_order_acquire); }
  status state() const;

  /// Somebody has ended it.
  bool is_ended() const noexcept { return ending_.load(std::memory_order_acquire); }

private:
  subscription_pump(const journal& source, std::shared_ptr<commit_signal> signal,
                    position_type from, handler on_change, failure_handler on_failure);

  void run();
  void guarded();
  status deliver_all();
  status read_some(std::vector<change>& read) const;
  status deliver(const std::vector<change>& read);

  const journal& source_;
  std::shared_ptr<commit_signal> signal_; // null: it was refused
  handler on_change_;
  failure_handler on_failure_;
  std::atomic<position_type> next_;
  std::atomic<bool> ending_{false};
  std::atomic<std::thread::id> runner_{};
  mutable std::mutex mutex_; // of what follows
  status state_;
  std::mutex joining_; // of what follows
  std::thread thread_;
};

} // namespace cairn
