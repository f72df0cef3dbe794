// When checkpoints are begun: their cost is kept low where few entities change, their number high enough for opening.

#include <cairn/detail/journal.hpp>

#include "persistence/rocksdb/rows.hpp"
#include "tests/support/journal_support.hpp"

#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <memory>
#include <string>
#include <vector>

namespace cairn {
namespace {

using testing::batch_builder;
using testing::temporary_directory;

/// Where the last checkpoint stands that a reader finds beside the live journal; 0: there is none.
position_type checkpoint_in(const std::filesystem::path& directory) {
  std::vector<::rocksdb::ColumnFamilyDescriptor> families;
  for (const char* name : {"default", "changes", "heads", "snapshots"})
    families.emplace_back(name, ::rocksdb::ColumnFamilyOptions());
  std::vector<::rocksdb::ColumnFamilyHandle*> handles;
  ::rocksdb::DB* opened = nullptr;
  EXPECT_TRUE(::rocksdb::DB::OpenForReadOnly({}, (directory / "store").string(), families, &handles,
                                             &opened)
                  .ok());
  const std::unique_ptr<::rocksdb::DB> database(opened);
  std::string row;
  constexpr std::size_t heads_family = 2;
  const auto found =
      database->Get({}, handles[heads_family], std::string(persistence::checkpoint_key), &row);
  position_type at = 0;
  if (found.ok()) {
    EXPECT_TRUE(persistence::decode_checkpoint(row, at).ok());
  }
  for (auto* handle : handles) EXPECT_TRUE(database->DestroyColumnFamilyHandle(handle).ok());
  return at;
}

/// Appends `changes`, each alone, to so many entities in turn; where the first checkpoint stands then.
position_type first_checkpoint(std::size_t entities, std::size_t changes) {
  const temporary_directory directory;
  const auto opened = rocksdb(directory.path(), {.checkpoint_changes = 20})();
  batch_builder next;
  for (std::size_t i = 0; i < changes; ++i) {
    next.add("wallet/" + std::to_string(i % entities), i / entities + 1);
    EXPECT_EQ(next.append_to(*opened).what, append_result::kind::committed);
  }
  return checkpoint_in(directory.path());
}

TEST(RocksdbCheckpoint, OfOneEntityComesSoon) { EXPECT_EQ(first_checkpoint(1, 60), 40U); }

TEST(RocksdbCheckpoint, OfSeveralWaitsForManyChangesButNotForEver) {
  EXPECT_EQ(first_checkpoint(10, 80), 0U);
  EXPECT_EQ(first_checkpoint(10, 100), 80U);
}

TEST(RocksdbCheckpoint, OfAsManyAsMayBeInMemoryComesAtOnce) {
  EXPECT_EQ(first_checkpoint(20, 30), 20U);
}

} // namespace
} // namespace cairn
