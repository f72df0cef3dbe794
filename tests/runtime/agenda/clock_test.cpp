// The clock of a world: steady from its start, behind the wall clock slowly, and nothing that a factor can break.

#include <cairn/clock.hpp>
#include <cairn/error.hpp>

#include "tests/support/hand_clock.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <limits>

namespace {

using namespace std::chrono_literals;
using cairn::clock;
using std::chrono::microseconds;

TEST(Clock, StartsAtTheWallClockWhenItIsFirstRead) {
  hand_clock hands;
  const auto time = hands.clock();
  hands.set_wall(-24h); // before anybody looked
  EXPECT_EQ(time(), hands.wall());
  hands.pass(90s);
  EXPECT_EQ(time(), hands.wall());
}

TEST(Clock, DoesNotJumpWhenTheWallClockIsSet) {
  for (const microseconds by : {microseconds(1h), microseconds(-1h), microseconds::max() / 4}) {
    hand_clock hands;
    const auto time = hands.clock();
    const auto before = time.read();
    hands.set_wall(by);
    auto last = time();
    EXPECT_EQ(last, before.now);
    for (int i = 0; i < 1'000; ++i) {
      hands.pass(7ms);
      const auto now = time();
      EXPECT_GE(now - last, 6'300us - 1us) << "a tenth slower at most";
      EXPECT_LE(now - last, 7'700us + 1us) << "a tenth faster at most";
      last = now;
    }
    EXPECT_EQ(time.elapsed() - before.elapsed, 7s) << "durations take no notice";
  }
}

TEST(Clock, MakesUpForAnHourInTenAndStaysThere) {
  for (const auto by : {1h, -1h}) {
    hand_clock hands;
    const auto time = hands.clock();
    time();
    hands.set_wall(by);
    hands.pass(10ms);
    time(); // notices
    for (int minutes = 0; minutes < 9 * 60; ++minutes) {
      hands.pass(1min);
      time();
    }
    EXPECT_NE(time(), hands.wall());
    for (int minutes = 0; minutes < 61; ++minutes) {
      hands.pass(1min);
      time();
    }
    EXPECT_EQ(time(), hands.wall());
    hands.pass(24h);
    EXPECT_EQ(time(), hands.wall());
  }
}

TEST(Clock, OfTheSystemIsNearTheWallClock) {
  const clock time;
  const auto before = std::chrono::floor<microseconds>(std::chrono::system_clock::now());
  const auto shown = time();
  EXPECT_GE(shown, before - 1s);
  EXPECT_LE(shown, before + 60s);
  EXPECT_GE(time(), shown);
  EXPECT_GE(time.until(shown + 1h), 59min);
  EXPECT_EQ(time.until(shown - 1h), 1us);
}

TEST(Clock, PausedBothReadingsStandAndGoOnFromThere) {
  hand_clock hands;
  auto time = hands.clock();
  const auto start = time.read();
  hands.pass(1s);
  time.pause();
  hands.pass(1h);
  EXPECT_EQ(time(), start.now + 1s);
  EXPECT_EQ(time.elapsed(), start.elapsed + 1s);
  time.resume();
  hands.pass(1s);
  EXPECT_EQ(time(), start.now + 2s);
  EXPECT_EQ(time.elapsed(), start.elapsed + 2s);
}

TEST(Clock, ASteppedOneAndAFunctionMeasureByThemselves) {
  auto stepped = clock::stepped(cairn::time_point(24h));
  const auto start = stepped.elapsed();
  stepped.set(cairn::time_point(25h));
  EXPECT_EQ(stepped.elapsed() - start, 1h);
  cairn::time_point shown(1s);
  const clock function([&] { return shown; });
  const auto before = function.elapsed();
  shown += 5s;
  EXPECT_EQ(function.elapsed() - before, 5s);
}

TEST(Clock, AFactorThatIsNoneIsRefused) {
  for (const double factor :
       {0.0, -1.0, -0.0, 1e-300, 1e300, 1e7, std::numeric_limits<double>::infinity(),
        -std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_THROW(clock::scaled(factor), cairn::startup_error) << factor;
  }
  for (const double factor : {clock::factor_min, 1.0, 60.0, clock::factor_max}) {
    const auto time = clock::scaled(factor);
    const auto shown = time();
    EXPECT_GE(time(), shown) << factor;
    EXPECT_GT(time.until(cairn::time_point::max()), 1h) << factor;
    EXPECT_GT(time.until(cairn::time_point::min()), 0us) << factor;
  }
}

} // namespace
