// Listings of entities: in order, whole, and at the price of what they show.

#include "persistence/rocksdb/directory.hpp"
#include "persistence/rocksdb/heads.hpp"
#include "tests/support/journal_support.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <random>
#include <thread>

namespace cairn {
namespace {

using persistence::rocksdb_heads;

/// Heads alone, without the changes that led to them.
class HeadsList : public ::testing::Test {
protected:
  explicit HeadsList(std::uint64_t checkpoint_changes = 1'000'000) { open(checkpoint_changes); }

  void open(std::uint64_t checkpoint_changes) {
    EXPECT_TRUE(persistence::make_journal(directory_.path(), nullptr).ok());
    EXPECT_TRUE(database_
                    .open(persistence::store_path(directory_.path()),
                          persistence::rocksdb_database::access::write, nullptr)
                    .ok());
    heads_ = std::make_unique<rocksdb_heads>(database_, checkpoint_changes);
    EXPECT_TRUE(heads_->load().ok());
  }

  /// One more change of each.
  void change(const std::vector<std::string>& entities, bool removes = false) {
    append_batch batch;
    const auto end = heads_->end();
    for (const auto& entity : entities) {
      record next;
      next.entity = entity;
      next.version = ++versions_[entity];
      next.removes = removes;
      next.time_us = end.last_time_us;
      batch.records.push_back(next);
    }
    const auto source = [this](std::string_view entity, std::uint64_t hash, status& failure) {
      return heads_->enter(entity, hash, failure);
    };
    ASSERT_TRUE(judge_.judge(batch, end, source, heads_->recent()).ok());
    ASSERT_TRUE(judge_.fenced().empty());
    heads_->commit(judge_, {end.next + entities.size(), end.last_time_us});
    heads_->note_sync();
    ASSERT_TRUE(heads_->step(entities.size()).ok());
  }

  /// All of a type, page by page.
  std::vector<listed_head> list(std::string_view type, std::size_t page_size,
                                bool with_removed = false) const {
    std::vector<listed_head> all;
    std::vector<listed_head> page;
    std::string after;
    do {
      const auto listed = heads_->list(type, after, page_size, with_removed, page);
      EXPECT_TRUE(listed.ok()) << listed.message;
      EXPECT_LE(page.size(), page_size);
      all.insert(all.end(), page.begin(), page.end());
      if (!page.empty()) after = page.back().entity.substr(type.size() + 1);
    } while (page.size() == page_size);
    return all;
  }

  static std::vector<std::string> names(std::size_t from, std::size_t to) {
    std::vector<std::string> made;
    for (auto i = from; i < to; ++i) made.push_back("wallet/" + std::to_string(i));
    return made;
  }

  testing::temporary_directory directory_;
  persistence::rocksdb_database database_;
  std::unique_ptr<rocksdb_heads> heads_;
  persistence::batch_judge judge_;
  std::map<std::string, version_type> versions_;
};

TEST_F(HeadsList, APageCostsAPageHoweverManyAreInMemory) {
  constexpr std::size_t entities = 50'000;
  constexpr std::size_t page_size = 100;
  change(names(0, entities));
  EXPECT_EQ(list("wallet", page_size).size(), entities);
  // The first page put them all in order, and each page after that looked at its own.
  EXPECT_LE(heads_->visited(), 2 * entities);
  change(names(0, entities)); // known ones cost a listing nothing
  change(names(entities, entities + 10));
  const auto before = heads_->visited();
  std::vector<listed_head> page;
  ASSERT_TRUE(heads_->list("wallet", "3", page_size, false, page).ok());
  EXPECT_EQ(page.size(), page_size);
  EXPECT_EQ(page.front().head.version, 2U);
  EXPECT_LE(heads_->visited() - before, page_size + 10);
}

TEST_F(HeadsList, APageOfRowsCostsAPage) {
  constexpr std::size_t entities = 5'000;
  constexpr std::size_t page_size = 100;
  change(names(0, entities));
  ASSERT_TRUE(heads_->checkpoint().ok());
  change(names(0, entities));
  ASSERT_TRUE(heads_->checkpoint().ok());
  std::vector<listed_head> page;
  ASSERT_TRUE(heads_->list("wallet", "3", page_size, false, page).ok()); // in order from here on
  const auto before = heads_->visited();
  ASSERT_TRUE(heads_->list("wallet", "4", page_size, false, page).ok());
  EXPECT_EQ(page.size(), page_size);
  EXPECT_EQ(page.front().head.version, 2U);
  EXPECT_LE(heads_->visited() - before, page_size);
}

class HeadsListAcrossCheckpoints : public HeadsList {
protected:
  HeadsListAcrossCheckpoints() : HeadsList(50) {}
};

TEST_F(HeadsListAcrossCheckpoints, ShowsEveryEntityOnceInOrderAtItsVersion) {
  std::mt19937 random(12);
  std::map<std::string, bool> removed;
  for (int batch = 0; batch < 300; ++batch) {
    std::vector<std::string> some;
    const bool removes = batch % 7 == 0;
    for (const auto& type : {"wallet/", "wallet2/", "a/"})
      for (auto left = random() % 6; left > 0; --left)
        some.push_back(type + std::to_string(random() % 400));
    std::sort(some.begin(), some.end());
    some.erase(std::unique(some.begin(), some.end()), some.end());
    for (const auto& entity : some) removed[entity] = removes;
    change(some, removes);
    if (batch % 13 != 0) continue;
    for (const bool with_removed : {false, true}) {
      std::vector<std::pair<std::string, version_type>> expected;
      for (const auto& [entity, version] : versions_)
        if (entity.starts_with("wallet/") && (with_removed || !removed[entity]))
          expected.emplace_back(entity, version);
      std::vector<std::pair<std::string, version_type>> shown;
      for (const auto& next : list("wallet", 1 + random() % 150, with_removed))
        shown.emplace_back(next.entity, next.head.version);
      ASSERT_EQ(shown, expected) << "batch " << batch;
    }
  }
}

// What was committed before a listing begins is in it, whatever is written and moved meanwhile.
TEST_F(HeadsListAcrossCheckpoints, MissesNothingThatWasThereBesideTheWriter) {
  change(names(0, 1'000));
  std::atomic<bool> writing{true};
  std::size_t lists = 0;
  std::thread reader([&] {
    while (writing || lists == 0) {
      std::size_t seen = 0;
      std::string before;
      for (const auto& next : list("wallet", 64)) {
        EXPECT_LT(before, next.entity);
        before = next.entity;
        seen += std::stoul(next.entity.substr(7)) < 1'000 ? 1 : 0;
      }
      EXPECT_EQ(seen, 1'000U);
      ++lists;
    }
  });
  for (std::size_t i = 0; i < 400; ++i) change(names(i, i + 3 + i));
  writing = false;
  reader.join();
}

} // namespace
} // namespace cairn
