#pragma once

#include <cairn/detail/change.hpp>
#include <cairn/detail/resume.hpp>

#include "runtime/subscriptions/change_reader.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

namespace cairn::runtime {

/// Delivers committed changes to one subscriber, on a thread of its own, so that a call may take its time. They come
/// from the reader that all subscribers share, which has read them from the journal: so there is one way only, a slow
/// subscriber costs nobody anything, and nothing can be skipped.
class subscription_pump : public std::enable_shared_from_this<subscription_pump> {
public:
  using handler = std::function<void(const change&, const resume_token& next)>;
  using failure_handler = std::function<void(const status&)>;

  /// `from` is where `feed` begins. `on_failure`, which may be empty, is told why it delivers nothing any more. Its
  /// thread keeps it until that has ended: it may be let go from inside a call. What `on_change` holds goes at the end of
  /// the thread.
  static std::shared_ptr<subscription_pump> start(std::shared_ptr<change_feed> feed,
                                                  const resume_token& from, handler on_change,
                                                  failure_handler on_failure = {});

  /// One that never delivers anything, and says why.
  static std::shared_ptr<subscription_pump> refused(const resume_token& from, status why);

  ~subscription_pump();
  subscription_pump(const subscription_pump&) = delete;
  subscription_pump& operator=(const subscription_pump&) = delete;

  /// Ends it, and waits for a running call unless that call is the caller, or waits for the caller.
  void stop() noexcept;

  position_type next() const noexcept { return next_.load(std::memory_order_acquire); }
  resume_token token() const noexcept { return {next(), lineage_}; }
  status state() const;

  /// Somebody has ended it.
  bool is_ended() const noexcept { return ending_.load(std::memory_order_acquire); }

private:
  subscription_pump(std::shared_ptr<change_feed> feed, const resume_token& from, handler on_change,
                    failure_handler on_failure);

  void run();
  void guarded();
  status deliver_all();
  status deliver(const change_block& read, std::size_t first);

  const std::shared_ptr<change_feed> feed_; // null: it was refused
  const lineage lineage_;
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

} // namespace cairn::runtime
