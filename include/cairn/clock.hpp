#pragma once

#include <cairn/detail/time.hpp>

#include <chrono>
#include <concepts>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace cairn {

/// The time of a world, in two readings. `operator()` is the time of day: what decisions see, changes are stamped with,
/// and timers are due by. `elapsed` is how far the clock has come: what leases and ticks are measured by. Copies are the
/// same clock.
/// Thread: any.
class clock {
public:
  /// Where a real clock reads the time; what is left out is the system's. With a steady source of one's own, which may
  /// go anywhere but back, timers and ticks look at it every few milliseconds.
  struct sources {
    std::function<time_point()> wall{};
    std::function<std::chrono::steady_clock::time_point()> steady{};
  };

  /// The system's. It starts at the wall clock's time when it is first read, and goes by the steady clock: a wall clock
  /// that is set does not make it jump. It follows slowly, going a tenth faster or slower than the steady clock until it
  /// is where the wall clock is: what is set by an hour is made up for in ten. What is set for a point in time comes when
  /// this clock gets there; durations (`elapsed`) take no notice.
  clock();

  /// Whatever `now` says; it is called from any thread. Timers then look at it every few milliseconds, and durations go by
  /// it too. When it throws, the last time that it told goes on, before that the system's, and the world's log says so once
  /// (`clock_threw`).
  template <std::invocable Now>
  requires(std::is_convertible_v<std::invoke_result_t<Now>, time_point> &&
           !std::is_same_v<std::remove_cvref_t<Now>, clock>)
      clock(Now now) // NOLINT(google-explicit-constructor): `options.clock = [] { … }`
      : clock(std::function<time_point()>(std::move(now)), nullptr) {}

  static clock real() { return {}; }
  static clock real(sources from);

  /// Slowest and fastest of `scaled`.
  static constexpr double factor_min = 1e-6;
  static constexpr double factor_max = 1e6;

  /// Runs `factor` times as fast as the system's steady clock, from the wall clock's time now.
  /// Errors: `startup_error` when `factor` is not from `factor_min` to `factor_max`.
  static clock scaled(double factor);

  /// Stands at `start`, and moves by `world::step` alone: what happens is then the same every time.
  static clock stepped(time_point start);

  time_point operator()() const { return read().now; }

  /// How far it has come: it stands while the clock is paused, runs as fast as the clock is scaled, and moves as one is
  /// stepped.
  moment elapsed() const { return read().elapsed; }

  /// Both readings, of the same instant.
  struct times {
    time_point now;
    moment elapsed;
  };
  times read() const;

  /// Stops the time of all that use the clock, and lets it go on from there; a real one does not follow the wall clock any
  /// more then. Not for clocks made from a function.
  void pause();
  void resume();

  bool is_stepped() const noexcept;

  /// Its function has thrown, once at least; and what it threw first.
  bool has_thrown() const noexcept;
  std::string thrown() const;

  /// How long it takes in the system's time until `when`; nothing: it does not go there by itself, or is paused.
  std::optional<std::chrono::microseconds> until(time_point when) const;
  std::optional<std::chrono::microseconds> until(moment when) const;

  /// Moves a stepped clock; for `world::step`.
  void set(time_point now);

private:
  struct source;
  clock(std::function<time_point()> now, std::nullptr_t);
  explicit clock(std::shared_ptr<source> from) : source_(std::move(from)) {}
  std::optional<std::chrono::microseconds> in_system_time(std::chrono::microseconds left) const;

  std::shared_ptr<source> source_;
};

} // namespace cairn
