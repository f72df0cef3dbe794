#pragma once

#include <cairn/context.hpp>

#include <chrono>
#include <concepts>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace cairn {

/// The time of a world: what decisions see, changes are stamped with, and timers and ticks are due by. Copies are the
/// same clock.
/// Thread: any.
class clock {
public:
  /// The system's.
  clock();

  /// Whatever `now` says; it is called from any thread. Timers then look at it every few milliseconds. When it throws,
  /// the last time that it told goes on, before that the system's, and the world's log says so once (`clock_threw`).
  template <std::invocable Now>
  requires(std::is_convertible_v<std::invoke_result_t<Now>, time_point> &&
           !std::is_same_v<std::remove_cvref_t<Now>, clock>)
      clock(Now now) // NOLINT(google-explicit-constructor): `options.clock = [] { … }`
      : clock(std::function<time_point()>(std::move(now)), nullptr) {}

  static clock real() { return {}; }

  /// Runs `factor` times as fast as the system's, from its time now.
  static clock scaled(double factor);

  /// Stands at `start`, and moves by `world::step` alone: what happens is then the same every time.
  static clock stepped(time_point start);

  time_point operator()() const;

  /// Stops the time of all that use the clock, and lets it go on from there. Not for clocks made from a function.
  void pause();
  void resume();

  bool is_stepped() const noexcept;

  /// Its function has thrown, once at least; and what it threw first.
  bool has_thrown() const noexcept;
  std::string thrown() const;

  /// How long it takes in the system's time until `when`; nothing: it does not go there by itself, or is paused.
  std::optional<std::chrono::microseconds> until(time_point when) const;

  /// Moves a stepped clock; for `world::step`.
  void set(time_point now);

private:
  struct source;
  clock(std::function<time_point()> now, std::nullptr_t);
  explicit clock(std::shared_ptr<source> from) : source_(std::move(from)) {}

  std::shared_ptr<source> source_;
};

} // namespace cairn
