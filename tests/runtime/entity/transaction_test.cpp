// Several entities at once: all or nothing, no reader sees half, nobody waits for ever.

#include <cairn/cairn.hpp>
#include <cairn/transaction.hpp>

#include "tests/support/held_journal.hpp"
#include "tests/support/sample_entities.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <thread>

namespace {

using namespace std::chrono_literals;
using cairn::conflict_kind;
using sample::counter;

class Transaction : public ::testing::Test {
protected:
  Transaction() { open(); }

  void open(cairn::limits limits = {}) {
    world_.reset();
    cairn::world_options options;
    options.journal = journal_.source();
    options.limits = limits;
    world_ = std::make_unique<cairn::world>(std::move(options));
    world_->host<counter>();
  }

  cairn::entity_ref<counter> entity(const std::string& id) { return world_->entity<counter>(id); }
  std::int64_t value(const std::string& id) { return entity(id).read().get().state.value; }
  cairn::version_type version(const std::string& id) { return entity(id).read().get().version; }

  held_journal journal_;
  std::unique_ptr<cairn::world> world_;
};

TEST_F(Transaction, AllOfItIsJournaledAsOneUnit) {
  EXPECT_TRUE(entity("b").send(counter::add{5}).get());
  cairn::transaction both(*world_);
  both.send(entity("b"), counter::add{-5}, cairn::at(1)).send(entity("a"), counter::add{5});
  const auto outcome = both.meta({{"who", "test"}}).commit().get();
  ASSERT_TRUE(outcome);
  const auto& done = *outcome.accepted();
  ASSERT_EQ(done.items.size(), 2U);
  EXPECT_EQ(done.items[0].version, 2U); // in the order of the items, not of the keys
  EXPECT_EQ(done.items[1].version, 1U);
  EXPECT_EQ(done.position, 1U);
  EXPECT_FALSE(done.duplicate);
  std::vector<std::string> unit;
  EXPECT_TRUE(journal_.inside()
                  .scan(2,
                        [&](const cairn::record& stored) {
                          cairn::change made;
                          EXPECT_TRUE(cairn::decode_change(stored, made).ok());
                          EXPECT_EQ(made.unit_first(), 1U);
                          EXPECT_EQ(made.unit_size, 2U);
                          EXPECT_EQ(cairn::find_meta(made.cause.meta, "who"), "test");
                          unit.push_back(made.entity);
                          return true;
                        })
                  .ok());
  EXPECT_EQ(unit, (std::vector<std::string>{"counter/a", "counter/b"}));
}

TEST_F(Transaction, OneRefusalRefusesAllAndEveryOneIsListed) {
  EXPECT_TRUE(entity("a").send(counter::add{1}).get());
  EXPECT_TRUE(entity("b").send(counter::add{1}).get());
  cairn::transaction three(*world_);
  three.send(entity("c"), counter::add{1})
      .send(entity("b"), counter::add{-9})
      .send(entity("a"), counter::add{1}, cairn::at(7))
      .require(entity("d"), cairn::exists);
  const auto outcome = three.commit().get();
  ASSERT_NE(outcome.conflict(), nullptr);
  const auto& refused = outcome.conflict()->items;
  ASSERT_EQ(refused.size(), 3U);
  EXPECT_EQ(refused[0].index, 1U);
  EXPECT_EQ(refused[0].rejected->reason, "below zero");
  EXPECT_EQ(refused[1].index, 2U);
  EXPECT_EQ(refused[1].conflict->kind, conflict_kind::ahead);
  EXPECT_EQ(refused[1].conflict->actual, 1U);
  EXPECT_EQ(refused[2].entity, "counter/d");
  EXPECT_EQ(refused[2].conflict->kind, conflict_kind::absent);
  EXPECT_EQ(value("a"), 1);
  EXPECT_EQ(value("b"), 1);
  EXPECT_EQ(version("c"), 0U);
  EXPECT_EQ(journal_.inside().end().next, 2U);
  // What was tried and taken back leaves no trace: versions go on without a gap.
  EXPECT_EQ(entity("c").send(counter::add{1}, cairn::at(0)).get().accepted()->version, 1U);
}

TEST_F(Transaction, RulesAloneThatSayNoAreARejection) {
  cairn::transaction two(*world_);
  two.send(entity("a"), counter::add{3}).send(entity("b"), counter::add{-1});
  const auto outcome = two.commit().get();
  ASSERT_NE(outcome.rejected(), nullptr);
  ASSERT_EQ(outcome.rejected()->items.size(), 1U);
  EXPECT_EQ(outcome.rejected()->items[0].index, 1U);
  EXPECT_EQ(version("a"), 0U);
}

TEST_F(Transaction, AnAssertionChangesNothingAndHoldsTheOthersToIt) {
  EXPECT_TRUE(entity("guard").send(counter::add{1}).get());
  const auto attempt = [&](cairn::version_type seen) {
    cairn::transaction one(*world_);
    one.send(entity("a"), counter::add{1}).require(entity("guard"), cairn::at(seen));
    return one.commit().get();
  };
  EXPECT_TRUE(attempt(1));
  EXPECT_EQ(version("guard"), 1U);
  EXPECT_TRUE(entity("guard").send(counter::add{1}).get());
  const auto stale = attempt(1);
  ASSERT_NE(stale.conflict(), nullptr);
  EXPECT_EQ(stale.conflict()->items[0].conflict->kind, conflict_kind::stale);
  EXPECT_EQ(version("a"), 1U);
}

TEST_F(Transaction, RemovesAndCreates) {
  EXPECT_TRUE(entity("old").send(counter::add{4}).get());
  cairn::transaction move(*world_);
  move.send(entity("old"), cairn::remove{}, cairn::at(1))
      .send(entity("new"), counter::add{4}, cairn::absent);
  EXPECT_TRUE(move.commit().get());
  EXPECT_FALSE(entity("old").read().get().exists);
  EXPECT_EQ(value("new"), 4);
}

TEST_F(Transaction, TheSameIdIsExecutedOnceAndAnsweredTheSame) {
  const auto attempt = [&](std::int64_t amount) {
    cairn::transaction both(*world_);
    both.send(entity("b"), counter::add{amount})
        .send(entity("a"), counter::look{})
        .send(entity("c"), counter::add{1})
        .id("t-1");
    return both.commit().get();
  };
  const auto first = attempt(2);
  ASSERT_TRUE(first);
  for (int round = 0; round < 2; ++round) {
    const auto again = attempt(2);
    ASSERT_TRUE(again) << again.failed()->message;
    EXPECT_TRUE(again.accepted()->duplicate);
    EXPECT_EQ(again.accepted()->position, first.accepted()->position);
    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_EQ(again.accepted()->items[i].version, first.accepted()->items[i].version);
    }
    const auto other = attempt(3);
    ASSERT_NE(other.failed(), nullptr);
    EXPECT_EQ(other.failed()->error, cairn::entity_errc::command_id_reused);
    EXPECT_TRUE(entity("b").send(counter::add{1}).get()); // versions go on in between
    open();                                               // and after a restart
  }
  EXPECT_EQ(value("b"), 4);
  // The id belongs to each of its entities: alone it is another command.
  const auto alone = entity("c").send(counter::add{1}, {.id = "t-1"}).get();
  ASSERT_NE(alone.failed(), nullptr);
  EXPECT_EQ(alone.failed()->error, cairn::entity_errc::command_id_reused);
}

TEST_F(Transaction, ADuplicateIsAnsweredThoughItsLeaseIsGone) {
  EXPECT_TRUE(entity("a").send(counter::add{1}).get());
  const std::string token = entity("a").lease(60s).get().leased()->token;
  const auto attempt = [&] {
    cairn::transaction both(*world_);
    both.send(entity("a"), counter::look{}).under_lease(token);
    both.send(entity("b"), counter::add{1}).id("t-1");
    return both.commit().get();
  };
  EXPECT_TRUE(attempt());
  EXPECT_TRUE(entity("a").release(token).get());
  const auto again = attempt();
  ASSERT_TRUE(again) << again.failed()->message;
  EXPECT_TRUE(again.accepted()->duplicate);
}

TEST_F(Transaction, ADuplicateInFlightWaitsForTheFirst) {
  journal_.hold();
  const auto make = [&] {
    cairn::transaction both(*world_);
    both.send(entity("a"), counter::add{1}).send(entity("b"), counter::add{1}).id("t-1");
    return both.commit();
  };
  auto first = make();
  journal_.await_held(1);
  auto second = make();
  EXPECT_FALSE(second.wait_for(0s));
  journal_.release();
  EXPECT_FALSE(first.get().accepted()->duplicate);
  const auto again = second.get();
  ASSERT_TRUE(again);
  EXPECT_TRUE(again.accepted()->duplicate);
  EXPECT_EQ(again.accepted()->position, 0U);
  EXPECT_EQ(value("a"), 1);
}

TEST_F(Transaction, WhatItCannotBeIsSaid) {
  cairn::transaction none(*world_);
  EXPECT_EQ(none.commit().get().failed()->error, cairn::entity_errc::invalid_command);
  cairn::transaction twice(*world_);
  twice.send(entity("a"), counter::add{1}).send(entity("a"), counter::add{1});
  const auto refused = twice.commit().get();
  ASSERT_NE(refused.failed(), nullptr);
  EXPECT_NE(refused.failed()->message.find("counter/a occurs twice"), std::string::npos);
  cairn::limits limits;
  limits.transaction_entities_max = 2;
  open(limits);
  cairn::transaction many(*world_);
  for (const char* id : {"a", "b", "c"}) {
    many.send(entity(id), counter::add{1});
  }
  EXPECT_EQ(many.commit().get().failed()->error, cairn::journal_errc::too_large);
  EXPECT_EQ(journal_.inside().end().next, 0U);
}

TEST_F(Transaction, AnEntityWhoseCodeThrowsFailsAllAndBreaksNothing) {
  EXPECT_TRUE(entity("a").send(counter::add{1}).get());
  for (const char* where : {"decide", "apply"}) {
    cairn::transaction both(*world_);
    both.send(entity("a"), counter::crash{where}).send(entity("b"), counter::add{1});
    const auto outcome = both.commit().get();
    ASSERT_NE(outcome.failed(), nullptr);
    EXPECT_EQ(outcome.failed()->error, cairn::entity_errc::entity_error);
    EXPECT_EQ(value("a"), 1);
    EXPECT_EQ(version("b"), 0U);
  }
}

// Invariant 3, and none of the entities waits for the disk.
TEST_F(Transaction, TheEntitiesGoOnWhileItIsWritten) {
  journal_.hold();
  cairn::transaction both(*world_);
  both.send(entity("a"), counter::add{1}).send(entity("b"), counter::add{1});
  auto outcome = both.commit();
  journal_.await_held(1);
  auto behind = entity("a").send(counter::add{1}, cairn::at(1));
  auto reading = entity("b").read();
  EXPECT_FALSE(outcome.wait_for(0s));
  EXPECT_FALSE(reading.wait_for(0s));
  journal_.release();
  EXPECT_TRUE(outcome.get());
  EXPECT_EQ(behind.get().accepted()->version, 2U);
  EXPECT_EQ(reading.get().state.value, 1);
}

// Invariant 4: what cannot be written is undone at every one of its entities.
TEST_F(Transaction, AFailedWriteFailsItWhole) {
  journal_.fail_next(cairn::fate::in_doubt);
  cairn::transaction both(*world_);
  both.send(entity("a"), counter::add{1}).send(entity("b"), counter::add{1});
  const auto outcome = both.commit().get();
  ASSERT_NE(outcome.failed(), nullptr);
  EXPECT_EQ(outcome.failed()->fate, cairn::fate::in_doubt);
  open();
  EXPECT_EQ(version("a"), version("b"));
}

// Invariant 10: somebody else wrote to one of them; the others lose what they did, too.
TEST_F(Transaction, OneFencedEntityTakesTheWholeUnitBack) {
  EXPECT_TRUE(entity("a").send(counter::add{1}).get());
  EXPECT_TRUE(entity("b").send(counter::add{1}).get());
  {
    cairn::world_options options;
    options.journal = journal_.source();
    cairn::world rival(std::move(options));
    rival.host<counter>();
    EXPECT_TRUE(rival.entity<counter>("b").send(counter::add{1}).get());
  }
  cairn::transaction both(*world_);
  both.send(entity("a"), counter::add{1}).send(entity("b"), counter::add{1});
  const auto outcome = both.commit().get();
  ASSERT_NE(outcome.failed(), nullptr);
  EXPECT_EQ(outcome.failed()->error, cairn::journal_errc::fenced);
  EXPECT_EQ(version("a"), 1U);
  EXPECT_EQ(version("b"), 2U);
  EXPECT_TRUE(entity("a").send(counter::add{1}, cairn::at(1)).get());
}

// Eight threads move value between few entities in every direction, so that transactions wait for each other
// all the time, while single commands and readers come in between, and entities come and go.
TEST_F(Transaction, TheSumNeverChangesAndNobodyWaitsForEver) {
  constexpr int entities = 12;
  constexpr int senders = 8;
  constexpr int rounds = 300;
  cairn::limits limits;
  limits.idle_time = 1ms;
  open(limits);
  for (int i = 0; i < entities; ++i) {
    EXPECT_TRUE(entity(std::to_string(i)).send(counter::add{1'000}).get());
  }
  std::atomic<int> accepted{0};
  std::atomic<bool> ending{false};
  std::vector<std::thread> threads;
  for (int sender = 0; sender < senders; ++sender) {
    threads.emplace_back([&, sender] {
      std::mt19937 random(static_cast<unsigned>(sender));
      for (int round = 0; round < rounds; ++round) {
        const auto from = entity(std::to_string(random() % entities));
        auto to = entity(std::to_string(random() % entities));
        if (from.key() == to.key()) {
          continue;
        }
        const auto seen = from.read().get();
        cairn::transaction move(*world_);
        move.send(from, counter::add{-3}, cairn::at(seen.version)).send(to, counter::add{3});
        const auto outcome = move.commit().get();
        accepted += outcome ? 1 : 0;
        EXPECT_EQ(outcome.failed(), nullptr);
        EXPECT_TRUE(from.send(counter::look{}).get());
      }
    });
  }
  std::thread reader([&] {
    while (!ending) {
      cairn::read_all all(*world_);
      std::vector<const cairn::reading<counter>*> read;
      for (int i = 0; i < entities; ++i) {
        read.push_back(&all.add(entity(std::to_string(i))));
      }
      EXPECT_TRUE(all.get().ok());
      std::int64_t sum = 0;
      for (const auto* one : read) {
        sum += one->state.value;
      }
      EXPECT_EQ(sum, 1'000 * entities);
    }
  });
  for (auto& thread : threads) {
    thread.join();
  }
  ending = true;
  reader.join();
  EXPECT_GT(accepted, 100);
}

TEST_F(Transaction, ReadingAllSaysWhereInTheJournalItWas) {
  EXPECT_TRUE(entity("a").send(counter::add{1}).get());
  EXPECT_TRUE(entity("b").send(counter::add{2}).get());
  EXPECT_TRUE(entity("b").remove().get());
  cairn::read_all all(*world_);
  const auto& a = all.add(entity("a"));
  const auto& b = all.add(entity("b"));
  const auto& c = all.add(entity("c"));
  ASSERT_TRUE(all.get().ok());
  EXPECT_EQ(all.position(), 3U);
  EXPECT_EQ(a.state.value, 1);
  EXPECT_TRUE(a.exists);
  EXPECT_EQ(b.version, 2U);
  EXPECT_FALSE(b.exists);
  EXPECT_EQ(c.version, 0U);
}

} // namespace
