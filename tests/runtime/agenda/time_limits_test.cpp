// Times at the ends of what there is, and clocks that somebody sets: nothing fires early, repeats for ever, wraps or
// goes back.

#include <cairn/cairn.hpp>
#include <cairn/detail/tools/verify.hpp>

#include "tests/support/alarm.hpp"
#include "tests/support/hand_clock.hpp"
#include "tests/support/held_journal.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;
using sample::alarm;
using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using real_seconds = std::chrono::duration<double>;

constexpr cairn::time_point noon{microseconds(1'780'000'000'000'000)};
constexpr auto us_max = std::numeric_limits<std::int64_t>::max();
constexpr auto us_min = std::numeric_limits<std::int64_t>::min();

/// Looks again and again, for as long as a test may hang.
template <class Holds>
bool comes_true(Holds holds) {
  const auto until = std::chrono::steady_clock::now() + 20s;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > until) {
      return false;
    }
    std::this_thread::yield();
  }
  return true;
}

class TimeLimits : public ::testing::Test {
protected:
  TimeLimits() { open(cairn::clock::stepped(noon)); }

  void open(const cairn::clock& time, cairn::limits limits = {}) {
    world_.reset();
    cairn::world_options options;
    options.journal = journal_.source();
    options.clock = time;
    options.limits = limits;
    world_ = std::make_unique<cairn::world>(std::move(options));
    world_->host<alarm>();
  }

  template <class Command>
  void send(const std::string& id, const Command& command) {
    ASSERT_TRUE(world_->entity<alarm>(id).send(command).get());
  }
  alarm state(const std::string& id) { return world_->entity<alarm>(id).read().get().state; }

  std::vector<std::int64_t> times_of_changes() {
    std::vector<std::int64_t> times;
    EXPECT_TRUE(world_->journal()
                    .scan(0,
                          [&](const cairn::record& stored) {
                            times.push_back(stored.time_us);
                            return true;
                          })
                    .ok());
    return times;
  }

  held_journal journal_;
  std::unique_ptr<cairn::world> world_;
};

TEST_F(TimeLimits, ATimerBeyondTheLastTimeDoesNotFire) {
  send("after", alarm::ring_after{"a", us_max});
  send("at", alarm::ring_at{"a", us_max});
  ASSERT_TRUE(world_->step(hours(24 * 365 * 300)).ok());
  EXPECT_EQ(state("after").rings, 0);
  EXPECT_EQ(state("at").rings, 0);
  cairn::verify_report report;
  EXPECT_TRUE(cairn::verify_journal(world_->journal(), report).ok());
  std::vector<cairn::waiting_timer> waiting;
  ASSERT_TRUE(cairn::list_timers(world_->journal(), 10, waiting).ok());
  ASSERT_EQ(waiting.size(), 2U);
  EXPECT_EQ(waiting[0].at_us, us_max);
}

TEST_F(TimeLimits, ATimerOfThePastFiresAtOnce) {
  send("after", alarm::ring_after{"a", -1});
  send("after", alarm::ring_after{"b", us_min});
  send("at", alarm::ring_at{"a", us_min});
  send("at", alarm::ring_at{"b", 0});
  ASSERT_TRUE(world_->step(0ms).ok());
  EXPECT_EQ(state("after").rings, 2);
  EXPECT_EQ(state("at").rings, 2);
}

TEST_F(TimeLimits, AtTheLastTimeWhatIsDueFiresAndNothingRepeats) {
  open(cairn::clock::stepped(cairn::time_point::max()));
  send("a", alarm::ring_after{"once", 1'000});
  send("a", alarm::repeat{"again", 1'000, 0});
  ASSERT_TRUE(world_->step(0ms).ok());
  EXPECT_EQ(state("a").rings, 2);
  EXPECT_EQ(world_->step(1us).error, std::errc::invalid_argument);
}

TEST_F(TimeLimits, AStepBackOrBeyondTheLastTimeIsRefusedAndMovesNothing) {
  for (const auto by :
       {microseconds::max(), microseconds::min(), microseconds(-10s), microseconds(-1us)}) {
    const auto refused = world_->step(by);
    EXPECT_EQ(refused.error, std::errc::invalid_argument);
    EXPECT_NE(refused.message.find(std::to_string(by.count())), std::string::npos)
        << refused.message;
  }
  EXPECT_EQ(world_->step(hours::max()).error, std::errc::invalid_argument);
  EXPECT_EQ(world_->step(hours::min()).error, std::errc::invalid_argument);
  send("a", alarm::ring{});
  EXPECT_EQ(state("a").now_us, noon.time_since_epoch().count());
}

TEST_F(TimeLimits, AStepOfAnyKindOfDurationIsOne) {
  send("a", alarm::ring_after{"a", 1'500'000});
  ASSERT_TRUE(world_->step(real_seconds(1.25)).ok());
  EXPECT_EQ(state("a").rings, 0);
  ASSERT_TRUE(world_->step(real_seconds(0.25)).ok());
  EXPECT_EQ(state("a").rings, 1);
}

TEST_F(TimeLimits, TicksThatAreFartherThanTheLastTimeNeverCome) {
  open(cairn::clock::real());
  const auto make = [](const cairn::tick& /*now*/) { return alarm::ring{}; };
  const auto never = world_->tick<alarm>({"a"}, {.every = microseconds::max()}, make);
  const auto often = world_->tick<alarm>({"b"}, {.every = 1ms}, make);
  EXPECT_TRUE(comes_true([&] { return often.counts().ticks >= 20; }));
  EXPECT_EQ(never.counts().ticks, 0U);
}

TEST_F(TimeLimits, TheLongestIdleTimeKeepsAnEntityInMemory) {
  cairn::limits limits;
  limits.idle_time = std::chrono::duration_cast<milliseconds>(hours(24 * 365 * 300));
  open(cairn::clock::real(), limits);
  send("a", alarm::ring{});
  held_journal another;
  cairn::limits short_limits;
  short_limits.idle_time = 1ms;
  cairn::world sweeps({.journal = another.source(), .limits = short_limits});
  sweeps.host<alarm>();
  for (int i = 0; i < 10;
       ++i) { // as long as it takes another world to have its entity leave ten times
    ASSERT_TRUE(sweeps.entity<alarm>("a").read().get());
    ASSERT_TRUE(comes_true([&] { return sweeps.counts().resident == 0; }));
  }
  EXPECT_EQ(world_->counts().resident, 1U);
}

TEST_F(TimeLimits, WaitingForTheLongestTimeWaits) {
  const auto waits = [&](auto longest) {
    journal_.hold();
    const auto reply = world_->entity<alarm>("a").send(alarm::ring{});
    journal_.await_held(1);
    std::atomic<bool> waiting{false};
    std::thread later([&] {
      waiting.wait(false);
      std::this_thread::yield();
      journal_.release();
    });
    waiting = true;
    waiting.notify_one();
    const bool came = reply.wait_for(longest);
    later.join();
    return came;
  };
  EXPECT_TRUE(waits(hours::max()));
  EXPECT_TRUE(waits(microseconds::max()));
  EXPECT_TRUE(waits(std::chrono::nanoseconds::max()));
  EXPECT_TRUE(waits(real_seconds::max()));
  EXPECT_TRUE(waits(real_seconds(std::numeric_limits<double>::infinity())));
  EXPECT_TRUE(waits(std::chrono::duration<std::uint64_t>::max()));
}

TEST_F(TimeLimits, WaitingForNoTimeLooksOnce) {
  journal_.hold();
  const auto reply = world_->entity<alarm>("a").send(alarm::ring{});
  EXPECT_FALSE(reply.wait_for(0s));
  EXPECT_FALSE(reply.wait_for(-1h));
  EXPECT_FALSE(reply.wait_for(hours::min()));
  EXPECT_FALSE(reply.wait_for(real_seconds(std::numeric_limits<double>::quiet_NaN())));
  EXPECT_FALSE(reply.wait_for(real_seconds(-std::numeric_limits<double>::infinity())));
  EXPECT_FALSE(reply.wait_for(real_seconds(1e-9)));
  journal_.release();
  reply.wait();
  EXPECT_TRUE(reply.wait_for(hours::min()));
}

TEST_F(TimeLimits, ALeaseOfTooLongIsRefusedWhateverItsUnit) {
  send("a", alarm::ring{});
  const auto entity = world_->entity<alarm>("a");
  for (const auto& refused :
       {entity.lease(hours::max()).get(), entity.lease(hours::min()).get(),
        entity.lease(milliseconds::max()).get(), entity.lease(real_seconds(1e300)).get(),
        entity.lease(-1ms).get(), entity.lease(0ms).get()}) {
    ASSERT_NE(refused.failed(), nullptr);
    EXPECT_EQ(refused.failed()->error, cairn::entity_errc::invalid_command);
  }
  EXPECT_TRUE(entity.lease(real_seconds(0.5)).get());
}

TEST_F(TimeLimits, ALeaseLastsItsTimeWhateverBecomesOfTheWallClock) {
  for (const auto by : {-1h, 1h}) {
    hand_clock hands;
    open(hands.clock());
    send("a", alarm::ring{});
    const auto entity = world_->entity<alarm>("a");
    ASSERT_TRUE(entity.lease(1s).get());
    hands.set_wall(by);
    hands.pass(999ms);
    const auto refused = entity.lease(1s).get();
    ASSERT_NE(refused.conflict(), nullptr);
    EXPECT_EQ(refused.conflict()->details->left, 1ms);
    hands.pass(1ms);
    EXPECT_TRUE(entity.lease(1s).get());
  }
}

TEST_F(TimeLimits, TicksGoOnWhateverBecomesOfTheWallClock) {
  for (const auto by : {-1h, 1h}) {
    hand_clock hands;
    open(hands.clock());
    const auto ticks = world_->tick<alarm>({"a"}, {.every = 50ms}, [](const cairn::tick& now) {
      return alarm::ring{now.step == 50ms ? 0 : alarm::rejects};
    });
    hands.set_wall(by);
    for (std::uint64_t n = 1; n <= 20; ++n) {
      hands.pass(50ms);
      ASSERT_TRUE(comes_true([&] { return ticks.counts().ticks >= n; })) << n;
      ASSERT_EQ(ticks.counts().ticks, n) << "one for each 50 ms";
    }
    EXPECT_EQ(ticks.counts().accepted, 20U);
    EXPECT_EQ(ticks.counts().skipped, 0U);
    EXPECT_EQ(ticks.counts().overruns, 0U);
  }
}

TEST_F(TimeLimits, ATimerForAPointInTimeFollowsTheWallClock) {
  hand_clock hands;
  open(hands.clock());
  const auto in_an_hour = (hands.wall() + 1h).time_since_epoch().count();
  send("a", alarm::ring_at{"a", in_an_hour});
  hands.set_wall(
      30min); // it is due in half an hour then, and the world's clock gets there a tenth faster
  for (int seconds = 0; seconds < 54 * 60; ++seconds) {
    hands.pass(1s);
    world_->settle();
  }
  EXPECT_EQ(state("a").rings, 0);
  hands.pass(1min);
  EXPECT_TRUE(comes_true([&] { return state("a").rings == 1; }))
      << "after 54.5 minutes instead of 60";
  EXPECT_GE(state("a").now_us, in_an_hour);
}

TEST_F(TimeLimits, ChangesNeverGoBackInTimeWhateverTheClockSays) {
  auto says = std::make_shared<std::atomic<std::int64_t>>(noon.time_since_epoch().count());
  open([says] { return cairn::time_point(microseconds(*says)); });
  const auto ticks = world_->tick<alarm>({"t"}, {.every = 10ms},
                                         [](const cairn::tick& /*now*/) { return alarm::ring{}; });
  for (const std::int64_t now : {noon.time_since_epoch().count() - 1, us_min, std::int64_t{0},
                                 noon.time_since_epoch().count() + 5, us_max, us_min, us_max}) {
    *says = now;
    send("a", alarm::ring{});
    EXPECT_EQ(state("a").now_us, now);
    send("a", alarm::ring_after{"t", 1'000});
    const auto entity = world_->entity<alarm>("a");
    const auto lease = entity.lease(1s).get();
    ASSERT_TRUE(lease);
    if (now != us_max) { // it lasts as long as there is time
      EXPECT_NE(entity.lease(1s).get().conflict(), nullptr);
    }
    const std::string token = now != us_max ? lease.leased()->token : "";
    ASSERT_TRUE(entity.remove({.lease = token}).get()); // and the timer with it
    ASSERT_TRUE(entity.send(alarm::ring{}, cairn::absent).get());
  }
  EXPECT_TRUE(world_->close().ok());
  open(cairn::clock::stepped(noon));
  const auto times = times_of_changes();
  ASSERT_GT(times.size(), 20U);
  EXPECT_TRUE(std::is_sorted(times.begin(), times.end()));
}

} // namespace
