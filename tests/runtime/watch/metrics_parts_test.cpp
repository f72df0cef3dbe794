// What a world measures of its parts: entities in memory, batches, stages, subscribers, the store.

#include <cairn/cairn.hpp>

#include "tests/support/metrics_world.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;
using sample::counter;

using MetricsOfParts = metrics_world;

} // namespace

TEST_F(MetricsOfParts, BatchesAndTheLineBeforeTheJournal) {
  journal_.hold();
  auto first = entity("a").send(counter::add{1});
  journal_.await_held(1);
  std::vector<cairn::future<cairn::unchecked_outcome<>>> behind;
  for (const char* id : {"b", "c", "d"}) {
    behind.push_back(entity(id).send(counter::add{1}));
  }
  auto reading = entity("a").read(); // what it tells is not yet durable
  EXPECT_EQ(seen()["cairn_commit_line_requests"], 1);
  EXPECT_EQ(seen()["cairn_batch_changes_count"], 0);
  journal_.release();
  EXPECT_TRUE(first.get());
  for (auto& each : behind) {
    EXPECT_TRUE(each.get());
  }
  EXPECT_TRUE(reading.get());
  await_quiet();
  const auto after = seen();
  EXPECT_EQ(after["cairn_commit_line_requests"], 0);
  EXPECT_EQ(after["cairn_batch_changes_sum"], 4);
  EXPECT_GE(after["cairn_batch_changes_count"], 2);
  EXPECT_EQ(after["cairn_batch_changes_bucket{le=\"1\"}"] > 0, true) << "the first one";
  EXPECT_EQ(after["cairn_batch_changes_bucket{le=\"+Inf\"}"], after["cairn_batch_changes_count"]);
  EXPECT_EQ(after["cairn_journal_position"], 4);
  EXPECT_EQ(after["cairn_requests_in_flight"], 0);
}

TEST_F(MetricsOfParts, EntitiesInMemoryAreCountedWhenTheyComeAndGoAndAreRebuilt) {
  cairn::world_options options;
  options.limits.idle_time = 1ms;
  open(std::move(options));
  EXPECT_TRUE(entity("a").send(counter::add{1}).get());
  EXPECT_TRUE(entity("b").send(counter::add{1}).get());
  while (world_->counts().resident > 0) {
    std::this_thread::yield();
  }
  const auto gone = seen();
  EXPECT_EQ(gone["cairn_activations_total"], 2);
  EXPECT_EQ(gone["cairn_stage_seconds_count{stage=\"load\"}"], 2);
  EXPECT_EQ(gone["cairn_rebuilds_total"], 0);
  open({}); // nobody leaves
  EXPECT_FALSE(entity("a").send(counter::crash{"apply"}).get());
  EXPECT_EQ(entity("a").read().get().state.value, 1);
  const auto rebuilt = seen();
  EXPECT_EQ(rebuilt["cairn_entities_resident"], 1);
  EXPECT_EQ(rebuilt["cairn_activations_total"], 2);
  EXPECT_EQ(rebuilt["cairn_rebuilds_total"], 1);
  EXPECT_EQ(rebuilt["cairn_loads_waiting"], 0);
}

TEST_F(MetricsOfParts, TheLagOfTheSlowestSubscriberGoesToZero) {
  std::mutex mutex;
  std::condition_variable changed;
  bool blocked = true;
  const auto slow = world_->subscribe(0, [&](const cairn::change&) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return !blocked; });
  });
  const auto late = world_->subscribe(0, [](const cairn::change&) {});
  auto broken = world_->subscribe(0, [](const cairn::change&) { throw std::runtime_error("no"); });
  auto ended = world_->subscribe(0, [](const cairn::change&) {});
  ended.stop();
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(entity("a").send(counter::add{1}).get());
  }
  while (late.next() < 10 || broken.state().ok()) {
    std::this_thread::yield();
  }
  const auto behind = seen();
  EXPECT_EQ(behind["cairn_subscriber_lag_changes"], 10);
  EXPECT_EQ(behind["cairn_subscribers{state=\"live\"}"], 2);
  EXPECT_EQ(behind["cairn_subscribers{state=\"stopped\"}"], 1);
  {
    const std::lock_guard lock(mutex);
    blocked = false;
    changed.notify_all();
  }
  while (slow.next() < 10) {
    std::this_thread::yield();
  }
  EXPECT_EQ(seen()["cairn_subscriber_lag_changes"], 0);
}

TEST_F(MetricsOfParts, OfEachStageSomeCommandsAreMeasuredAndOfSyncsAll) {
  constexpr int sent = 1'270; // gaps between samples are up to 127
  for (int i = 0; i < sent; ++i) {
    EXPECT_TRUE(entity("a").send(counter::add{1}).get());
  }
  const auto after = seen();
  const auto measured = [&](const char* stage) {
    return after["cairn_stage_seconds_count{stage=\"" + std::string(stage) + "\"}"];
  };
  EXPECT_GE(measured("mailbox"), 10);
  EXPECT_LT(measured("mailbox"), sent / 4);
  EXPECT_EQ(measured("decide"), measured("mailbox"));
  EXPECT_EQ(measured("batch_wait"), measured("mailbox"));
  EXPECT_EQ(measured("sync"), after["cairn_batch_changes_count"]);
  for (const char* stage : {"mailbox", "decide", "batch_wait", "sync"}) {
    const std::string label = "{stage=\"" + std::string(stage) + "\"";
    EXPECT_GE(after["cairn_stage_seconds_sum" + label + "}"], 0);
    EXPECT_EQ(after["cairn_stage_seconds_bucket" + label + ",le=\"+Inf\"}"], measured(stage));
    EXPECT_LE(after["cairn_stage_seconds_bucket" + label + ",le=\"0.001\"}"], measured(stage));
  }
}

TEST_F(MetricsOfParts, AStoppedStoreShows) {
  EXPECT_TRUE(entity("a").send(counter::add{1}).get());
  EXPECT_EQ(seen()["cairn_stopped"], 0);
  journal_.fail_next(cairn::fate::in_doubt);
  EXPECT_NE(entity("a").send(counter::add{1}).get().failed(), nullptr);
  EXPECT_NE(entity("b").read().get().failure, std::nullopt);
  const auto stopped = seen();
  EXPECT_EQ(stopped["cairn_stopped"], 1);
  EXPECT_EQ(stopped["cairn_failures_total{error=\"store_failed\"}"], 2);
  EXPECT_EQ(stopped["cairn_commit_line_requests"], 0);
  EXPECT_EQ(stopped["cairn_batch_changes_count"], 1);
}

TEST_F(MetricsOfParts, WhatIsAppendedAgainBehindAFencedChangeIsMeasuredOnce) {
  const auto fenced = entity("fenced");
  const auto other = entity("other");
  EXPECT_TRUE(fenced.send(counter::add{1}).get());
  EXPECT_TRUE(other.send(counter::add{1}).get());
  cairn::world rival({.journal = journal_.source()});
  rival.host<counter>();
  EXPECT_TRUE(rival.entity<counter>("fenced").send(counter::add{1}).get());
  journal_.hold();
  auto first = other.send(counter::add{1});
  journal_.await_held(1); // what follows shares a batch
  std::vector<cairn::future<cairn::unchecked_outcome<>>> sharing;
  for (int i = 0; i < 1'270; ++i) {
    sharing.push_back(other.send(counter::add{1}));
  }
  auto lost = fenced.send(counter::add{1});
  journal_.release();
  EXPECT_TRUE(first.get());
  for (auto& each : sharing) {
    EXPECT_TRUE(each.get());
  }
  EXPECT_EQ(lost.get().failed()->error, cairn::journal_errc::fenced);
  const auto after = seen();
  EXPECT_EQ(after["cairn_failures_total{error=\"fenced\"}"], 1);
  EXPECT_GE(after["cairn_stage_seconds_count{stage=\"mailbox\"}"], 10);
  EXPECT_EQ(after["cairn_stage_seconds_count{stage=\"batch_wait\"}"],
            after["cairn_stage_seconds_count{stage=\"mailbox\"}"]);
}
