// What makes a cold entity warm again soon: snapshots of those at rest, loading many at once, loading beforehand.

#include <cairn/cairn.hpp>

#include "tests/support/held_journal.hpp"
#include "tests/support/journal_support.hpp"
#include "tests/support/sample_entities.hpp"
#include "tests/support/watched_journal.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <thread>

namespace {

using namespace std::chrono_literals;
using cairn::testing::snapshots_of;
using cairn::testing::watched_journal;
using sample::counter; // a snapshot every 10 changes

/// Cannot be rebuilt when it is told so.
struct fragile {
  int dummy = 0;
  static inline std::atomic<bool> broken{false};

  struct touch {};
  struct touched {};

  static cairn::decision<touched> decide(const touch& /*command*/) { return touched{}; }
  void apply(const touched& /*event*/) {
    if (broken) {
      throw std::runtime_error("in pieces");
    }
  }

  using entity = cairn::entity<"fragile", cairn::commands<touch>>;
};

class ColdEntities : public ::testing::Test {
protected:
  ColdEntities() { open(); }

  void open(cairn::limits limits = {}, unsigned loading_threads = 2) {
    world_.reset();
    cairn::world_options options;
    options.journal = watched_journal::watch(journal_.source(), seen_);
    options.limits = limits;
    options.loading_threads = loading_threads;
    world_ = std::make_unique<cairn::world>(std::move(options));
    world_->host<counter>();
  }

  /// So many changes of each of so many entities, one of each after the other.
  void change(int entities, int changes) {
    for (int round = 0; round < changes; ++round) {
      std::vector<cairn::future<cairn::unchecked_outcome<>>> sent;
      for (int i = 0; i < entities; ++i) {
        sent.push_back(world_->entity<counter>(std::to_string(i)).send(counter::add{1}));
      }
      for (auto& one : sent) {
        ASSERT_TRUE(one.get());
      }
    }
  }

  /// Every entity is at `version`, which is its value too.
  void expect_all_at(int entities, cairn::version_type version) {
    for (int i = 0; i < entities; ++i) {
      const auto seen = world_->entity<counter>(std::to_string(i)).read().get();
      EXPECT_EQ(seen.version, version) << i;
      EXPECT_EQ(seen.state.value, static_cast<std::int64_t>(version)) << i;
    }
  }

  std::vector<cairn::version_type> snapshotted(const std::string& entity) {
    std::vector<cairn::version_type> versions;
    for (const auto& next : snapshots_of(journal_.inside())) {
      if (next.entity == entity) {
        versions.push_back(next.version);
      }
    }
    return versions;
  }

  held_journal journal_;
  watched_journal::counts seen_;
  std::unique_ptr<cairn::world> world_;
};

TEST_F(ColdEntities, WhatLeavesMemoryWithEnoughChangesLeavesASnapshot) {
  cairn::limits limits;
  limits.idle_time = 1ms;
  open(limits);
  std::vector<cairn::future<cairn::unchecked_outcome<>>> sent;
  for (int i = 0; i < 7; ++i) {
    sent.push_back(world_->entity<counter>("a").send(counter::add{1}));
  }
  for (auto& one : sent) {
    ASSERT_TRUE(one.get());
  }
  while (snapshots_of(journal_.inside()).empty()) {
    std::this_thread::yield();
  }
  while (world_->counts().resident > 0) {
    std::this_thread::yield();
  }
  const auto left = snapshotted("counter/a");
  EXPECT_GE(left.front(), 5U); // it may have left in between
  EXPECT_LE(left.back(), 7U);
  EXPECT_EQ(world_->entity<counter>("a").read().get().state.value, 7);
}

TEST_F(ColdEntities, ACleanCloseSnapshotsWhatChangedEnough) {
  change(300, 5);
  ASSERT_TRUE(world_->entity<counter>("few").send(counter::add{1}).get());
  ASSERT_TRUE(world_->close().ok());
  EXPECT_EQ(snapshots_of(journal_.inside()).size(), 300U);
  EXPECT_EQ(snapshotted("counter/7"), std::vector<cairn::version_type>{5});
  EXPECT_TRUE(snapshotted("counter/few").empty());
  open();
  seen_.scanned = 0;
  expect_all_at(300, 5);
  EXPECT_EQ(seen_.scanned + seen_.reads, 0U) << "the snapshots were enough";
  ASSERT_TRUE(world_->close().ok());
  EXPECT_EQ(snapshots_of(journal_.inside()).size(), 300U) << "nothing is new";
}

TEST_F(ColdEntities, AWorldThatHasStoppedClosesWithoutSnapshots) {
  change(20, 6);
  journal_.fail_next(cairn::fate::in_doubt);
  EXPECT_FALSE(world_->entity<counter>("0").send(counter::add{1}).get());
  static_cast<void>(world_->close());
  EXPECT_LT(snapshots_of(journal_.inside()).size(), 20U);
}

// Entities in step reach their round versions in the same batch, where all their snapshots would be.
TEST_F(ColdEntities, SnapshotsOfEntitiesInStepAreSpread) {
  constexpr int entities = 300;
  change(entities, 39);
  std::map<cairn::version_type, int> at;
  for (const auto& next : snapshots_of(journal_.inside())) {
    ++at[next.version];
  }
  EXPECT_GE(at.size(), 25U);
  EXPECT_GE(at.begin()->first, 10U) << "not in the first round";
  for (const auto& [version, count] : at) {
    EXPECT_LT(count, entities / 5) << version;
  }
  for (int i = 0; i < entities; ++i) {
    const auto versions = snapshotted("counter/" + std::to_string(i));
    EXPECT_EQ(versions.size(), 3U) << i;
    EXPECT_EQ(versions[1], versions[0] + 10) << i;
  }
}

TEST_F(ColdEntities, ThoseThatWaitAreLoadedTogether) {
  constexpr int entities = 500;
  change(entities, 4); // too few for a snapshot
  open({}, 1);
  journal_.hold_reading("counter/blocks");
  auto blocked = world_->entity<counter>("blocks").read();
  while (world_->counts().activations == 0) {
    std::this_thread::yield();
  }
  std::vector<cairn::future<cairn::reading<counter>>> reads;
  for (int i = 0; i < entities; ++i) {
    reads.push_back(world_->entity<counter>(std::to_string(i)).read());
  }
  while (world_->counts().activations < entities + 1U) {
    std::this_thread::yield();
  }
  seen_.reads = 0;
  seen_.scanned = 0;
  journal_.hold_reading("");
  for (auto& one : reads) {
    EXPECT_EQ(one.get().version, 4U);
  }
  blocked.get();
  EXPECT_LE(seen_.reads, 2U) << "of one that waited when no other did";
  EXPECT_LE(seen_.scanned, 2U * entities * 4U) << "each change is read about once";
}

TEST_F(ColdEntities, PreloadReadsTheJournalOnceAThread) {
  constexpr std::size_t entities = 2'500;
  change(entities, 3);
  ASSERT_TRUE(world_->entity<counter>("gone").send(counter::add{1}).get());
  ASSERT_TRUE(world_->entity<counter>("gone").remove().get());
  open();
  seen_.scanned = 0;
  std::vector<std::pair<std::size_t, std::size_t>> told;
  const auto loaded = world_->preload<counter>(
      [&](std::size_t so_far, std::size_t total) { told.emplace_back(so_far, total); });
  EXPECT_TRUE(loaded.ok()) << loaded.message;
  EXPECT_EQ(world_->counts().resident, entities);
  EXPECT_EQ(world_->counts().activations, entities);
  EXPECT_LE(seen_.scanned, 2 * (entities * 3 + 2));
  EXPECT_EQ(seen_.reads, 0U);
  ASSERT_FALSE(
      told.empty()); // the end always; before it, what there is whenever the caller wakes up
  EXPECT_TRUE(std::is_sorted(told.begin(), told.end()));
  EXPECT_EQ(told.back(), std::pair(entities, entities));
  seen_.scanned = 0;
  expect_all_at(entities, 3);
  EXPECT_EQ(seen_.scanned + seen_.reads, 0U) << "all were in memory";
  change(3, 1);
  EXPECT_TRUE(world_->preload<counter>().ok()) << "again: nothing is left to load";
  EXPECT_EQ(world_->counts().activations, entities);
}

// Invariant 8.
TEST_F(ColdEntities, PreloadStopsWhereNoMoreFit) {
  change(200, 1);
  cairn::limits limits;
  limits.resident_max = 80;
  open(limits);
  const auto loaded = world_->preload<counter>();
  EXPECT_EQ(loaded.error, cairn::runtime_errc::overloaded);
  EXPECT_NE(loaded.message.find("70 entities of counter"), std::string::npos) << loaded.message;
  EXPECT_EQ(world_->counts().resident, 70U);
}

TEST_F(ColdEntities, PreloadSaysWhatItCouldNotLoadAndLoadsTheRest) {
  world_->host<fragile>();
  ASSERT_TRUE(world_->entity<fragile>("x").send(fragile::touch{}).get());
  ASSERT_TRUE(world_->entity<fragile>("y").send(fragile::touch{}).get());
  open();
  world_->host<fragile>();
  fragile::broken = true;
  const auto failed = world_->preload<fragile>();
  EXPECT_EQ(failed.error, cairn::entity_errc::entity_error);
  EXPECT_NE(failed.message.find("in pieces"), std::string::npos) << failed.message;
  fragile::broken = false;
  EXPECT_EQ(world_->entity<fragile>("x").read().get().version, 1U)
      << "its next request tries again";
  EXPECT_TRUE(world_->preload<fragile>().ok());
}

TEST_F(ColdEntities, PreloadOfATypeThatIsNotHostedIsRefused) {
  EXPECT_EQ(world_->preload<fragile>().error, cairn::entity_errc::unknown_type);
}

TEST_F(ColdEntities, WhatTheProgressThrowsComesOut) {
  change(10, 1);
  open();
  EXPECT_THROW(static_cast<void>(world_->preload<counter>(
                   [](std::size_t, std::size_t) { throw std::runtime_error("enough"); })),
               std::runtime_error);
  EXPECT_EQ(world_->counts().resident, 10U);
  EXPECT_TRUE(world_->close().ok());
}

// Invariant 5: whoever is quicker, the state in memory is the newest.
TEST_F(ColdEntities, PreloadBesideTrafficNeverGoesBack) {
  constexpr int entities = 100;
  change(entities, 2);
  for (int round = 0; round < 10; ++round) {
    open();
    std::thread traffic([&] {
      for (int i = entities - 1; i >= 0; --i) {
        const auto at = static_cast<cairn::version_type>(2 + round);
        EXPECT_TRUE(
            world_->entity<counter>(std::to_string(i)).send(counter::add{1}, cairn::at(at)).get());
      }
    });
    EXPECT_TRUE(world_->preload<counter>().ok());
    traffic.join();
    expect_all_at(entities, static_cast<cairn::version_type>(3 + round));
  }
}

} // namespace
