// Arithmetic with times: nothing wraps.

#include <cairn/detail/effects.hpp>
#include <cairn/detail/time.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <limits>

namespace cairn {
namespace {

using namespace std::chrono_literals;
using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::nanoseconds;
using real_seconds = std::chrono::duration<double>;
using years = std::chrono::duration<std::int64_t, std::ratio<31'556'952>>;
using unsigned_seconds = std::chrono::duration<std::uint64_t>;

constexpr double infinite = std::numeric_limits<double>::infinity();
constexpr double no_number = std::numeric_limits<double>::quiet_NaN();

TEST(Time, ADurationThatDoesNotFitBecomesTheNearestThatDoes) {
  EXPECT_EQ(detail::bounded<microseconds>(hours(1)), 1h);
  EXPECT_EQ(detail::bounded<microseconds>(-1'999ns), -1us) << "towards zero, as duration_cast";
  EXPECT_EQ(detail::bounded<microseconds>(hours::max()), microseconds::max());
  EXPECT_EQ(detail::bounded<microseconds>(hours::min()), microseconds::min());
  EXPECT_EQ(detail::bounded<nanoseconds>(microseconds::max()), nanoseconds::max());
  EXPECT_EQ(detail::bounded<nanoseconds>(years(300)), nanoseconds::max());
  EXPECT_EQ(detail::bounded<nanoseconds>(years::min()), nanoseconds::min());
  EXPECT_EQ(detail::bounded<microseconds>(unsigned_seconds::max()), microseconds::max());
  EXPECT_EQ(detail::bounded<microseconds>(std::chrono::duration<int>(-7)), -7s);
}

TEST(Time, ADurationOfAnotherKindOfNumberIsTakenAsFarAsItGoes) {
  EXPECT_EQ(detail::bounded<microseconds>(real_seconds(1.5)), 1'500ms);
  EXPECT_EQ(detail::bounded<microseconds>(real_seconds(infinite)), microseconds::max());
  EXPECT_EQ(detail::bounded<microseconds>(real_seconds(-infinite)), microseconds::min());
  EXPECT_EQ(detail::bounded<microseconds>(real_seconds::max()), microseconds::max());
  EXPECT_EQ(detail::bounded<microseconds>(real_seconds(no_number)), 0us);
  EXPECT_EQ(detail::bounded<microseconds>(std::chrono::duration<float>(0.25F)), 250ms);
}

TEST(Time, NothingIsLaterThanTheLastTimeOrEarlierThanTheFirst) {
  const time_point day(24h);
  EXPECT_EQ(detail::later(day, 1s), time_point(24h + 1s));
  EXPECT_EQ(detail::later(day, microseconds::max()), time_point::max());
  EXPECT_EQ(detail::later(day, hours::max()), time_point::max());
  EXPECT_EQ(detail::later(time_point(-24h), microseconds::min()), time_point::min());
  EXPECT_EQ(detail::later(time_point::max(), 1us), time_point::max());
  EXPECT_EQ(detail::later(time_point::min(), -1us), time_point::min());
  EXPECT_EQ(detail::later(time_point::max(), microseconds::min()), time_point(-1us));
  EXPECT_EQ(detail::later(std::chrono::steady_clock::now(), microseconds::max()),
            std::chrono::steady_clock::time_point::max());
}

TEST(Time, WhatLiesBetweenTwoTimesIsNeverOfTheOtherSign) {
  EXPECT_EQ(detail::between(time_point(1s), time_point(3s)), 2s);
  EXPECT_EQ(detail::between(time_point(3s), time_point(1s)), -2s);
  EXPECT_EQ(detail::between(time_point::min(), time_point::max()), microseconds::max());
  EXPECT_EQ(detail::between(time_point::max(), time_point::min()), microseconds::min());
}

TEST(Time, ManyTimesADurationDoesNotWrap) {
  EXPECT_EQ(detail::multiplied(50ms, 3), 150ms);
  EXPECT_EQ(detail::multiplied(microseconds::max(), 2), microseconds::max());
  EXPECT_EQ(detail::multiplied(microseconds::max(), -2), microseconds::min());
  EXPECT_EQ(detail::multiplied(microseconds::min(), -1), microseconds::max());
}

TEST(Time, WhatRepeatsIsNextDueAWholeNumberOfPeriodsLater) {
  const time_point due(10s);
  struct expected {
    microseconds late;
    microseconds next;
    std::uint64_t missed;
  };
  for (const auto& [late, next, missed] :
       {expected{0ms, 50ms, 0}, expected{49ms, 50ms, 0}, expected{50ms, 100ms, 1},
        expected{174ms, 200ms, 3}, expected{-1s, 50ms, 0}, expected{1h, 1h + 50ms, 72'000}}) {
    const auto found = detail::next_of(due, 50ms, due + late);
    EXPECT_EQ(found.at, due + next) << late.count();
    EXPECT_EQ(found.missed, missed) << late.count();
  }
  EXPECT_EQ(detail::next_of(due, microseconds::max(), due).at, time_point::max());
  EXPECT_EQ(detail::next_of(due, 1us, time_point::max()).at, time_point::max());
}

} // namespace
} // namespace cairn
