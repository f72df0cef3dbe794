#pragma once

#include <cairn/request.hpp>

#include <boost/smart_ptr/intrusive_ptr.hpp>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

namespace cairn {

namespace detail {

/// The waiting side of a request.
class awaited {
public:
  void arrive() noexcept {
    // Notified under the lock: the waiter may destroy this as soon as it holds it.
    const std::lock_guard lock(mutex_);
    done_ = true;
    changed_.notify_all();
  }

  void wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return done_; });
  }

  template <class Duration>
  bool wait_for(Duration longest) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, longest, [this] { return done_; });
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool done_ = false;
};

/// A request whose reply is waited for.
template <class Outcome>
class awaited_request : public request, public awaited {
public:
  void complete() noexcept override { arrive(); }

  /// The reply; once, after `wait`.
  virtual Outcome take() = 0;
};

} // namespace detail

/// The reply to a request that is on its way. It comes in any case: there is no broken promise.
/// Thread: one at a time; never wait on a thread that runs entities (callbacks, `decide`).
template <class Outcome>
class future {
public:
  explicit future(boost::intrusive_ptr<detail::awaited_request<Outcome>> request)
      : request_(std::move(request)) {}

  /// Waits and takes the reply; once.
  Outcome get() {
    request_->wait();
    return std::exchange(request_, nullptr)->take();
  }

  /// False after `get`.
  bool valid() const noexcept { return request_ != nullptr; }

  void wait() const { request_->wait(); }

  /// True when the reply is there.
  template <class Rep, class Period>
  bool wait_for(std::chrono::duration<Rep, Period> longest) const {
    return request_->wait_for(longest);
  }

private:
  boost::intrusive_ptr<detail::awaited_request<Outcome>> request_;
};

} // namespace cairn
