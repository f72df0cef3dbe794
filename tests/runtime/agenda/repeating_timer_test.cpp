// Timers that repeat: they do not drift, leave out what has passed, and say how much.

#include <cairn/cairn.hpp>
#include <cairn/detail/tools/verify.hpp>

#include "tests/support/alarm.hpp"
#include "tests/support/hand_clock.hpp"
#include "tests/support/held_journal.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace {

using namespace std::chrono_literals;
using sample::alarm;
using std::chrono::microseconds;

constexpr cairn::time_point midnight{microseconds(1'780'000'000'000'000)};

std::int64_t us(cairn::time_point at) { return at.time_since_epoch().count(); }

class RepeatingTimer : public ::testing::Test {
protected:
  RepeatingTimer() { open(cairn::clock::stepped(midnight)); }

  void open(cairn::clock time, bool hosts = true) {
    world_.reset();
    cairn::world_options options;
    options.journal = journal_.source();
    options.clock = clock_ = std::move(time);
    world_ = std::make_unique<cairn::world>(std::move(options));
    if (hosts) {
      world_->host<alarm>();
    }
  }

  void repeat(std::int64_t tone = 0, microseconds period = 50ms) {
    ASSERT_TRUE(world_->entity<alarm>(id_).send(alarm::repeat{"beat", period.count(), tone}).get());
  }
  void stop() { ASSERT_TRUE(world_->entity<alarm>(id_).send(alarm::stop{"beat"}).get()); }
  alarm state() { return world_->entity<alarm>(id_).read().get().state; }
  void step(microseconds by) { ASSERT_TRUE(world_->step(by).ok()); }
  void verify() {
    cairn::verify_report report;
    const auto verified = cairn::verify_journal(world_->journal(), report);
    EXPECT_TRUE(verified.ok()) << verified.message;
  }

  held_journal journal_;
  cairn::clock clock_;
  std::unique_ptr<cairn::world> world_;
  std::string id_ = "a";
};

TEST_F(RepeatingTimer, ComesAtEachOfItsTimes) {
  repeat();
  step(49ms);
  EXPECT_EQ(state().rings, 0);
  step(1ms);
  EXPECT_EQ(state().rings, 1);
  EXPECT_EQ(state().due_us, us(midnight + 50ms));
  EXPECT_EQ(state().timer, "beat");
  step(10s - 50ms);
  EXPECT_EQ(state().rings, 200);
  EXPECT_EQ(state().missed, 0);
  EXPECT_EQ(state().due_us, us(midnight + 10s));
  verify();
}

TEST_F(RepeatingTimer, OneThatComesLateDoesNotDriftAndSaysHowManyItMissed) {
  repeat();
  clock_.set(midnight + 64ms); // 14 ms late
  step(0ms);
  EXPECT_EQ(state().rings, 1);
  EXPECT_EQ(state().due_us, us(midnight + 50ms));
  EXPECT_EQ(state().now_us, us(midnight + 64ms));
  EXPECT_EQ(state().missed, 0);
  step(36ms); // at 100 ms, not at 114
  EXPECT_EQ(state().rings, 2);
  EXPECT_EQ(state().due_us, us(midnight + 100ms));
  clock_.set(midnight + 1'010ms);
  step(0ms);
  EXPECT_EQ(state().rings, 3) << "the one of 150 ms; those of 200 to 1,000 are left out";
  EXPECT_EQ(state().due_us, us(midnight + 150ms));
  EXPECT_EQ(state().missed, 17);
  step(40ms);
  EXPECT_EQ(state().due_us, us(midnight + 1'050ms));
  EXPECT_EQ(state().missed, 17);
  EXPECT_EQ(state().rings + state().missed, 21) << "all of its times, each once";
  verify();
}

TEST_F(RepeatingTimer, IsTakenBackMovedAndRemovedLikeAnyOther) {
  repeat();
  step(100ms);
  repeat(0, 1s); // at 1.1 s
  step(900ms);
  EXPECT_EQ(state().rings, 2);
  step(100ms);
  EXPECT_EQ(state().rings, 3);
  ASSERT_TRUE(world_->entity<alarm>("a").send(alarm::stop{"beat"}).get());
  step(1h);
  EXPECT_EQ(state().rings, 3);
  repeat();
  ASSERT_TRUE(world_->entity<alarm>("a").remove().get());
  step(1s);
  EXPECT_EQ(world_->entity<alarm>("a").read().get().version, 8U) << "no timer made a change";
  verify();
}

TEST_F(RepeatingTimer, EndsWhenItsOwnCommandTakesItBack) {
  repeat(alarm::stops);
  step(1h);
  EXPECT_EQ(state().rings, 1);
  verify();
}

TEST_F(RepeatingTimer, SetAgainByItsOwnCommandItGoesOnFromWhenItWasDue) {
  repeat(alarm::sets_again);
  clock_.set(midnight + 64ms);
  step(0ms);
  step(36ms);
  EXPECT_EQ(state().rings, 2);
  EXPECT_EQ(state().due_us, us(midnight + 100ms));
  step(900ms);
  EXPECT_EQ(state().rings, 20);
  verify();
}

TEST_F(RepeatingTimer, ComesAgainAlsoWhenItsCommandIsRejectedOrThrows) {
  for (const auto tone : {alarm::rejects, alarm::throws}) {
    open(cairn::clock::stepped(midnight));
    repeat(tone);
    const auto before = world_->entity<alarm>("a").read().get().version;
    step(500ms);
    EXPECT_EQ(world_->entity<alarm>("a").read().get().version, before + 10) << "each time is noted";
    EXPECT_EQ(state().rings, 0);
    stop();
    verify();
  }
}

TEST_F(RepeatingTimer, APeriodThatIsNoneIsAnErrorThatNamesIt) {
  for (const auto period : {0us, -1us, microseconds::min()}) {
    const auto refused =
        world_->entity<alarm>("a").send(alarm::repeat{"beat", period.count(), 0}).get();
    ASSERT_NE(refused.failed(), nullptr);
    EXPECT_EQ(refused.failed()->error, cairn::entity_errc::entity_error);
    EXPECT_NE(refused.failed()->message.find("beat"), std::string::npos)
        << refused.failed()->message;
  }
  repeat(0, microseconds::max()); // so long that it never comes
  step(1h);
  EXPECT_EQ(state().rings, 0);
}

TEST_F(RepeatingTimer, GoesOnAfterARestartFromAnEventOrASnapshot) {
  for (const std::int64_t before :
       {2, 4, 7}) { // a snapshot every 5 changes, the fifth ends with one
    id_ = "after-" + std::to_string(before);
    open(cairn::clock::stepped(midnight));
    repeat();
    step(50ms * before);
    ASSERT_EQ(state().rings, before);
    open(cairn::clock::stepped(midnight + 50ms * before + 1'000ms + 10ms), false);
    world_->host<alarm>();
    step(0ms);
    EXPECT_EQ(state().rings, before + 1);
    EXPECT_EQ(state().missed, 19);
    EXPECT_EQ(state().due_us, us(midnight + 50ms * (before + 1)));
    step(40ms);
    EXPECT_EQ(state().rings, before + 2);
    EXPECT_EQ(state().due_us, us(midnight + 50ms * (before + 21)));
    stop();
    verify();
  }
}

TEST_F(RepeatingTimer, ByASteadyClockItDoesNotDriftHoweverLateItComes) {
  hand_clock hands;
  const auto start = hands.wall();
  open(hands.clock());
  repeat();
  std::int64_t late_us = 0;
  microseconds passed{};
  for (int i = 0; i < 200; ++i) {
    const microseconds next(50'000 + (i * 7'919) % 20'000 - 9'000); // now early, now late
    hands.pass(next);
    passed += next;
    world_->settle();
    const auto seen = state();
    if (seen.rings > 0) {
      late_us = std::max(late_us, seen.now_us - seen.due_us);
      EXPECT_EQ((seen.due_us - us(start)) % 50'000, 0) << "a whole number of periods";
    }
  }
  EXPECT_GT(late_us, 1'000);
  EXPECT_EQ(state().rings + state().missed, passed / 50ms);
  verify();
}

TEST_F(RepeatingTimer, OtherCommandsAreToldOfNoTimer) {
  ASSERT_TRUE(world_->entity<alarm>("a").send(alarm::ring{}).get());
  EXPECT_EQ(state().due_us, -1);
  EXPECT_EQ(state().timer, "");
  ASSERT_TRUE(world_->entity<alarm>("a").send(alarm::ring_after{"once", 1'000}).get());
  step(1s);
  EXPECT_EQ(state().due_us, us(midnight + 1ms));
  EXPECT_EQ(state().timer, "once");
}

} // namespace
