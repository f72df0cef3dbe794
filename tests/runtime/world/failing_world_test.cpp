// Writes that fail, rivals that write too, and code that throws: what is lost is refused, and nothing else is harmed.
#include <cairn/cairn.hpp>

#include "tests/support/held_journal.hpp"
#include "tests/support/sample_entities.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace {

using sample::counter;

// Invariant 4: activation numbers. The failed batch is in doubt; what was decided on top of it, in the
// line or still in the mailbox, is not written; and the store has stopped.
TEST(World, AFailedWriteStopsTheStoreAndEverythingBehindIt) {
  held_journal journal;
  cairn::version_type versions = 0;
  {
    cairn::world world({.journal = journal.source()});
    world.host<counter>();
    const auto entity = world.entity<counter>("a");
    EXPECT_TRUE(entity.send(counter::add{1}).get());
    journal.hold();
    auto failing = entity.send(counter::add{10});
    journal.await_held(1);
    std::vector<cairn::future<cairn::unchecked_outcome<>>> behind;
    for (int i = 0; i < 20; ++i) {
      behind.push_back(entity.send(counter::add{100}));
    }
    auto read = entity.read();
    journal.fail_next(cairn::fate::in_doubt);
    journal.release();
    const auto failed = failing.get();
    ASSERT_NE(failed.failed(), nullptr);
    EXPECT_EQ(failed.failed()->fate, cairn::fate::in_doubt);
    EXPECT_EQ(failed.failed()->error, cairn::journal_errc::store_failed);
    for (auto& outcome : behind) {
      const auto refused = outcome.get();
      ASSERT_NE(refused.failed(), nullptr);
      EXPECT_EQ(refused.failed()->fate, cairn::fate::not_written);
    }
    EXPECT_FALSE(read.get());
    const auto later = world.entity<counter>("other").send(counter::add{1}).get();
    ASSERT_NE(later.failed(), nullptr);
    EXPECT_EQ(later.failed()->error, cairn::journal_errc::store_failed);
    EXPECT_EQ(later.failed()->fate, cairn::fate::not_written);
    EXPECT_FALSE(entity.read().get());
    versions = journal.inside().end().next;
  }
  EXPECT_EQ(versions, 1U);
  cairn::world world({.journal = journal.source()});
  world.host<counter>();
  EXPECT_EQ(
      world.entity<counter>("a").send(counter::add{1}, cairn::at(1)).get().accepted()->version, 2U);
  EXPECT_EQ(world.entity<counter>("a").read().get().state.value, 2);
}

TEST(World, AnInDoubtCommandIsSettledByItsId) {
  held_journal journal;
  for (const bool written : {false, true}) {
    const std::string id = written ? "written" : "lost";
    if (written) {
      cairn::world world({.journal = journal.source()});
      world.host<counter>();
      EXPECT_TRUE(
          world.entity<counter>("a").send(counter::add{1}, {id, {}}).get()); // the reply got lost
    } else {
      cairn::world world({.journal = journal.source()});
      world.host<counter>();
      journal.fail_next(cairn::fate::in_doubt);
      EXPECT_EQ(world.entity<counter>("a").send(counter::add{1}, {id, {}}).get().failed()->fate,
                cairn::fate::in_doubt);
    }
    cairn::world world({.journal = journal.source()});
    world.host<counter>();
    const auto before = world.entity<counter>("a").read().get().state.value;
    const auto settled = world.entity<counter>("a").send(counter::add{1}, {id, {}}).get();
    ASSERT_TRUE(settled);
    EXPECT_EQ(settled.accepted()->duplicate, written);
    EXPECT_EQ(world.entity<counter>("a").read().get().state.value, before + (written ? 0 : 1));
  }
}

// Invariant 10: somebody else writes to the same entity; nobody's change is lost or doubled.
TEST(World, AFencedEntityIsRebuiltAndOthersInTheBatchAreWritten) {
  held_journal journal;
  cairn::world world({.journal = journal.source()});
  world.host<counter>();
  const auto fenced = world.entity<counter>("fenced");
  const auto other = world.entity<counter>("other");
  EXPECT_TRUE(fenced.send(counter::add{1}).get());
  EXPECT_TRUE(other.send(counter::add{1}).get());
  cairn::world rival({.journal = journal.source()});
  rival.host<counter>();
  EXPECT_EQ(
      rival.entity<counter>("fenced").send(counter::add{5}, cairn::at(1)).get().accepted()->version,
      2U);

  journal.hold();
  auto warm_up = other.send(counter::add{1});
  journal.await_held(1); // so that the rest shares a batch
  auto lost = fenced.send(counter::add{10});
  auto behind = fenced.send(counter::add{10});
  auto written = other.send(counter::add{1});
  journal.release();
  EXPECT_TRUE(warm_up.get());
  for (auto* refused : {&lost, &behind}) {
    const auto outcome = refused->get();
    ASSERT_NE(outcome.failed(), nullptr);
    EXPECT_EQ(outcome.failed()->error, cairn::journal_errc::fenced);
    EXPECT_EQ(outcome.failed()->fate, cairn::fate::not_written);
  }
  EXPECT_EQ(written.get().accepted()->version, 3U);
  const auto read = fenced.read().get();
  EXPECT_EQ(read.state.value, 6);
  EXPECT_EQ(read.version, 2U);
  EXPECT_EQ(fenced.send(counter::add{1}, cairn::at(2)).get().accepted()->version, 3U);
}

TEST(World, AnEntityWhoseCodeThrowsIsRebuiltAndOthersAreUnharmed) {
  held_journal journal;
  cairn::world world({.journal = journal.source()});
  world.host<counter>();
  const auto entity = world.entity<counter>("a");
  EXPECT_TRUE(entity.send(counter::add{1}).get());
  for (const char* where : {"decide", "apply"}) {
    journal.hold();
    auto before = entity.send(counter::add{1});
    auto crashed = entity.send(counter::crash{where});
    auto behind = entity.send(counter::add{1});
    journal.await_held(1);
    journal.release();
    EXPECT_TRUE(before.get());
    const auto outcome = crashed.get();
    ASSERT_NE(outcome.failed(), nullptr) << where;
    EXPECT_EQ(outcome.failed()->error, cairn::entity_errc::entity_error);
    EXPECT_EQ(outcome.failed()->fate, cairn::fate::not_written);
    EXPECT_EQ(outcome.failed()->message,
              "crash on counter/a: the entity's code threw: " + std::string(where) + " broke");
    EXPECT_TRUE(behind.get());
    EXPECT_TRUE(world.entity<counter>("b").send(counter::add{1}).get());
  }
  const auto read = entity.read().get();
  EXPECT_EQ(read.state.value, 5);
  EXPECT_EQ(read.version, 5U);
}

} // namespace
