// What the simulation says of the questions that the literature has answered.
#include <cairn/compare.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace cairn::compare {
namespace {

settings only(std::vector<std::string> strategies, std::uint64_t commands = 4'000) {
  settings how;
  how.strategies = std::move(strategies);
  how.commands = commands;
  return how;
}

workload clients_on(std::uint64_t clients, std::uint64_t entities) {
  workload load;
  load.clients = clients;
  load.entities = entities;
  return load;
}

/// Each request takes as long as any other, and nothing else takes time.
cost_model equal_service() {
  cost_model costs;
  costs.decide_us = costs.refuse_us = costs.read_us = costs.lease_us = 10;
  costs.commit_us = costs.batch_us = costs.sync_us = 0;
  return costs;
}

figures simulated(const char* strategy, const workload& load, const cost_model& costs,
                  std::uint64_t commands = 4'000) {
  const auto cells = simulate({load}, costs, only({strategy}, commands));
  EXPECT_EQ(cells.size(), 1U);
  EXPECT_EQ(cells.front().error, "");
  return cells.front().median;
}

TEST(Simulation, OfEqualServiceOneAttemptInKIsAccepted) {
  for (const std::uint64_t clients : {2, 4, 8, 16}) {
    const auto found = simulated("optimistic", clients_on(clients, 1), equal_service());
    const auto expected = static_cast<double>(clients - 1);
    EXPECT_NEAR(found.conflicts_per_accept, expected, 0.05 * expected) << clients << " clients";
    EXPECT_EQ(found.lost, 0);
  }
}

// A lease taken, a read, a command, the lease let go: 10 + 10 + 10 + 10 us of one client on one core, and with
// leases five times as dear 50 + 10 + 10 + 50.
TEST(Simulation, ALeaseTakesItsTimeTwice) {
  auto costs = equal_service();
  costs.cores = 1;
  EXPECT_NEAR(simulated("lease", clients_on(1, 1), costs).accepted_per_s, 1e6 / 40, 50);
  costs.lease_us = 50;
  EXPECT_NEAR(simulated("lease", clients_on(1, 1), costs).accepted_per_s, 1e6 / 120, 50);
}

TEST(Simulation, TheSingleWriterHasNoConflicts) {
  for (const std::uint64_t clients : {1, 2, 16, 256}) {
    const auto found = simulated("single-writer", clients_on(clients, 1), cost_model{});
    EXPECT_EQ(found.conflicts_per_accept, 0) << clients << " clients";
    EXPECT_GT(found.accepted, 0U);
  }
}

TEST(Simulation, OnlyOverwritingLosesUpdates) {
  auto load = clients_on(16, 4);
  load.think_ms = 1;
  load.parts = 4;
  const auto cells = simulate({load}, cost_model{}, only({}));
  EXPECT_EQ(cells.size(), 8U);
  for (const auto& one : cells) {
    EXPECT_EQ(one.error, "");
    if (one.strategy == "overwrite") {
      EXPECT_GT(one.median.lost, 0);
    } else {
      EXPECT_EQ(one.median.lost, 0) << one.strategy;
    }
  }
}

// Agrawal, Carey and Livny, ACM TODS 12(4), 1987: the answer depends on the resources. Three machines, the
// same costs, a few entities.
class Resources : public ::testing::Test {
protected:
  static constexpr std::uint64_t entities = 16;

  static figures run(const char* strategy, std::uint64_t clients, double think_ms,
                     std::uint32_t cores) {
    auto load = clients_on(clients, entities);
    load.think_ms = think_ms;
    cost_model costs;
    costs.decide_us = costs.refuse_us = costs.read_us = costs.lease_us = 100;
    costs.cores = cores;
    costs.lease_queue = true; // who waits for a lock waits in line
    return simulated(strategy, load, costs);
  }
};

TEST_F(Resources, PlentifulTheyLetOptimisticRiseWithClientsBeyondWaiting) {
  constexpr std::uint32_t plenty = 1'000;
  double last = 0;
  for (const std::uint64_t clients : {4, 16, 64, 256}) {
    const double now = run("optimistic", clients, 10, plenty).accepted_per_s;
    EXPECT_GT(now, 1.15 * last) << clients << " clients";
    last = now;
  }
  EXPECT_GT(last, 1.5 * run("lease", 256, 10, plenty).accepted_per_s);
}

TEST_F(Resources, ShortTheyLetOptimisticFallBehindWaiting) {
  EXPECT_LT(1.5 * run("optimistic", 256, 0, 1).accepted_per_s,
            run("lease", 256, 0, 1).accepted_per_s);
}

TEST_F(Resources, ShortTheyServeOptimisticAgainWhenClientsThinkForLong) {
  EXPECT_GT(run("optimistic", 64, 1'000, 1).accepted_per_s,
            1.2 * run("lease", 64, 1'000, 1).accepted_per_s);
}

TEST(Simulation, SkewMakesConflicts) {
  auto mild = clients_on(64, 10'000);
  mild.theta = 0.6;
  auto strong = mild;
  strong.theta = 0.9;
  const auto few = simulated("optimistic", mild, cost_model{}, 20'000);
  const auto many = simulated("optimistic", strong, cost_model{}, 20'000);
  EXPECT_GE(many.conflicts_per_accept, 3 * few.conflicts_per_accept);
  EXPECT_GT(few.conflicts_per_accept, 0);
}

TEST(Simulation, AspectsConflictLessTheMorePartsThereAre) {
  auto load = clients_on(16, 1);
  load.parts = 2;
  const auto two = simulated("aspects", load, cost_model{});
  load.parts = 16; // more than the presets' entities have
  const auto sixteen = simulated("aspects", load, cost_model{});
  EXPECT_LT(3 * sixteen.conflicts_per_accept, two.conflicts_per_accept);
  EXPECT_LT(two.conflicts_per_accept,
            simulated("optimistic", load, cost_model{}).conflicts_per_accept);
}

TEST(Simulation, AnOpenLoopCountsWaitingFromTheIntendedStart) {
  auto load = clients_on(1, 1);
  load.rate_per_s = 100'000; // far more than one client gets done
  const auto found = simulated("single-writer", load, cost_model{});
  EXPECT_GT(found.p50_us, 10 * simulated("single-writer", clients_on(1, 1), cost_model{}).p50_us);
  load.rate_per_s = 100;
  EXPECT_NEAR(simulated("single-writer", load, cost_model{}).accepted_per_s, 100, 1);
}

TEST(Simulation, MoreClientsShareABatch) {
  const auto one = simulated("single-writer", clients_on(1, 1), cost_model{});
  const auto many = simulated("single-writer", clients_on(256, 1), cost_model{});
  EXPECT_NEAR(one.accepted_per_s / one.batches_per_s, 1, 0.01);
  EXPECT_GT(many.accepted_per_s / many.batches_per_s, 50);
}

} // namespace
} // namespace cairn::compare
