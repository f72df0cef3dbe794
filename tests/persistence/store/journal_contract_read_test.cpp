// The part of the contract that is about reading. Start with journal_contract.hpp.

#include "tests/persistence/store/journal_contract.hpp"

namespace cairn::testing {
namespace {

TEST_P(JournalContract, ScanBeginsWithTheWholeUnit) {
  next_.add("wallet/a", 1)
      .unit(3)
      .add("wallet/b", 1)
      .add("wallet/c", 1)
      .add("wallet/d", 1)
      .add("wallet/a", 2);
  commit();
  const auto begins_at = [&](position_type from) {
    const auto found = changes_of(store(), from);
    return found.empty() ? no_position : found.front().position;
  };
  EXPECT_EQ(begins_at(0), 0U);
  for (position_type inside : {1U, 2U, 3U}) EXPECT_EQ(begins_at(inside), 1U);
  EXPECT_EQ(begins_at(4), 4U);
  EXPECT_EQ(begins_at(5), no_position);
  EXPECT_EQ(begins_at(no_position), no_position);
}

TEST_P(JournalContract, UnitLargerThanAnythingElseStaysWhole) {
  const std::string body(900, 'x');
  next_.add("wallet/first", 1).unit(100);
  for (int i = 0; i < 100; ++i) next_.add("wallet/" + std::to_string(i), 1, body);
  commit();
  for (position_type from : {1U, 2U, 50U, 100U}) {
    const auto found = changes_of(store(), from);
    ASSERT_EQ(found.size(), 100U) << from;
    EXPECT_EQ(found.back().unit_index, 99U);
  }
}

TEST_P(JournalContract, VisitorsStopEarly) {
  for (version_type version = 1; version <= 5; ++version)
    next_.add("wallet/a", version).snapshot("wallet/a", version, "s");
  commit();
  int visits = 0;
  EXPECT_TRUE(store().scan(0, [&](const record&) { return ++visits < 2; }).ok());
  EXPECT_TRUE(store().read("wallet/a", 1, 5, [&](const record&) { return ++visits < 4; }).ok());
  EXPECT_TRUE(store().scan_snapshots([&](const snapshot&) { return ++visits < 6; }).ok());
  EXPECT_EQ(visits, 6);
}

TEST_P(JournalContract, ReadGivesTheVersionsAskedForInOrder) {
  for (version_type version = 1; version <= 30; ++version) {
    next_.add("wallet/a", version, std::to_string(version)).add("wallet/b", version);
    if (version % 10 == 0) next_.snapshot("wallet/a", version, "s");
    if (version % 4 == 0) commit();
  }
  commit();
  struct {
    version_type from;
    version_type to;
    version_type first;
    version_type last;
  } const table[] = {{1, 30, 1, 30}, {0, version_max, 1, 30}, {30, 30, 30, 30}, {1, 1, 1, 1},
                     {9, 11, 9, 11}, {10, 10, 10, 10},        {12, 20, 12, 20}, {29, 99, 29, 30},
                     {11, 10, 1, 0}, {31, 40, 1, 0},          {0, 0, 1, 0}};
  for (const auto& row : table) {
    std::vector<version_type> expected;
    for (auto version = row.first; version <= row.last; ++version) expected.push_back(version);
    std::vector<version_type> found;
    for (const auto& next : changes_of(store(), "wallet/a", row.from, row.to)) {
      EXPECT_EQ(next.body, std::to_string(next.version));
      found.push_back(next.version);
    }
    EXPECT_EQ(found, expected) << row.from << " to " << row.to;
  }
}

TEST_P(JournalContract, HeadsAreListedInByteOrderPageByPage) {
  for (const char* id : {"b", "a", "a b", "a/b", "ab", "Z", "\xc3\xa4", "a-b"})
    next_.add("wallet/" + std::string(id), 1);
  next_.add("walle/x", 1).add("wallets/x", 1).add("wallet0/x", 1);
  commit();
  const std::vector<std::string> all{"wallet/Z",   "wallet/a",  "wallet/a b", "wallet/a-b",
                                     "wallet/a/b", "wallet/ab", "wallet/b",   "wallet/\xc3\xa4"};
  EXPECT_EQ(list("wallet"), all);
  std::vector<std::string> paged;
  for (std::string after;;) {
    const auto page = list("wallet", after, 3);
    if (page.empty()) break;
    paged.insert(paged.end(), page.begin(), page.end());
    after = page.back().substr(7);
  }
  EXPECT_EQ(paged, all);
  EXPECT_EQ(list("wallet", "a/", 2), (std::vector<std::string>{"wallet/a/b", "wallet/ab"}));
  EXPECT_TRUE(list("wallet", {}, 0).empty());
}

TEST_P(JournalContract, RemovedEntitiesAreListedOnDemandOnlyAndKeepTheirVersion) {
  next_.add("wallet/a", 1).add("wallet/b", 1).remove("wallet/a", 2).add("wallet/c", 1);
  commit();
  EXPECT_EQ(list("wallet"), (std::vector<std::string>{"wallet/b", "wallet/c"}));
  EXPECT_EQ(list("wallet", {}, 2, true), (std::vector<std::string>{"wallet/a", "wallet/b"}));
  EXPECT_TRUE(head_of("wallet/a").removed);
  EXPECT_EQ(head_of("wallet/a").version, 2U);
  EXPECT_TRUE(changes_of(store(), "wallet/a", 2, 2).at(0).removes);
  ASSERT_TRUE(store().checkpoint().ok());
  EXPECT_EQ(list("wallet"), (std::vector<std::string>{"wallet/b", "wallet/c"}));
  next_.add("wallet/a", 3);
  commit();
  EXPECT_EQ(list("wallet", {}, 1), std::vector<std::string>{"wallet/a"});
}

TEST_P(JournalContract, NewestSnapshotNotBeyondTheVersionIsFound) {
  for (version_type version = 1; version <= 9; ++version)
    next_.add("wallet/a", version).add("wallet/a\x20", version);
  next_.snapshot("wallet/a", 3, "three")
      .snapshot("wallet/a", 6, "six")
      .snapshot("wallet/a ", 1, "other");
  commit();
  std::optional<stored_snapshot> found;
  struct {
    version_type at_most;
    version_type version;
  } const table[] = {{2, 0}, {3, 3}, {5, 3}, {6, 6}, {9, 6}, {version_max, 6}};
  for (const auto& row : table) {
    ASSERT_TRUE(store().find_snapshot("wallet/a", row.at_most, found).ok());
    EXPECT_EQ(found ? found->version : 0, row.version) << row.at_most;
  }
  EXPECT_EQ(found->body, "six");
  EXPECT_EQ(found->position, 10U);
  ASSERT_TRUE(store().find_snapshot("wallet/", 9, found).ok());
  EXPECT_FALSE(found);
}

TEST_P(JournalContract, PrunedSnapshotKeepsItsPositionOnly) {
  for (version_type version = 1; version <= 6; ++version) next_.add("wallet/a", version);
  next_.snapshot("wallet/a", 2, "two").snapshot("wallet/a", 4, "four");
  commit();
  next_.snapshot("wallet/a", 4, "");
  commit();
  EXPECT_EQ(store().end().next, 6U);
  std::optional<stored_snapshot> found;
  ASSERT_TRUE(store().find_snapshot("wallet/a", 6, found).ok());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->version, 2U);
  EXPECT_EQ(snapshots_of(store()),
            (std::vector<state>{{"wallet/a", 2, 1, "two"}, {"wallet/a", 4, 3, ""}}));
  EXPECT_EQ(changes_of(store(), "wallet/a", 1, 3).size(), 3U);
}

TEST_P(JournalContract, TypesAreThoseThatEntitiesEverHad) {
  const auto types = [&] {
    std::vector<std::string> found;
    const auto failure = store().types(found);
    EXPECT_TRUE(failure.ok()) << failure.message;
    std::vector<std::string> scanned;
    EXPECT_TRUE(store().journal::types(scanned).ok());
    EXPECT_EQ(found, scanned) << "a store without a shorter way gives the same";
    return found;
  };
  EXPECT_EQ(types(), std::vector<std::string>{});
  next_.add("b/1", 1).add("a/x/y", 1).add("b-c/1", 1).add("b/2", 1).remove("b-c/1", 2);
  commit();
  EXPECT_EQ(types(), (std::vector<std::string>{"a", "b", "b-c"}));
  commit_many(50, 500, 3); // across checkpoints
  next_.add("z/1", 1);
  commit();
  EXPECT_EQ(types(), (std::vector<std::string>{"a", "b", "b-c", "wallet", "z"}));
  if (!GetParam().keeps) return;
  reopen();
  EXPECT_EQ(types(), (std::vector<std::string>{"a", "b", "b-c", "wallet", "z"}));
}

TEST_P(JournalContract, ItsLineageStays) {
  const auto lineages = store().lineages();
  ASSERT_EQ(lineages.size(), 1U);
  EXPECT_TRUE(lineages[0].lineage.known());
  EXPECT_EQ(lineages[0].from, 0U);
  commit_many(3, 20, 1);
  if (!GetParam().keeps) return;
  reopen();
  EXPECT_EQ(store().lineages(), lineages);
}

} // namespace
} // namespace cairn::testing
