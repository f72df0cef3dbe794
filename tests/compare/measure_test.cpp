// Real runs, as short as they can be: what is checked are their accounts, never how fast they were.
#include <cairn/compare.hpp>

#include "compare/plan/strategy.hpp"
#include "compare/real/audit.hpp"
#include "compare/real/run.hpp"
#include "compare/real/venue.hpp"
#include "tests/support/journal_support.hpp"

#include <gtest/gtest.h>

#include <latch>
#include <string>

namespace cairn::compare {
namespace {

settings brief() {
  settings how;
  how.seconds = 0.1;
  how.warm_up_s = 0.05;
  how.repetitions = 1;
  how.memory = true;
  return how;
}

workload contended() {
  workload load;
  load.clients = 16;
  load.entities = 3;
  load.parts = 4;
  return load;
}

TEST(Measure, OnlyOverwritingLosesUpdatesAndItsAccountsBalance) {
  const auto cells = measure(built_in_subject(), {contended()}, brief());
  ASSERT_EQ(cells.size(), 8U);
  for (const auto& one : cells) {
    EXPECT_EQ(one.error, "")
        << one.strategy; // the journal replays, and holds what clients were told
    EXPECT_GT(one.median.accepted, 0U) << one.strategy;
    if (one.strategy == "overwrite") {
      EXPECT_GT(one.median.lost, 0);
    } else {
      EXPECT_EQ(one.median.lost, 0) << one.strategy;
    }
    if (one.strategy == "single-writer") {
      EXPECT_EQ(one.median.conflicts_per_accept, 0);
    }
  }
}

TEST(Measure, ADurableJournalIsReplayedAfterItWasClosed) {
  testing::temporary_directory directory;
  auto how = brief();
  how.memory = false;
  how.data = directory.path().string();
  for (const auto& one : measure(built_in_subject(), {contended()}, how)) {
    EXPECT_EQ(one.error, "") << one.strategy;
    EXPECT_GT(one.median.syncs_per_s, 0) << one.strategy;
  }
  EXPECT_TRUE(std::filesystem::is_empty(directory.path())); // its journals are gone
}

TEST(Measure, AnOpenLoopThinkTimeReadsAndPayloadsBalanceToo) {
  auto load = contended();
  load.rate_per_s = 2'000;
  load.think_ms = 1;
  load.read_share = 0.3;
  load.parts = 4;
  load.state_bytes = 500;
  load.event_bytes = 50;
  load.theta = 1.1;
  for (const auto& one : measure(built_in_subject(), {load}, brief())) {
    EXPECT_EQ(one.error, "") << one.strategy;
  }
}

TEST(Measure, ACommandThatIsRefusedTooOftenIsGivenUp) {
  auto how = brief();
  how.attempts_max = 1;
  how.strategies = {"optimistic"};
  const auto cells = measure(built_in_subject(), {contended()}, how);
  ASSERT_EQ(cells.size(), 1U);
  EXPECT_EQ(cells.front().error, "");
  EXPECT_GT(cells.front().median.given_up, 0U);
  EXPECT_EQ(cells.front().median.retries_per_accept, 0);
}

TEST(Measure, AnInterruptionKeepsWhatIsDone) {
  auto how = brief();
  how.repetitions = 3;
  int asked = 0;
  how.interrupted = [&] { return ++asked > 20; };
  const auto cells = measure(built_in_subject(), {contended()}, how);
  for (const auto& one : cells) EXPECT_LT(one.repetitions.size(), 3U);
}

TEST(Measure, TheChecksCostIsOfCommandsThatAllHold) {
  const auto found = measure_check(built_in_subject(), 3, brief());
  EXPECT_EQ(found.error, "");
  EXPECT_EQ(found.pairs, 3U);
  EXPECT_GT(found.without_us, 0);
  EXPECT_GT(found.with_us, 0);
  EXPECT_GE(found.upper_bound_95, found.difference);
}

TEST(Measure, TheChecksCostNeedsAJournal) {
  auto how = brief();
  how.memory = false;
  how.data = "/proc/nobody-can-write-here";
  EXPECT_THROW(static_cast<void>(measure_check(built_in_subject(), 2, how)), startup_error);
}

/// Adds to the first entities of a world and gives it with what it serves.
class Audit : public ::testing::Test, public listener {
protected:
  Audit() : venue_(open_entity_venue(built_in_subject(), contended(), memory())) {
    for (int i = 0; i < 5; ++i) {
      std::latch done(1);
      waiting_ = &done;
      venue_->send(static_cast<std::uint64_t>(i % 2), {}, {form::relative, check::none}, {}, *this);
      done.wait();
    }
    served_ = venue_->served(problem_);
  }

  void observed(observation /*seen*/) noexcept override {}
  void answered(const reply& given) noexcept override {
    EXPECT_EQ(given.what, reply::kind::accepted);
    waiting_->count_down();
  }

  audit of(const std::vector<served_entity>& served, std::uint64_t told) const {
    return audit_run(built_in_subject(), served, venue_->journal(), told);
  }

  std::unique_ptr<venue> venue_;
  std::latch* waiting_ = nullptr;
  std::string problem_;
  std::vector<served_entity> served_;
};

TEST_F(Audit, BalancesWhenAllIsWell) {
  EXPECT_EQ(problem_, "");
  ASSERT_EQ(served_.size(), 2U);
  EXPECT_EQ(of(served_, 5).problem, "");
  EXPECT_EQ(of(served_, 5).lost, 0);
}

TEST_F(Audit, FindsAClientThatWasToldTooMuchOrTooLittle) {
  EXPECT_NE(of(served_, 6).problem, "");
  EXPECT_NE(of(served_, 4).problem, "");
}

TEST_F(Audit, FindsAStateThatDoesNotReplayToWhatWasServed) {
  auto other = served_;
  other.front().state_json = R"({"parts":[4],"payload":""})";
  EXPECT_NE(of(other, 5).problem.find(other.front().key), std::string::npos);
  other = served_;
  ++other.back().version;
  EXPECT_NE(of(other, 5).problem, "");
  other.pop_back();
  EXPECT_NE(of(other, 5).problem, "");
}

} // namespace
} // namespace cairn::compare
