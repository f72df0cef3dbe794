#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <ratio>
#include <type_traits>

// Points in time, and arithmetic with them that does not wrap: what lies beyond the first or the last time that there
// is becomes that one.
namespace cairn {

/// A point in time as the journal keeps it: microseconds since the Unix epoch.
using time_point = std::chrono::sys_time<std::chrono::microseconds>;

namespace detail {
struct elapsing {}; // makes a `moment` a type of its own
} // namespace detail

/// How far a world's clock has come: what durations are measured by. It goes on evenly whatever becomes of the time of
/// day, and says nothing about it.
using moment = std::chrono::time_point<detail::elapsing, std::chrono::microseconds>;

namespace detail {

/// Holds any count of any ratio.
// NOLINTNEXTLINE(modernize-use-using): `using` does not take `__extension__`
__extension__ typedef __int128 wide_integer;

/// The value in `To` that is nearest: as `duration_cast`, but what is too large for it is its largest, and what is no
/// number is zero.
template <class To, class Rep, class Period>
constexpr To bounded(std::chrono::duration<Rep, Period> given) noexcept {
  using ratio = std::ratio_divide<Period, typename To::period>;
  using count_type = typename To::rep;
  if constexpr (std::is_integral_v<Rep>) {
    const auto count = static_cast<wide_integer>(given.count()) * ratio::num / ratio::den;
    if (count > To::max().count()) {
      return To::max();
    }
    return count < To::min().count() ? To::min() : To(static_cast<count_type>(count));
  } else {
    const auto count = static_cast<long double>(given.count()) *
                       static_cast<long double>(ratio::num) / static_cast<long double>(ratio::den);
    if (count >= static_cast<long double>(To::max().count())) {
      return To::max();
    }
    if (count <= static_cast<long double>(To::min().count())) {
      return To::min();
    }
    return count == count ? To(static_cast<count_type>(count)) : To::zero();
  }
}

/// `from` and `by` more.
template <class Clock, class Unit, class Rep, class Period>
constexpr std::chrono::time_point<Clock, Unit> later(
    std::chrono::time_point<Clock, Unit> from, std::chrono::duration<Rep, Period> by) noexcept {
  const auto more = bounded<Unit>(by).count();
  typename Unit::rep sum = 0;
  if (__builtin_add_overflow(from.time_since_epoch().count(), more, &sum)) {
    sum = more < 0 ? Unit::min().count() : Unit::max().count();
  }
  return std::chrono::time_point<Clock, Unit>(Unit(sum));
}

/// What lies between two times; negative when `to` is the earlier one.
template <class Clock, class Unit>
constexpr Unit between(std::chrono::time_point<Clock, Unit> from,
                       std::chrono::time_point<Clock, Unit> to) noexcept {
  typename Unit::rep left = 0;
  if (__builtin_sub_overflow(to.time_since_epoch().count(), from.time_since_epoch().count(),
                             &left)) {
    left = to < from ? Unit::min().count() : Unit::max().count();
  }
  return Unit(left);
}

/// `times` so long.
template <class Rep, class Period>
constexpr std::chrono::duration<Rep, Period> multiplied(std::chrono::duration<Rep, Period> one,
                                                        std::int64_t times) noexcept {
  using unit = std::chrono::duration<Rep, Period>;
  Rep product = 0;
  if (__builtin_mul_overflow(one.count(), times, &product)) {
    product = (one.count() < 0) == (times < 0) ? unit::max().count() : unit::min().count();
  }
  return unit(product);
}

} // namespace detail

} // namespace cairn
