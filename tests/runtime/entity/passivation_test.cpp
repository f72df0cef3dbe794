// Entities come and go while they are sent to. Invariant 11.

#include <cairn/cairn.hpp>

#include "tests/support/held_journal.hpp"
#include "tests/support/sample_entities.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace {

using namespace std::chrono_literals;
using sample::counter;

/// Counts how many of its states are in memory.
struct heavy {
  static inline std::atomic<int> alive{0};

  heavy() noexcept { ++alive; }
  heavy(const heavy& /*other*/) noexcept { ++alive; }
  heavy& operator=(const heavy&) noexcept = default;
  ~heavy() { --alive; }

  struct touch {};
  struct touched {};

  static cairn::decision<touched> decide(const touch& /*command*/) { return touched{}; }
  void apply(const touched& /*event*/) {}

  using entity = cairn::entity<"heavy", cairn::commands<touch>>;
};
BOOST_DESCRIBE_STRUCT(heavy, (), ())

// Invariant 8: a reference remembers where it found its entity, and must not keep it in memory by that.
TEST(Passivation, AReferenceDoesNotKeepAnEntityInMemory) {
  cairn::world_options options;
  options.limits.idle_time = 1ms;
  cairn::world world(std::move(options));
  world.host<heavy>();
  const auto entity = world.entity<heavy>("a");
  for (cairn::version_type version = 0; version < 5; ++version) {
    EXPECT_TRUE(entity.send(heavy::touch{}, cairn::at(version)).get());
    while (heavy::alive > 0) { // ends only when leaving frees it, while `entity` lives on
      std::this_thread::yield();
    }
  }
  EXPECT_EQ(world.counts().activations, 5U);
}

// Several threads send at once while the idle time is next to nothing, so that nearly every send meets an
// entity that is leaving. At the expected version, one sender each: a command that is lost, doubled or
// reordered shows as a conflict or as a wrong sum.
TEST(Passivation, NoCommandIsLostDoubledOrReorderedInTheRace) {
  held_journal journal;
  cairn::world_options options;
  options.journal = journal.source();
  options.limits.idle_time = 1ms;
  cairn::world world(std::move(options));
  world.host<counter>();
  constexpr int senders = 4;
  constexpr int entities_each = 5;
  constexpr int rounds = 400;
  std::atomic<int> refused{0};
  std::vector<std::thread> threads;
  for (int sender = 0; sender < senders; ++sender) {
    threads.emplace_back([&, sender] {
      for (int round = 0; round < rounds; ++round) {
        const auto entity = world.entity<counter>(std::to_string(sender) + "-" +
                                                  std::to_string(round % entities_each));
        const auto version = static_cast<cairn::version_type>(round / entities_each) * 3;
        // Three in a row without waiting: they must arrive in this order.
        auto first = entity.send(counter::add{1}, cairn::at(version));
        auto second = entity.send(counter::add{1}, cairn::at(version + 1));
        auto third = entity.send(counter::add{1}, cairn::at(version + 2));
        refused += !first.get();
        refused += !second.get();
        refused += !third.get();
        // Now and then everybody waits until the first one leaves, and then sends again, to those that
        // are just about to follow.
        const auto activations = world.counts().activations;
        while (round % (4 * entities_each) == 0 && world.counts().activations == activations &&
               world.counts().resident == senders * entities_each) {
          std::this_thread::yield();
        }
      }
    });
  }
  for (auto& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(refused, 0);
  EXPECT_EQ(journal.inside().end().next, static_cast<cairn::position_type>(senders * rounds * 3));
  EXPECT_GT(world.counts().activations, static_cast<std::uint64_t>(senders * entities_each))
      << "nothing ever left: this test showed nothing";
}

TEST(Passivation, MoreEntitiesThanFitAreServedOneAfterTheOther) {
  held_journal journal;
  cairn::world_options options;
  options.journal = journal.source();
  options.limits.resident_max = 100;
  cairn::world world(std::move(options));
  world.host<counter>();
  std::size_t most = 0;
  std::size_t overloaded = 0;
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 1'000; ++i) {
      const auto entity = world.entity<counter>(std::to_string(i));
      auto outcome =
          entity.send(counter::add{1}, cairn::at(static_cast<cairn::version_type>(round))).get();
      while (outcome.failed() != nullptr &&
             outcome.failed()->error == cairn::runtime_errc::overloaded) {
        ++overloaded;
        std::this_thread::yield();
        outcome =
            entity.send(counter::add{1}, cairn::at(static_cast<cairn::version_type>(round))).get();
      }
      EXPECT_TRUE(outcome);
      most = std::max<std::size_t>(most, world.counts().resident);
    }
  }
  EXPECT_LE(most, 100U);
  EXPECT_EQ(journal.inside().end().next, 3'000U);
  EXPECT_LT(overloaded, 3'000U);
}

TEST(Passivation, AnEntityWithAWriteInFlightStays) {
  held_journal journal;
  cairn::world_options options;
  options.journal = journal.source();
  options.limits.idle_time = 1ms;
  cairn::world world(std::move(options));
  world.host<counter>();
  const auto entity = world.entity<counter>("a");
  journal.hold();
  auto sent = entity.send(counter::add{1});
  journal.await_held(1);
  for (int i = 0; i < 20; ++i) { // others come and go meanwhile
    world.entity<counter>("other").read().get();
    std::this_thread::yield();
  }
  EXPECT_GE(world.counts().resident, 1U);
  auto behind = entity.send(counter::add{1}, cairn::at(1));
  journal.release();
  EXPECT_TRUE(sent.get());
  EXPECT_TRUE(behind.get());
}

TEST(Passivation, IdsAreKnownAcrossIt) {
  held_journal journal;
  cairn::world_options options;
  options.journal = journal.source();
  options.limits.idle_time = 1ms;
  cairn::world world(std::move(options));
  world.host<counter>();
  const auto entity = world.entity<counter>("a");
  for (int i = 0; i < 30; ++i) { // across snapshots at 10, 20 and 30
    EXPECT_TRUE(entity.send(counter::add{1}, {"c" + std::to_string(i), {}}).get());
  }
  const auto before = world.counts().activations;
  while (world.counts().resident > 0) {
    std::this_thread::yield();
  }
  for (int i = 0; i < 30; ++i) {
    const auto again = entity.send(counter::add{1}, {"c" + std::to_string(i), {}}).get();
    ASSERT_TRUE(again);
    EXPECT_TRUE(again.accepted()->duplicate);
    EXPECT_EQ(again.accepted()->version, static_cast<cairn::version_type>(i + 1));
    EXPECT_EQ(again.accepted()->position, static_cast<cairn::position_type>(i));
  }
  EXPECT_GT(world.counts().activations, before);
  EXPECT_EQ(entity.read().get().state.value, 30);
}

} // namespace
