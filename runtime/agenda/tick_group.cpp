#include "runtime/agenda/tick_group.hpp"

#include <cairn/detail/guard.hpp>

#include "runtime/threads/own_thread.hpp"
#include "runtime/threads/wait_for_call.hpp"

#include <algorithm>
#include <utility>

namespace cairn::runtime {

namespace {

/// Sent in one go; then others have their turn.
constexpr std::size_t ticks_sent_at_once = 64;

} // namespace

tick_group::tick_group(std::size_t entities, tick_options options, clock time,
                       detail::tick_sender send, std::function<void()> changed,
                       std::function<void(const std::string&)> threw)
    : entities_(entities),
      options_(options),
      time_(std::move(time)),
      send_(std::move(send)),
      changed_(std::move(changed)),
      threw_(std::move(threw)),
      next_(detail::later(time_.elapsed(), options.every)) {}

std::optional<moment> tick_group::next_due() const {
  const std::lock_guard lock(mutex_);
  const bool none = running_ || stopped_ || next_ == moment::max(); // no clock gets beyond that
  return none ? std::nullopt : std::optional(next_);
}

bool tick_group::is_running() const {
  const std::lock_guard lock(mutex_);
  return running_;
}

tick_counts tick_group::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

status tick_group::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

void tick_group::refuse(status why) {
  const std::lock_guard lock(mutex_);
  state_ = std::move(why);
  stopped_ = true;
}

void tick_group::stop() noexcept {
  detail::tick_sender ended; // what it holds goes without the lock
  std::unique_lock lock(mutex_);
  stopped_ = true;
  if (pumping_) {
    const wait_for_call waiting(pumper_);
    if (!waiting) {
      return; // whoever runs it lets it go
    }
    paused_.wait(lock, [this] { return !pumping_; });
  }
  ended.swap(send_);
}

void tick_group::begin_due() {
  const auto shown = time_.read();
  {
    const std::lock_guard lock(mutex_);
    if (running_ || stopped_ || shown.elapsed < next_ || next_ == moment::max()) {
      return;
    }
    if (options_.late == catch_up::skip) {
      const auto late = detail::between(next_, shown.elapsed) / options_.every;
      counts_.skipped += static_cast<std::uint64_t>(late);
      current_.number += static_cast<std::uint64_t>(late);
      next_ = detail::later(next_, detail::multiplied(options_.every, late));
    }
    due_ = next_;
    current_.at = detail::later(shown.now, detail::between(shown.elapsed, due_));
    current_.step = options_.every;
    next_ = detail::later(next_, options_.every);
    sent_ = 0;
    running_ = true;
  }
  pump();
}

/// Sends as many as may be on their way. One that is answered before `send_` returns does not pump by itself, so
/// that refusals do not pile up on the stack. Nor does it send all of thousands: the agenda's thread goes on.
void tick_group::pump() {
  const own_thread here("a tick");
  detail::tick_sender ended;
  std::unique_lock lock(mutex_);
  if (std::exchange(pumping_, true)) {
    return;
  }
  pumper_ = std::this_thread::get_id();
  std::size_t left = ticks_sent_at_once;
  const auto may_send = [this] {
    return running_ && !stopped_ && sent_ < entities_ && in_flight_ < options_.in_flight_max;
  };
  for (; left > 0 && may_send(); --left) {
    const std::size_t index = sent_++;
    const tick now = current_;
    ++in_flight_;
    lock.unlock();
    send(index, now);
    lock.lock();
  }
  pumping_ = false;
  if (stopped_) {
    ended.swap(send_);
    paused_.notify_all();
  }
  has_more_ = may_send();
  const bool ends = running_ && in_flight_ == 0 && (stopped_ || sent_ == entities_);
  if (ends) {
    finish();
  }
  if (ends || has_more_) {
    lock.unlock();
    changed_();
  }
}

/// A command that cannot be made is refused before it is one.
void tick_group::send(std::size_t index, const tick& now) {
  const auto reply = [self = shared_from_this()](bool accepted) { self->replied(accepted); };
  detail::guard([&] { send_(index, now, reply); },
                [this](const std::string& thrown) {
                  threw_(thrown);
                  count(false);
                });
}

void tick_group::go_on() {
  {
    const std::lock_guard lock(mutex_);
    if (!std::exchange(has_more_, false)) {
      return;
    }
  }
  pump();
}

void tick_group::replied(bool accepted) {
  count(accepted);
  pump();
}

void tick_group::count(bool accepted) {
  const std::lock_guard lock(mutex_);
  --in_flight_;
  ++(accepted ? counts_.accepted : counts_.refused);
}

/// The last reply of a tick has come. One that was cut off is none.
void tick_group::finish() {
  running_ = false;
  if (sent_ < entities_) {
    return;
  }
  const auto took = detail::between(due_, time_.elapsed());
  counts_.longest = std::max(counts_.longest, took);
  counts_.overruns += took > options_.every ? 1 : 0;
  ++counts_.ticks;
  ++current_.number;
}

} // namespace cairn::runtime
