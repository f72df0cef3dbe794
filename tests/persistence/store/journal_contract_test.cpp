// The part of the contract that is about writing and keeping, and the stores that it holds for.
// Start with journal_contract.hpp.

#include "tests/persistence/store/journal_contract.hpp"

#include <atomic>
#include <thread>

namespace cairn::testing {
namespace {

TEST_P(JournalContract, EmptyJournalHasNothing) {
  EXPECT_EQ(store().end().next, 0U);
  EXPECT_EQ(head_of("wallet/a").version, 0U);
  EXPECT_TRUE(changes_of(store()).empty());
  EXPECT_TRUE(changes_of(store(), "wallet/a", 0, version_max).empty());
  EXPECT_TRUE(list("wallet").empty());
  EXPECT_TRUE(snapshots_of(store()).empty());
  EXPECT_TRUE(store().notices().empty());
}

// Invariant 2.
TEST_P(JournalContract, AppendGivesGaplessPositionsAndLinksAnEntitysChanges) {
  const auto first = next_.add("wallet/a", 1, "one").add("wallet/b", 1, "two").append_to(store());
  ASSERT_EQ(first.what, kind::committed) << first.failure.message;
  EXPECT_EQ(first.first, 0U);
  const auto second = next_.add("wallet/a", 2, "three").append_to(store());
  EXPECT_EQ(second.first, 2U);
  EXPECT_EQ(changes_of(store()), (std::vector<kept_record>{
                                     {0, no_position, "wallet/a", 1, 1'000'000, 0, 1, false, "one"},
                                     {1, no_position, "wallet/b", 1, 1'000'001, 0, 1, false, "two"},
                                     {2, 0, "wallet/a", 2, 1'000'002, 0, 1, false, "three"},
                                 }));
  EXPECT_EQ(store().end().next, 3U);
  EXPECT_EQ(store().end().last_time_us, 1'000'002);
  EXPECT_EQ(head_of("wallet/a").version, 2U);
  EXPECT_EQ(head_of("wallet/a").position, 2U);
}

TEST_P(JournalContract, AppendTellsTheCallerPositionsAndPrevious) {
  next_.add("wallet/a", 1);
  commit();
  append_batch batch;
  record again;
  again.entity = "wallet/a";
  again.version = 2;
  again.time_us = 2'000'000;
  batch.records = {again};
  batch.snapshots = {{"wallet/a", 1, no_position, "old"}, {"wallet/a", 2, no_position, "new"}};
  store().append(batch, [](append_result) {});
  EXPECT_EQ(batch.records[0].position, 1U);
  EXPECT_EQ(batch.records[0].previous, 0U);
  EXPECT_EQ(batch.snapshots[0].position, 0U);
  EXPECT_EQ(batch.snapshots[1].position, 1U);
}

TEST_P(JournalContract, SeveralChangesOfOneEntityInOneBatchFollowEachOther) {
  next_.add("wallet/a", 1).add("wallet/b", 1).add("wallet/a", 2).add("wallet/a", 3);
  commit();
  const auto found = changes_of(store(), "wallet/a", 1, 3);
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[1].previous, 0U);
  EXPECT_EQ(found[2].previous, 2U);
}

// Invariant 10.
TEST_P(JournalContract, StaleOrSkippedVersionIsFencedAndAppendsNothing) {
  next_.add("wallet/a", 1).add("wallet/b", 1);
  commit();
  struct {
    version_type a;
    version_type b;
    std::vector<std::size_t> fenced;
  } const table[] = {
      {1, 2, {0}},    // stale
      {3, 2, {0}},    // skipped
      {2, 1, {1}},    // only the second
      {1, 1, {0, 1}}, // both are told
      {9, 9, {0, 1}},
  };
  const auto before = changes_of(store());
  for (const auto& row : table) {
    const auto result = next_.add("wallet/a", row.a)
                            .add("wallet/b", row.b)
                            .snapshot("wallet/b", 1, "s")
                            .append_to(store());
    EXPECT_EQ(result.what, kind::fenced);
    EXPECT_EQ(result.fenced, row.fenced);
    EXPECT_EQ(changes_of(store()), before);
    EXPECT_TRUE(snapshots_of(store()).empty());
    EXPECT_EQ(head_of("wallet/b").version, 1U);
  }
  next_.add("wallet/a", 2).add("wallet/b", 2);
  commit();
}

// Invariant 10.
TEST_P(JournalContract, WhatFollowsAFencedChangeOfTheSameEntityIsFencedToo) {
  next_.add("wallet/a", 1);
  commit();
  const auto result =
      next_.add("wallet/a", 1).add("wallet/b", 1).add("wallet/a", 2).append_to(store());
  EXPECT_EQ(result.what, kind::fenced);
  EXPECT_EQ(result.fenced, (std::vector<std::size_t>{0, 2}));
}

// Invariant 10.
TEST_P(JournalContract, BrokenConditionFencesTheUnitThatDependsOnIt) {
  next_.add("lease/a", 1).add("wallet/a", 1);
  commit();
  auto result = next_.add("wallet/b", 1)
                    .demand("lease/a", 2)
                    .unit(2)
                    .add("wallet/a", 2)
                    .add("wallet/c", 1)
                    .append_to(store());
  EXPECT_EQ(result.what, kind::fenced);
  EXPECT_EQ(result.fenced, std::vector<std::size_t>{1});
  EXPECT_EQ(store().end().next, 2U);
  result = next_.add("wallet/b", 1)
               .demand("lease/a", 1)
               .demand("lease/none", 0)
               .unit(2)
               .add("wallet/a", 2)
               .add("wallet/c", 1)
               .append_to(store());
  EXPECT_EQ(result.what, kind::committed);
}

TEST_P(JournalContract, ConditionIsJudgedAtItsUnitsPlace) {
  auto result = next_.add("lease/a", 1)
                    .demand("lease/a", 1)
                    .add("wallet/a", 1)
                    .add("lease/a", 2)
                    .append_to(store());
  EXPECT_EQ(result.what, kind::committed)
      << "a change before the unit counts, one behind it does not";
  result = next_.add("lease/a", 3).demand("lease/a", 2).add("wallet/a", 2).append_to(store());
  EXPECT_EQ(result.what, kind::fenced);
  EXPECT_EQ(result.fenced, std::vector<std::size_t>{1});
}

TEST_P(JournalContract, SnapshotBeyondTheEntitysVersionIsRefused) {
  next_.add("wallet/a", 1);
  commit();
  const auto result = next_.add("wallet/a", 2).snapshot("wallet/a", 3, "s").append_to(store());
  EXPECT_EQ(result.what, kind::failed);
  EXPECT_EQ(result.fate, fate::not_written);
  EXPECT_EQ(result.failure.error, journal_errc::no_such_version);
  EXPECT_EQ(store().end().next, 1U);
  next_.add("wallet/a", 2);
  commit();
}

TEST_P(JournalContract, TooLargeChangeIsRefusedAndTheStoreGoesOn) {
  const auto bound = rocksdb_options{}.change_bytes_max;
  const auto result =
      next_.add("wallet/b", 1).add("wallet/a", 1, std::string(bound + 1, 'x')).append_to(store());
  EXPECT_EQ(result.what, kind::failed);
  EXPECT_EQ(result.fate, fate::not_written);
  EXPECT_EQ(result.failure.error, journal_errc::too_large);
  for (const auto& part :
       {std::string("wallet/a"), std::to_string(bound + 1), std::to_string(bound)})
    EXPECT_NE(result.failure.message.find(part), std::string::npos) << result.failure.message;
  next_.add("wallet/b", 1).add("wallet/a", 1, std::string(bound, 'y')).add("wallet/b", 2);
  commit();
  EXPECT_EQ(changes_of(store(), "wallet/a", 1, 1).at(0).body, std::string(bound, 'y'));
  EXPECT_EQ(changes_of(store()).size(), 3U);
}

TEST_P(JournalContract, AnyBytesComeBackAsTheyWere) {
  std::string bytes;
  for (int c = 0; c < 256; ++c) bytes += static_cast<char>(c);
  const std::vector<std::string> entities{
      "w/ ", "w/a b/c", "w/\xe2\x98\x83\xf0\x9f\xaa\xa8", "w/" + std::string(1024, 'i'),
      "w//", "w/\xff"};
  for (const auto& entity : entities)
    next_.add(entity, 1, bytes).add(entity, 2, "").snapshot(entity, 1, bytes);
  commit();
  for (const auto& entity : entities) {
    const auto found = changes_of(store(), entity, 1, 2);
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].body, bytes);
    EXPECT_EQ(found[1].body, "");
    std::optional<stored_snapshot> kept;
    ASSERT_TRUE(store().find_snapshot(entity, 9, kept).ok());
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->body, bytes);
  }
}

TEST_P(JournalContract, TimesComeBackAsTheyWere) {
  for (const std::int64_t time :
       {std::int64_t{-5}, std::int64_t{0}, std::int64_t{1'700'000'000'000'000}, INT64_MAX - 1})
    next_.at_time(time).add("w/" + std::to_string(time), 1);
  commit();
  const auto found = changes_of(store());
  ASSERT_EQ(found.size(), 4U);
  for (const auto& next : found) EXPECT_EQ(next.entity, "w/" + std::to_string(next.time_us));
  EXPECT_EQ(store().end().last_time_us, INT64_MAX - 1);
}

TEST_P(JournalContract, ManyEntitiesStayRightAcrossCheckpoints) {
  const auto versions = commit_many(120, 1500, 7);
  ASSERT_TRUE(store().sync().ok());
  EXPECT_EQ(changes_of(store()).size(), 1500U);
  for (const auto& [entity, version] : versions) {
    EXPECT_EQ(head_of(entity).version, version);
    const auto found = changes_of(store(), entity, 1, version);
    ASSERT_EQ(found.size(), version);
    for (version_type i = 0; i < version; ++i) EXPECT_EQ(found[i].version, i + 1);
  }
  std::vector<std::string> names;
  for (const auto& [entity, version] : versions) names.push_back(entity);
  EXPECT_EQ(list("wallet"), names);
}

TEST_P(JournalContract, AfterClosingAndReopeningEverythingIsThere) {
  next_.unit(2).add("wallet/x", 1).remove("wallet/x", 2);
  commit();
  auto versions = commit_many(60, 700, 11);
  const auto changes = changes_of(store());
  const auto snapshots = snapshots_of(store());
  const auto end = store().end();
  if (!GetParam().keeps) { // gone with the process, and opened anew as if it had never been
    reopen();
    EXPECT_EQ(store().end().next, 0U);
    EXPECT_TRUE(list("wallet").empty());
    return;
  }
  for (int round = 0; round < 2; ++round) {
    reopen();
    EXPECT_TRUE(store().notices().empty()) << store().notices().front();
    EXPECT_EQ(changes_of(store()), changes);
    EXPECT_EQ(snapshots_of(store()), snapshots);
    EXPECT_EQ(store().end().next, end.next);
    EXPECT_EQ(store().end().last_time_us, end.last_time_us);
    EXPECT_TRUE(head_of("wallet/x").removed);
    EXPECT_EQ(list("wallet").size(), versions.size());
    for (const auto& [entity, version] : versions) EXPECT_EQ(head_of(entity).version, version);
  }
  next_.add("wallet/x", 3);
  commit();
  EXPECT_EQ(changes_of(store(), "wallet/x", 1, 3).size(), 3U);
}

TEST_P(JournalContract, CheckpointOnDemandChangesNothingVisible) {
  commit_many(30, 130, 3);
  const auto changes = changes_of(store());
  const auto names = list("wallet");
  ASSERT_TRUE(store().checkpoint().ok());
  ASSERT_TRUE(store().checkpoint().ok());
  EXPECT_EQ(changes_of(store()), changes);
  EXPECT_EQ(list("wallet"), names);
}

TEST_P(JournalContract, CopyIsEqualInEverything) {
  next_.unit(3).add("wallet/x", 1).add("wallet/y", 1).remove("wallet/x", 2);
  commit();
  commit_many(50, 2500, 5);
  next_.snapshot("wallet/x", 1, "").snapshot("wallet/x", 2, "gone");
  commit();
  temporary_directory other;
  const auto target = GetParam().source(other.path())();
  position_type told = 0;
  const auto copied = copy_journal(store(), *target, [&](position_type done) { told = done; });
  ASSERT_TRUE(copied.ok()) << copied.message;
  EXPECT_EQ(told, store().end().next);
  EXPECT_EQ(changes_of(*target), changes_of(store()));
  EXPECT_EQ(snapshots_of(*target), snapshots_of(store()));
  EXPECT_EQ(copy_journal(store(), *target).error, journal_errc::exists_already);
}

TEST_P(JournalContract, ReadersBesideAppendsSeeWholeBatchesOnly) {
  constexpr version_type batches = 300;
  std::atomic<bool> writing = true;
  std::atomic<int> half_seen = 0;
  const auto look = [&] {
    while (writing) {
      // Every batch changes both: whoever sees only one of them has seen half of it.
      std::size_t a = 0;
      std::size_t b = 0;
      const auto scanned = store().scan(
          0, [&](const record& next) { return ++(next.entity == "wallet/a" ? a : b) > 0; });
      if (!scanned.ok() || a != b) ++half_seen;
      head before;
      head after;
      if (!store().find_head("wallet/a", before).ok() ||
          !store().find_head("wallet/b", after).ok() || after.version < before.version)
        ++half_seen;
      std::size_t read = 0;
      const auto failure = store().read("wallet/b", 1, after.version,
                                        [&](const record& next) { return next.version == ++read; });
      if (!failure.ok() || read != after.version) ++half_seen;
    }
  };
  std::thread first(look);
  std::thread second(look);
  for (version_type version = 1; version <= batches; ++version) {
    next_.add("wallet/a", version).add("wallet/b", version);
    commit();
  }
  writing = false;
  first.join();
  second.join();
  EXPECT_EQ(half_seen, 0);
}

std::vector<store_kind> stores() {
  const auto on_rocksdb = [](durability how) {
    return [how](const std::filesystem::path& directory) {
      rocksdb_options options;
      options.durability = how;
      options.checkpoint_changes = few_changes;
      return rocksdb(directory, options);
    };
  };
  return {
      {"memory", [](const std::filesystem::path&) { return memory(); }, false},
      {"rocksdb", on_rocksdb(durability::durable)},
      {"rocksdb_relaxed", on_rocksdb(durability::relaxed)},
  };
}

INSTANTIATE_TEST_SUITE_P(Stores, JournalContract, ::testing::ValuesIn(stores()),
                         [](const auto& one) { return one.param.name; });

} // namespace
} // namespace cairn::testing
