#pragma once

#include <cairn/detail/request.hpp>
#include <cairn/detail/time.hpp>

#include <boost/smart_ptr/intrusive_ptr.hpp>

#include <chrono>
#include <condition_variable>
#include <future>
#include <mutex>
#include <utility>

namespace cairn {

namespace detail {

/// True on the threads on which a world runs entities and calls back: nothing may wait for a world there.
bool is_own_thread() noexcept;

/// Ok, or `would_block` with a text that names `call` and what to use instead: this is one of those threads.
status may_wait(const char* call);

/// Errors: throws a `std::system_error` of what `may_wait` says.
void require_may_wait(const char* call);

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

  bool wait_for(std::chrono::steady_clock::duration longest) {
    const auto end = later(std::chrono::steady_clock::now(), longest);
    std::unique_lock lock(mutex_);
    return changed_.wait_until(lock, end, [this] { return done_; });
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
/// Thread: one at a time; none on which a world runs entities and calls back (`decide`, callbacks, subscriptions, ticks,
///         the log's sink), unless the reply is there.
/// Errors: throws `std::future_error` of `no_state` when it is not `valid`, and `std::system_error` of `would_block`
///         when it would have to wait on such a thread.
template <class Outcome>
class future {
public:
  explicit future(boost::intrusive_ptr<detail::awaited_request<Outcome>> request)
      : request_(std::move(request)) {}

  /// Waits and takes the reply; once.
  Outcome get() {
    await("future::get");
    return std::exchange(request_, nullptr)->take();
  }

  /// False after `get`, and once it was moved from.
  bool valid() const noexcept { return request_ != nullptr; }

  void wait() const { await("future::wait"); }

  /// True when the reply is there. With nothing to wait for it only looks, on any thread. `longest` of any kind: what is
  /// longer than a clock can count is for ever, and what is negative or no number is nothing.
  template <class Rep, class Period>
  bool wait_for(std::chrono::duration<Rep, Period> longest) const {
    require_state();
    const auto time = detail::bounded<std::chrono::steady_clock::duration>(longest);
    if (time <= time.zero() || !detail::is_own_thread()) {
      return request_->wait_for(time);
    }
    if (!request_->wait_for(time.zero())) {
      detail::require_may_wait("future::wait_for");
    }
    return true;
  }

private:
  void require_state() const {
    if (request_ == nullptr) {
      throw std::future_error(std::future_errc::no_state);
    }
  }

  void await(const char* call) const {
    require_state();
    if (detail::is_own_thread() && !request_->wait_for(std::chrono::seconds::zero())) {
      detail::require_may_wait(call);
    }
    request_->wait();
  }

  boost::intrusive_ptr<detail::awaited_request<Outcome>> request_;
};

} // namespace cairn
