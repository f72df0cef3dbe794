// One command to all that match.

#include <cairn/transaction.hpp>

#include "tests/support/held_journal.hpp"
#include "tests/support/sample_entities.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace {

using namespace std::chrono_literals;
using sample::counter;

class Bulk : public ::testing::Test {
protected:
  Bulk() { open(); }

  void open(cairn::limits limits = {}) {
    world_.reset();
    cairn::world_options options;
    options.journal = journal_.source();
    options.limits = limits;
    world_ = std::make_unique<cairn::world>(std::move(options));
    world_->host<counter>();
  }

  cairn::entity_ref<counter> entity(int i) { return world_->entity<counter>(std::to_string(i)); }

  /// Entities 0 … n - 1, each with its number as value.
  void fill(int n) {
    std::vector<cairn::future<cairn::unchecked_outcome<>>> sent;
    for (int i = 0; i < n; ++i) {
      sent.push_back(entity(i).send(counter::add{i}));
    }
    for (auto& one : sent) {
      EXPECT_TRUE(one.get());
    }
  }

  held_journal journal_;
  std::unique_ptr<cairn::world> world_;
};

bool is_large(const counter& state) { return state.value >= 5; }

TEST_F(Bulk, ChangesEveryEntityThatMatchesByOneVersion) {
  fill(10);
  EXPECT_TRUE(entity(9).remove().get());
  EXPECT_TRUE(entity(8).lease(1s).get());
  const auto result = cairn::update_all<counter>(*world_, counter::add{100}, is_large);
  EXPECT_EQ(result.matched, 3U);
  EXPECT_EQ(result.changed, 3U);
  EXPECT_EQ(result.leased, 1U);
  EXPECT_EQ(result.failed, 0U);
  for (int i = 0; i < 10; ++i) {
    const bool changed = i >= 5 && i < 8;
    EXPECT_EQ(entity(i).read().get().state.value, i == 9 ? 0 : i + (changed ? 100 : 0)) << i;
  }
  // Who saw an entity before conflicts afterwards.
  EXPECT_FALSE(entity(5).send(counter::add{1}, cairn::at(1)).get());
  EXPECT_TRUE(entity(4).send(counter::add{1}, cairn::at(1)).get());
}

TEST_F(Bulk, CountsWhatRulesRefuseAndWhatRecordsNothing) {
  fill(10);
  const auto everything = [](const counter& /*state*/) { return true; };
  const auto refused = cairn::update_all<counter>(*world_, counter::add{-7}, everything);
  EXPECT_EQ(refused.matched, 10U);
  EXPECT_EQ(refused.changed, 3U);
  EXPECT_EQ(refused.rejected, 7U);
  const auto looked = cairn::update_all<counter>(*world_, counter::look{}, everything);
  EXPECT_EQ(looked.matched, 10U);
  EXPECT_EQ(looked.changed, 0U);
}

TEST_F(Bulk, AtomicIsOneUnitOrNothing) {
  fill(10);
  const auto all = cairn::update_all<counter>(*world_, counter::add{1}, is_large, {.atomic = true});
  EXPECT_EQ(all.matched, 5U);
  EXPECT_EQ(all.changed, 5U);
  std::uint32_t size = 0;
  EXPECT_TRUE(journal_.inside()
                  .scan(14,
                        [&](const cairn::record& stored) {
                          size = stored.unit_size;
                          return true;
                        })
                  .ok());
  EXPECT_EQ(size, 5U);
  const auto refused =
      cairn::update_all<counter>(*world_, counter::add{-8}, is_large, {.atomic = true});
  ASSERT_TRUE(refused.refused.has_value());
  ASSERT_NE(refused.refused->rejected(), nullptr);
  EXPECT_EQ(refused.refused->rejected()->items.size(), 2U); // 5 and 6 stand at 6 and 7
  EXPECT_EQ(refused.changed, 0U);
  EXPECT_EQ(entity(9).read().get().state.value, 10);
  cairn::limits limits;
  limits.transaction_entities_max = 4;
  open(limits);
  const auto many =
      cairn::update_all<counter>(*world_, counter::add{1}, is_large, {.atomic = true});
  ASSERT_TRUE(many.failure.has_value());
  EXPECT_EQ(many.failure->error, cairn::journal_errc::too_large);
}

TEST_F(Bulk, AtomicPassesOverWhatNoLongerMatchesOrHasGone) {
  fill(4);
  std::atomic<int> looks{0};
  const auto fewer = cairn::update_all<counter>(
      *world_, counter::add{10},
      [&](const counter& state) { return state.value != 1 || looks++ == 0; }, {.atomic = true});
  EXPECT_FALSE(fewer.failure.has_value());
  EXPECT_EQ(fewer.matched, 3U);
  EXPECT_EQ(fewer.changed, 3U);
  std::atomic<bool> removed{false};
  const auto gone = cairn::update_all<counter>(
      *world_, counter::add{10},
      [&](const counter& state) {
        if (state.value == 1 && !removed.exchange(true)) {
          entity(1).post(cairn::remove{}, [](const auto& /*outcome*/) {}); // behind this look
        }
        return true;
      },
      {.atomic = true});
  EXPECT_FALSE(gone.refused.has_value());
  EXPECT_FALSE(gone.failure.has_value());
  EXPECT_EQ(gone.changed, 3U);
}

TEST_F(Bulk, GivesUpOnWhatNeverFits) {
  fill(3);
  cairn::limits limits;
  limits.resident_max = 0;
  open(limits);
  const auto result = cairn::update_all<counter>(*world_, counter::add{1},
                                                 [](const counter& /*state*/) { return true; });
  EXPECT_EQ(result.failed, 3U);
  ASSERT_TRUE(result.failure);
  EXPECT_EQ(result.failure->error, cairn::runtime_errc::overloaded);
}

TEST_F(Bulk, ALeasedEntityLeavesRoomForTheOthers) {
  fill(3);
  cairn::limits limits;
  limits.resident_max = 1;
  open(limits);
  EXPECT_TRUE(entity(0).lease(60s).get());
  const auto result = cairn::update_all<counter>(*world_, counter::add{1},
                                                 [](const counter& /*state*/) { return true; });
  EXPECT_EQ(result.leased, 1U);
  EXPECT_EQ(result.changed, 2U);
  EXPECT_EQ(result.failed, 0U);
}

// Invariant 8: more entities than fit into memory.
TEST_F(Bulk, GoesThroughMoreEntitiesThanFitIntoMemory) {
  constexpr int entities = 5'000;
  cairn::limits limits;
  limits.resident_max = entities;
  open(limits);
  fill(entities);
  limits.resident_max = 300;
  open(limits);
  const auto result = cairn::update_all<counter>(
      *world_, counter::add{1}, [](const counter& state) { return state.value % 2 == 0; });
  EXPECT_EQ(result.matched, static_cast<std::uint64_t>(entities / 2));
  EXPECT_EQ(result.changed, result.matched);
  EXPECT_EQ(result.failed, 0U);
  EXPECT_LE(world_->counts().resident, 300U);
}

TEST_F(Bulk, WhatCameIntoMemoryForItAloneLeavesAgain) {
  fill(200);
  open();
  EXPECT_TRUE(entity(0).read().get());
  const auto result = cairn::update_all<counter>(*world_, counter::add{1}, is_large);
  EXPECT_EQ(result.changed, 195U);
  while (world_->counts().resident > 20) { // long before their idle time
    std::this_thread::yield();
  }
  EXPECT_GE(world_->counts().resident, 1U);
}

} // namespace
