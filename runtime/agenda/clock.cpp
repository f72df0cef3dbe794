#include <cairn/clock.hpp>
#include <cairn/detail/guard.hpp>
#include <cairn/error.hpp>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <system_error>

namespace cairn {

namespace {

using microseconds = std::chrono::microseconds;
using steady_point = std::chrono::time_point<std::chrono::steady_clock, microseconds>;

/// A clock that may go anywhere is looked at so often.
constexpr microseconds function_poll{5'000};

/// A real clock compares itself with the wall clock so often. Rarely enough that most readings are one reading of the
/// steady clock, often enough that a wall clock that was set is noticed at once.
constexpr microseconds wall_look{10'000};

/// Of the time that passes, the part by which a real clock may go faster or slower to follow the wall clock: a timer
/// that is set for ten seconds meanwhile takes nine to eleven.
constexpr std::int64_t slew_part = 10;

time_point wall_now() { return std::chrono::floor<microseconds>(std::chrono::system_clock::now()); }

/// A reading of durations for a clock that has only one: its own time.
clock::times same(time_point now) { return {now, moment(now.time_since_epoch())}; }

} // namespace

struct clock::source {
  enum class kind { system, scaled, function, stepped };

  std::atomic<kind> what{kind::system};
  std::function<time_point()> function;
  std::atomic<std::int64_t> stepped_us{0};
  std::atomic<std::int64_t> told_us{wall_now().time_since_epoch().count()}; // by the function
  std::atomic<bool> has_thrown{false};
  sources from; // of a real clock

  // What follows, under the mutex: of a real clock and a scaled one both readings at `since`, and how they go on from
  // there.
  std::mutex mutex;
  std::string thrown; // by users' code, at first
  bool started = false;
  bool paused = false;
  double factor = 1;
  steady_point since;
  times then{};
  microseconds behind{}; // the wall clock, to be made up for

  void note_thrown(std::string what_it_threw) {
    if (!has_thrown.load(std::memory_order_relaxed)) {
      thrown = std::move(what_it_threw);
      has_thrown.store(true, std::memory_order_release);
    }
  }

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
          note_thrown(std::move(what_it_threw));
        });
    return now;
  }

  /// A source that throws stands where it stood.
  steady_point steady_now() {
    if (!from.steady) {
      return std::chrono::floor<microseconds>(std::chrono::steady_clock::now());
    }
    steady_point now = since;
    detail::guard([&] { now = std::chrono::floor<microseconds>(from.steady()); },
                  [this](std::string what_it_threw) { note_thrown(std::move(what_it_threw)); });
    return now;
  }
  time_point look_at_wall() {
    time_point now = wall_now();
    if (from.wall) {
      detail::guard([&] { now = from.wall(); },
                    [this](std::string what_it_threw) { note_thrown(std::move(what_it_threw)); });
    }
    return now;
  }

  times go_on();
};

/// What it shows now. As it is asked for, so it notices where the wall clock is.
clock::times clock::source::go_on() {
  if (paused) {
    return then;
  }
  const steady_point now = steady_now();
  if (!started) {
    started = true;
    since = now;
    then = same(look_at_wall());
  }
  const microseconds passed = std::max(detail::between(since, now), microseconds(0));
  if (what == kind::scaled) {
    const auto moved = detail::bounded<microseconds>(
        std::chrono::duration<double, std::micro>(static_cast<double>(passed.count()) * factor));
    return {detail::later(then.now, moved), detail::later(then.elapsed, moved)};
  }
  const microseconds most = passed / slew_part;
  const times shown{detail::later(detail::later(then.now, passed), std::clamp(behind, -most, most)),
                    detail::later(then.elapsed, passed)};
  if (passed >= wall_look) {
    since = now;
    then = shown;
    behind = detail::between(shown.now, look_at_wall());
  }
  return shown;
}

clock::clock() : source_(std::make_shared<source>()) {}

clock::clock(std::function<time_point()> now, std::nullptr_t) : clock() {
  source_->what = source::kind::function;
  source_->function = std::move(now);
}

clock clock::real(sources from) {
  auto made = std::make_shared<source>();
  made->from = std::move(from);
  return clock(std::move(made));
}

clock clock::scaled(double factor) {
  if (!(factor >= factor_min && factor <= factor_max)) { // also what is no number
    throw startup_error(
        std::make_error_code(std::errc::invalid_argument),
        "a scaled clock runs 0.000001 to 1000000 times as fast as the system's, not " +
            std::to_string(factor) + " times");
  }
  auto made = std::make_shared<source>();
  made->what = source::kind::scaled;
  made->factor = factor;
  made->go_on();
  return clock(std::move(made));
}

clock clock::stepped(time_point start) {
  auto made = std::make_shared<source>();
  made->what = source::kind::stepped;
  made->stepped_us = start.time_since_epoch().count();
  return clock(std::move(made));
}

clock::times clock::read() const {
  switch (source_->what) {
    case source::kind::function:
      return same(source_->ask_function());
    case source::kind::stepped:
      return same(time_point(microseconds(source_->stepped_us.load(std::memory_order_acquire))));
    default:
      break;
  }
  const std::lock_guard lock(source_->mutex);
  return source_->go_on();
}

void clock::pause() {
  const std::lock_guard lock(source_->mutex);
  if (source_->paused || source_->what == source::kind::function || is_stepped()) {
    return;
  }
  source_->then = source_->go_on();
  source_->what = source::kind::scaled;
  source_->paused = true;
}

void clock::resume() {
  const std::lock_guard lock(source_->mutex);
  if (source_->paused) {
    source_->since = source_->steady_now();
    source_->paused = false;
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
  const time_point now = (*this)();
  return in_system_time(detail::between(now, when));
}

std::optional<microseconds> clock::until(moment when) const {
  return in_system_time(detail::between(elapsed(), when));
}

/// How long it takes in the system's time until so much more has passed.
std::optional<microseconds> clock::in_system_time(microseconds left) const {
  if (source_->what == source::kind::function || source_->from.steady) {
    return function_poll;
  }
  if (is_stepped()) {
    return std::nullopt;
  }
  const std::lock_guard lock(source_->mutex);
  if (source_->paused) {
    return std::nullopt;
  }
  const std::chrono::duration<double, std::micro> real(
      static_cast<double>(std::max(left, microseconds(0)).count()) / source_->factor + 1);
  return detail::bounded<microseconds>(real);
}

void clock::set(time_point now) {
  source_->stepped_us.store(now.time_since_epoch().count(), std::memory_order_release);
}

} // namespace cairn
