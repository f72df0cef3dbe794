// Timers: durable, named, once, whatever happens to entity and world meanwhile.

#include <cairn/cairn.hpp>
#include <cairn/detail/tools/verify.hpp>

#include "tests/support/held_journal.hpp"
#include "tests/support/living_entities.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>

namespace {

using namespace std::chrono_literals;
using sample::bell;

constexpr cairn::time_point morning{std::chrono::microseconds(1'780'000'000'000'000)};

class Timer : public ::testing::Test {
protected:
  Timer() { open(); }

  void open(cairn::time_point start = morning, bool hosts = true, cairn::limits limits = {}) {
    world_.reset();
    cairn::world_options options;
    options.journal = journal_.source();
    options.clock = clock_ = cairn::clock::stepped(start);
    options.limits = limits;
    world_ = std::make_unique<cairn::world>(std::move(options));
    if (hosts) {
      world_->host<bell>();
    }
  }

  void set(const std::string& id, const std::string& name, std::int64_t in_ms,
           std::int64_t tone = 1) {
    ASSERT_TRUE(world_->entity<bell>(id).send(bell::set{name, in_ms, tone}).get());
  }
  bell state(const std::string& id) { return world_->entity<bell>(id).read().get().state; }
  void step(std::chrono::milliseconds by) { ASSERT_TRUE(world_->step(by).ok()); }

  void verify() {
    cairn::verify_report report;
    const auto verified = cairn::verify_journal(world_->journal(), report);
    EXPECT_TRUE(verified.ok()) << verified.message;
  }

  std::size_t rows() {
    std::size_t count = 0;
    EXPECT_TRUE(world_->journal()
                    .agenda("", "\x7f",
                            [&](std::string_view) {
                              ++count;
                              return true;
                            })
                    .ok());
    return count;
  }

  held_journal journal_;
  cairn::clock clock_;
  std::unique_ptr<cairn::world> world_;
};

TEST_F(Timer, RingsAtItsTimeAndNotBefore) {
  set("a", "tea", 1'000, 7);
  step(999ms);
  EXPECT_EQ(state("a").rings, 0);
  EXPECT_EQ(rows(), 1U);
  step(1ms);
  EXPECT_EQ(state("a").rings, 1);
  EXPECT_EQ(state("a").tone, 7);
  EXPECT_EQ(rows(), 0U);
  step(1h);
  EXPECT_EQ(state("a").rings, 1);
  verify();
}

TEST_F(Timer, ItsChangeIsStampedWithTheTimeItWasDueAndSaysThatItFired) {
  set("a", "tea", 250);
  step(10s);
  std::vector<cairn::change> changes;
  ASSERT_TRUE(world_->journal()
                  .scan(0,
                        [&](const cairn::record& stored) {
                          EXPECT_TRUE(cairn::decode_change(stored, changes.emplace_back()).ok());
                          return true;
                        })
                  .ok());
  ASSERT_EQ(changes.size(), 2U);
  EXPECT_EQ(changes[1].time_us, (morning + 250ms).time_since_epoch().count());
  EXPECT_EQ(changes[1].cause.command, "ring");
  ASSERT_EQ(changes[1].events.size(), 2U);
  EXPECT_EQ(changes[1].events[0].name, "$fired");
  EXPECT_EQ(changes[1].events[1].name, "rang");
}

TEST_F(Timer, TheSameNameMovesItAndCancelTakesItBack) {
  set("a", "tea", 1'000, 1);
  set("a", "tea", 3'000, 2);
  set("a", "egg", 1'500, 3);
  step(2s);
  EXPECT_EQ(state("a").rings, 1);
  EXPECT_EQ(state("a").tone, 3);
  set("a", "egg", 500);
  ASSERT_TRUE(world_->entity<bell>("a").send(bell::unset{"egg"}).get());
  const auto nothing = world_->entity<bell>("a").send(bell::unset{"egg"}).get();
  ASSERT_TRUE(nothing);
  EXPECT_EQ(nothing.accepted()->version, 6U) << "what is not pending is no event";
  step(1h);
  EXPECT_EQ(state("a").rings, 2);
  EXPECT_EQ(state("a").tone, 2);
  verify();
}

TEST_F(Timer, FiresAfterARestartAlsoWhenItWasDueMeanwhileAndOnce) {
  set("a", "tea", 1'000, 5);
  set("a", "far", 100'000, 6);
  open(morning + 1h);
  step(0ms);
  EXPECT_EQ(state("a").rings, 2);
  EXPECT_EQ(state("a").tone, 6);
  open(morning + 2h);
  step(1h);
  EXPECT_EQ(state("a").rings, 2);
  verify();
}

TEST_F(Timer, SurvivesASnapshot) {
  set("a", "far", 10'000, 9);
  for (int i = 0; i < 7; ++i) { // a snapshot every 5 changes
    ASSERT_TRUE(world_->entity<bell>("a").send(bell::ring{1}).get());
  }
  open(morning + 1s);
  ASSERT_TRUE(world_->entity<bell>("a").send(bell::set{"far", 2'000, 8}).get());
  step(20s);
  EXPECT_EQ(state("a").rings, 8) << "moved, not doubled";
  EXPECT_EQ(state("a").tone, 8);
  verify();
}

TEST_F(Timer, WakesAnEntityThatHasLeftMemory) {
  cairn::limits limits;
  limits.idle_time = 1ms;
  open(morning, true, limits);
  set("a", "tea", 1'000);
  while (world_->counts().resident > 0) {
    std::this_thread::sleep_for(1ms);
  }
  step(1s);
  EXPECT_EQ(state("a").rings, 1);
}

TEST_F(Timer, ARejectedCommandIsNotedAndNotTriedAgain) {
  set("a", "low", 10, -1);
  step(1s);
  const auto seen = world_->entity<bell>("a").read().get();
  EXPECT_EQ(seen.state.rings, 0);
  EXPECT_EQ(seen.version, 2U);
  EXPECT_EQ(rows(), 0U);
  verify();
}

TEST_F(Timer, ACommandThatThrowsIsNotedAndTheEntityGoesOn) {
  set("a", "cracked", 10, bell::forbidden_tone);
  set("a", "good", 20, 4);
  step(1s);
  EXPECT_EQ(state("a").rings, 1);
  EXPECT_EQ(state("a").tone, 4);
  EXPECT_EQ(rows(), 0U);
  verify();
}

TEST_F(Timer, RemovalTakesItBack) {
  set("a", "tea", 10);
  set("a", "egg", 20);
  ASSERT_TRUE(world_->entity<bell>("a").remove().get());
  EXPECT_EQ(rows(), 0U);
  step(1s);
  const auto seen = world_->entity<bell>("a").read().get();
  EXPECT_EQ(seen.version, 3U);
  EXPECT_FALSE(seen.exists);
  verify();
}

TEST_F(Timer, WaitsForItsTypeToBeHosted) {
  set("a", "tea", 10);
  open(morning + 1s, false);
  step(1s);
  EXPECT_EQ(rows(), 1U);
  world_->host<bell>();
  step(1s);
  EXPECT_EQ(state("a").rings, 1);
}

TEST_F(Timer, ThoseOfATransactionCountOnlyWithIt) {
  cairn::transaction good(*world_);
  good.send(world_->entity<bell>("a"), bell::set{"tea", 10, 1})
      .send(world_->entity<bell>("b"), bell::set{"tea", 10, 2});
  ASSERT_TRUE(good.commit().get());
  cairn::transaction bad(*world_);
  bad.send(world_->entity<bell>("a"), bell::set{"egg", 10, 1})
      .send(world_->entity<bell>("b"), bell::ring{-1});
  ASSERT_FALSE(bad.commit().get());
  step(1s);
  EXPECT_EQ(state("a").rings, 1);
  EXPECT_EQ(state("b").rings, 1);
  verify();
}

TEST_F(Timer, ManyFireInOrderOfTimeThoughOnlySomeAreInMemory) {
  constexpr int count = 10'000; // more than are read at once
  for (int i = 0; i < count; ++i) {
    const int at = (i * 7'919) % count;
    world_->entity<bell>("b" + std::to_string(i % 50))
        .post(bell::set{"t" + std::to_string(i), 1'000 + at, at}, [](const auto&) {});
  }
  world_->settle();
  std::ignore = state("b49");
  open(morning);
  EXPECT_LE(world_->counts().timers_soon, 4'096U);
  step(1h);
  std::int64_t rings = 0;
  for (int i = 0; i < 50; ++i) {
    rings += state("b" + std::to_string(i)).rings;
  }
  EXPECT_EQ(rings, count - 1) << "all but the one that cracks the bell";
  verify();
}

TEST_F(Timer, FiresByAClockThatGoesByItself) {
  world_.reset();
  cairn::world_options options;
  options.journal = journal_.source();
  options.clock = cairn::clock::scaled(1'000);
  world_ = std::make_unique<cairn::world>(std::move(options));
  world_->host<bell>();
  EXPECT_EQ(world_->step(1s).error, std::errc::operation_not_permitted);
  set("a", "tea", 20'000, 5); // 20 ms, and beyond what is held in memory at first
  while (state("a").rings == 0) {
    std::this_thread::sleep_for(1ms);
  }
  EXPECT_EQ(state("a").tone, 5);
  world_->settle();
  verify();
}

TEST_F(Timer, APausedClockFiresNothing) {
  world_.reset();
  cairn::world_options options;
  cairn::clock time = cairn::clock::real();
  options.clock = time;
  world_ = std::make_unique<cairn::world>(std::move(options));
  world_->host<bell>();
  time.pause();
  const auto stood = time();
  set("a", "tea", 1);
  std::this_thread::sleep_for(20ms);
  EXPECT_EQ(time(), stood);
  EXPECT_EQ(state("a").rings, 0);
  time.resume();
  while (state("a").rings == 0) {
    std::this_thread::sleep_for(1ms);
  }
}

TEST_F(Timer, TicksComeAtTheirRateAndReplay) {
  auto ticks = world_->tick<bell>({"a", "b"}, {.every = 100ms}, [](const cairn::tick& now) {
    return bell::ring{static_cast<std::int64_t>(now.number)};
  });
  step(1s);
  EXPECT_EQ(ticks.counts().ticks, 10U);
  EXPECT_EQ(ticks.counts().accepted, 20U);
  EXPECT_EQ(ticks.counts().skipped, 0U);
  EXPECT_EQ(state("b").rings, 10);
  EXPECT_EQ(state("b").tone, 9);
  ticks.stop();
  step(1s);
  EXPECT_EQ(ticks.counts().ticks, 10U);
  verify();
}

TEST_F(Timer, TicksThatAreLateAreSkippedOrCaughtUpAsTheirPolicySays) {
  auto skipping = world_->tick<bell>({"a"}, {.every = 100ms}, [](const cairn::tick& now) {
    return bell::ring{static_cast<std::int64_t>(now.number)};
  });
  auto all = world_->tick<bell>(
      {"b"}, {.every = 100ms, .late = cairn::catch_up::all},
      [](const cairn::tick& now) { return bell::ring{static_cast<std::int64_t>(now.number)}; });
  clock_.set(morning + 1'050ms); // a leap, as of a machine that slept
  step(0ms);
  EXPECT_EQ(skipping.counts().ticks, 1U);
  EXPECT_EQ(skipping.counts().skipped, 9U);
  EXPECT_EQ(state("a").tone, 9);
  EXPECT_EQ(all.counts().ticks, 10U);
  EXPECT_EQ(all.counts().overruns, 9U);
  EXPECT_EQ(state("b").rings, 10);
}

// What passes costs no timer its command, and meanwhile it stands in nobody's way: of as many as may be under way
// none can be loaded.
TEST_F(Timer, WhatCannotBeLoadedIsTriedAgainAndHoldsUpNobodyElse) {
  constexpr int most_under_way = 1'024;
  for (int i = 0; i < most_under_way; ++i) {
    set("stuck-" + std::to_string(i), "tea", 500);
  }
  set("free", "tea", 600);
  world_.reset();
  journal_.fail_reading("bell/stuck-");
  cairn::world world(
      {.journal = journal_.source()}); // by the real clock all have been due for long
  world.host<bell>();
  const auto rings = [&world](const std::string& id) {
    const auto until = std::chrono::steady_clock::now() + 20s;
    const auto entity = world.entity<bell>(id);
    while (std::chrono::steady_clock::now() < until) {
      const auto found = entity.read().get();
      if (found && found.state.rings > 0) {
        return found.state.rings;
      }
      std::this_thread::sleep_for(5ms);
    }
    return decltype(bell::rings){0};
  };
  EXPECT_EQ(rings("free"), 1);
  EXPECT_FALSE(world.entity<bell>("stuck-0").read().get());
  journal_.fail_reading("");
  EXPECT_EQ(rings("stuck-0"), 1);
  EXPECT_EQ(rings("stuck-1023"), 1);
}

} // namespace
