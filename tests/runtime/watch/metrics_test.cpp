// What a world counts of requests agrees to the unit with what its clients were answered.

#include <cairn/cairn.hpp>
#include <cairn/transaction.hpp>

#include "tests/support/living_entities.hpp"
#include "tests/support/metrics_world.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;
using cairn::testing::tally;
using sample::bell;
using sample::counter;
using metered_purse = sample::purse;

using Metrics = metrics_world;

} // namespace

TEST_F(Metrics, EveryOutcomeOfACommandIsCountedUnderItsTypeAndKind) {
  tally told;
  const auto count = [&](const auto& outcome) { told.command("counter", outcome); };
  count(entity("a").send(counter::add{1}).get());
  count(entity("a").send(counter::add{1}, cairn::at(1)).get());
  count(entity("a").send(counter::look{}).get());
  for (int i = 0; i < 3; ++i) {
    count(entity("a").send(counter::add{1}, cairn::at(1)).get()); // stale
  }
  count(entity("a").send(counter::add{1}, cairn::at(9)).get());  // ahead
  count(entity("a").send(counter::add{1}, cairn::absent).get()); // exists
  count(entity("b").send(counter::add{1}, cairn::exists).get()); // absent
  count(entity("a").send(counter::add{-9}).get());               // rejected
  count(entity("a").send(counter::add{-9}, cairn::at(2)).get()); // the same
  count(entity("a").send(counter::add{2}, {.id = "one"}).get());
  count(entity("a").send(counter::add{2}, {.id = "one"}).get()); // duplicate
  count(entity("a").send(counter::add{3}, {.id = "one"}).get()); // reused
  count(entity("a").send(counter::crash{"decide"}).get());
  count(entity("b").remove().get()); // unavailable, absent
  count(entity("c").send(counter::add{1}).get());
  count(entity("c").remove(cairn::at(1)).get());
  count(entity("c").send(counter::add{1}).get());               // unavailable, deleted
  count(entity("c").send(counter::add{1}, cairn::at(2)).get()); // deleted
  EXPECT_TRUE(entity("a").lease(1min).get());
  told.add("cairn_leases_total{type=\"counter\",outcome=\"leased\"}");
  count(entity("a").send(counter::add{1}).get());               // unavailable, leased
  count(entity("a").send(counter::add{1}, cairn::at(3)).get()); // leased
  const auto gold = world_->entity<metered_purse>("p");
  told.command("purse", gold.send(metered_purse::add{5}).get());
  told.command("purse", gold.send(metered_purse::add{5}).get());
  told.command("purse", gold.send(metered_purse::add{5}, cairn::at(1)).get()); // merged
  told.command("purse",
               gold.send(metered_purse::add{-50}, cairn::at(1)).get()); // rejected all the same
  EXPECT_EQ(told.sum("cairn_commands_merged_total"), 1);
  EXPECT_EQ(told.sum("cairn_conflicts_total"), 8);
  EXPECT_EQ(told.sum("cairn_unavailable_total"), 3);
  told.expect_all_in(seen());
}

TEST_F(Metrics, ATimersCommandIsCountedOnceByWhatBecameOfIt) {
  cairn::world_options options;
  options.clock = cairn::clock::stepped(cairn::time_point(0s));
  open(std::move(options));
  world_->host<bell>();
  const auto set = [this](const char* name, std::int64_t tone) {
    EXPECT_TRUE(world_->entity<bell>("b").send(bell::set{name, 10, tone}).get());
  };
  set("rings", 1);
  set("is too low", -1);
  set("throws", bell::forbidden_tone);
  ASSERT_TRUE(world_->step(10ms).ok());
  ASSERT_EQ(world_->entity<bell>("b").read().get().version, 6U); // each timer is noted
  const auto now = seen();
  EXPECT_EQ(now[R"(cairn_commands_total{type="bell",outcome="accepted"})"], 4);
  EXPECT_EQ(now[R"(cairn_commands_total{type="bell",outcome="rejected"})"], 1);
  EXPECT_EQ(now[R"(cairn_commands_total{type="bell",outcome="failed"})"], 1);
}

TEST_F(Metrics, ReadsAndLeasesAreCountedByTheirOutcome) {
  tally told;
  const auto of = [&](const char* family, const char* outcome) {
    told.add(std::string(family) + "{type=\"counter\",outcome=\"" + outcome + "\"}");
  };
  told.command("counter", entity("a").send(counter::add{1}).get());
  EXPECT_TRUE(entity("a").read().get());
  EXPECT_TRUE(entity("b").read().get());
  of("cairn_reads_total", "read");
  of("cairn_reads_total", "read");
  const auto bad = world_->entity<counter>("").read().get();
  of("cairn_reads_total", "failed");
  told.failed(bad.failure->error);
  const auto lease = entity("a").lease(1min).get();
  of("cairn_leases_total", "leased");
  EXPECT_EQ(entity("a").lease(1min).get().conflict()->kind, cairn::conflict_kind::leased);
  told.conflict("counter", cairn::conflict_kind::leased, "lease");
  of("cairn_leases_total", "conflict");
  EXPECT_EQ(entity("b").lease(1min).get().conflict()->kind, cairn::conflict_kind::absent);
  told.conflict("counter", cairn::conflict_kind::absent, "lease");
  of("cairn_leases_total", "conflict");
  EXPECT_TRUE(entity("a").release(lease.leased()->token).get());
  of("cairn_leases_total", "leased");
  const auto lost = entity("a").release(lease.leased()->token).get();
  of("cairn_leases_total", "failed");
  told.failed(lost.failed()->error);
  told.expect_all_in(seen());
}

TEST_F(Metrics, TransactionsAreCountedWholeAndTheirCommandsByHowItEnded) {
  tally told;
  told.command("counter", entity("a").send(counter::add{5}).get());
  const auto ended = [&](const char* outcome, int counters, int purses) {
    const std::string how = std::string("outcome=\"") + outcome + "\"}";
    told.add("cairn_transactions_total{of=\"commands\"," + how);
    told.add("cairn_transaction_commands_total{type=\"counter\"," + how, counters);
    told.add("cairn_transaction_commands_total{type=\"purse\"," + how, purses);
  };
  const auto gold = world_->entity<metered_purse>("p");
  cairn::transaction good(*world_);
  good.send(entity("a"), counter::add{-1})
      .send(entity("b"), counter::add{1})
      .send(gold, metered_purse::add{1});
  EXPECT_TRUE(good.commit().get());
  ended("accepted", 2, 1);
  cairn::transaction stale(*world_);
  stale.send(entity("a"), counter::add{1}, cairn::at(1)).send(gold, metered_purse::add{-9});
  stale.require(entity("c"), cairn::exists);
  EXPECT_NE(stale.commit().get().conflict(), nullptr) << "a conflict and a rejection";
  ended("conflict", 1, 1);
  told.conflict("counter", cairn::conflict_kind::stale, "transaction");
  told.conflict("counter", cairn::conflict_kind::absent, "transaction");
  cairn::transaction poor(*world_);
  poor.send(gold, metered_purse::add{-9});
  EXPECT_NE(poor.commit().get().rejected(), nullptr);
  ended("rejected", 0, 1);
  cairn::transaction twice(*world_);
  twice.send(entity("a"), counter::add{1}).send(entity("a"), counter::add{1});
  told.failed(twice.commit().get().failed()->error);
  ended("failed", 2, 0);
  cairn::read_all both(*world_);
  both.add(entity("a"));
  both.add(gold);
  EXPECT_TRUE(both.get().ok());
  told.add("cairn_transactions_total{of=\"reads\",outcome=\"accepted\"}");
  told.expect_all_in(seen());
}

TEST_F(Metrics, ACommandToManyIsCountedAtEachEntityAlsoWhereItConcernsNobody) {
  tally told;
  for (const int value : {1, 20, 30}) {
    told.command("counter", entity(std::to_string(value)).send(counter::add{value}).get());
  }
  const auto done = cairn::update_all<counter>(
      *world_, counter::add{100}, [](const counter& state) { return state.value >= 20; });
  EXPECT_EQ(done.matched, 2U);
  told.add(commands + "{type=\"counter\",outcome=\"accepted\"}", 2);
  told.add(commands + "{type=\"counter\",outcome=\"unmatched\"}");
  told.expect_all_in(seen());
}

TEST_F(Metrics, RequestsThatAreNotLetInAreCountedToo) {
  cairn::world_options options;
  options.limits.mailbox_max = 2;
  open(std::move(options));
  tally told;
  const auto a = entity("a");
  told.command("counter", a.send(counter::add{1}).get());
  await_quiet();
  journal_.hold();
  std::vector<cairn::future<cairn::unchecked_outcome<>>> sent;
  constexpr int waiting = 5;
  sent.reserve(waiting);
  for (int i = 0; i < waiting; ++i) {
    sent.push_back(a.send(counter::add{1}));
  }
  journal_.await_held(1);
  const auto full = seen();
  EXPECT_EQ(full["cairn_requests_in_flight"], 2);
  EXPECT_EQ(full["cairn_mailbox_requests_max"], 2);
  EXPECT_EQ(full["cairn_limit{limit=\"mailbox_max\"}"], 2);
  EXPECT_EQ(full["cairn_failures_total{error=\"overloaded\"}"], 3);
  journal_.release();
  for (auto& each : sent) {
    told.command("counter", each.get());
  }
  const auto stranger = world_->entity<sample::dice>("d").send(sample::dice::roll{}).get();
  told.command("(not hosted)", stranger);
  EXPECT_TRUE(world_->close().ok());
  told.command("counter", a.send(counter::add{1}).get());
  EXPECT_EQ(told.sum("cairn_failures_total{error=\"shutting_down\"}"), 1);
  told.expect_all_in(seen());
}

TEST_F(Metrics, AgreeWithManyClientsToTheUnit) {
  tally told;
  constexpr int clients = 4;
  constexpr int rounds = 1'500;
  std::vector<std::thread> threads;
  threads.reserve(clients);
  for (int client = 0; client < clients; ++client) {
    threads.emplace_back([&, client] {
      std::mt19937 random(static_cast<unsigned>(client));
      for (int round = 0; round < rounds; ++round) {
        const auto to = entity(std::to_string(random() % 5));
        const auto n = static_cast<std::int64_t>(random() % 5) - 2;
        if (random() % 3 == 0) {
          told.command("counter", to.send(counter::add{n}).get());
        } else if (random() % 20 == 0) {
          told.command("counter", to.remove(cairn::exists).get());
        } else {
          told.command("counter", to.send(counter::add{n}, cairn::at(random() % 40)).get());
        }
      }
    });
  }
  for (auto& thread : threads) {
    thread.join();
  }
  const auto all = seen();
  told.expect_all_in(all);
  EXPECT_EQ(all.sum(commands), clients * rounds);
  EXPECT_GT(all.sum("cairn_conflicts_total"), 0);
  EXPECT_EQ(all["cairn_batch_changes_sum"], all["cairn_journal_position"]);
}
