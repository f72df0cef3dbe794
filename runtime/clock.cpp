#include <cairn/clock.hpp>
#include <cairn/guard.hpp>

#include <algorithm>
#include <atomic>
#include <mutex>

namespace cairn {

namespace {

using microseconds = std::chrono::microseconds;

/// A clock made from a function may go anywhere; this is how often it is looked at.
constexpr microseconds function_poll{5'000};

time_point system_now() {
  return std::chrono::floor<microseconds>(std::chrono::system_clock::now());
}

} // namespace

struct clock::source {
  enum class kind { system, scaled, function, stepped };

  std::atomic<kind> what{kind::system};
  std::function<time_point()> function;
  std::atomic<std::int64_t> stepped_us{0};
  std::atomic<std::int64_t> told_us{system_now().time_since_epoch().count()}; // by the function
  std::atomic<bool> has_thrown{false};

  std::mutex mutex;   // of what follows: a scaled clock, or a system's that was paused
  std::string thrown; // by the function, at first
  double factor = 1;
  bool paused = false;
  time_point then{};
  std::chrono::steady_clock::time_point since = std::chrono::steady_clock::now();

  /// What the function says, or said last.
  time_point ask_function() {
    time_point now(microseconds(told_us.load(std::memory_order_relaxed)));
    detail::guard(
        [&] {
          now = function();
          told_us.store(now.time_since_epoch().count(), std::memory_order_relaxed);
        },
        [this](std::string what_it_threw) {
          const std::lock_guard lock(mutex);
          if (!has_thrown.load(std::memory_order_relaxed)) {
            thrown = std::move(what_it_threw);
            has_thrown.store(true, std::memory_order_release);
          }
        });
    return now;
  }

  time_point scaled_now() const {
    if (paused) {
      return then;
    }
    const std::chrono::duration<double, std::micro> passed =
        std::chrono::steady_clock::now() - since;
    return then + microseconds(static_cast<std::int64_t>(passed.count() * factor));
  }
};

clock::clock() : source_(std::make_shared<source>()) {}

clock::clock(std::function<time_point()> now, std::nullptr_t) : clock() {
  source_->what = source::kind::function;
  source_->function = std::move(now);
}

clock clock::scaled(double factor) {
  auto made = std::make_shared<source>();
  made->what = source::kind::scaled;
  made->factor = factor;
  made->then = system_now();
  return clock(std::move(made));
}

clock clock::stepped(time_point start) {
  auto made = std::make_shared<source>();
  made->what = source::kind::stepped;
  made->stepped_us = start.time_since_epoch().count();
  return clock(std::move(made));
}

time_point clock::operator()() const {
  switch (source_->what) {
    case source::kind::function:
      return source_->ask_function();
    case source::kind::stepped:
      return time_point(microseconds(source_->stepped_us.load(std::memory_order_acquire)));
    default:
      break;
  }
  const std::lock_guard lock(source_->mutex);
  return source_->what == source::kind::system ? system_now() : source_->scaled_now();
}

void clock::pause() {
  const std::lock_guard lock(source_->mutex);
  if (source_->paused || source_->what == source::kind::function) {
    return;
  }
  if (source_->what == source::kind::system) {
    source_->what = source::kind::scaled;
    source_->then = system_now();
  } else {
    source_->then = source_->scaled_now();
  }
  source_->paused = true;
}

void clock::resume() {
  const std::lock_guard lock(source_->mutex);
  if (source_->paused) {
    source_->paused = false;
    source_->since = std::chrono::steady_clock::now();
  }
}

bool clock::has_thrown() const noexcept {
  return source_->has_thrown.load(std::memory_order_acquire);
}

std::string clock::thrown() const {
  const std::lock_guard lock(source_->mutex);
  return source_->thrown;
}

bool clock::is_stepped() const noexcept { return source_->what == source::kind::stepped; }

std::optional<microseconds> clock::until(time_point when) const {
  if (source_->what == source::kind::function) {
    return function_poll;
  }
  if (is_stepped()) {
    return std::nullopt;
  }
  const time_point now = (*this)();
  const std::lock_guard lock(source_->mutex);
  if (source_->paused || source_->factor <= 0) {
    return std::nullopt;
  }
  const auto left = std::max(when - now, microseconds(0));
  return microseconds(
      static_cast<std::int64_t>(static_cast<double>(left.count()) / source_->factor) + 1);
}

void clock::set(time_point now) {
  source_->stepped_us.store(now.time_since_epoch().count(), std::memory_order_release);
}

} // namespace cairn
