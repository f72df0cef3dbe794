// Invariant 9: bytes that are intact, every checksum right, and still contradict each other. Chunks
// and rows are put into RocksDB beside the journal.

#include <cairn/detail/journal.hpp>

#include "persistence/format/chunk.hpp"
#include "persistence/rocksdb/rows.hpp"
#include "tests/support/journal_support.hpp"

#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <memory>

namespace cairn {
namespace {

using persistence::chunk_writer;
using persistence::position_key;
using testing::batch_builder;
using testing::changes_of;
using testing::temporary_directory;

/// A journal with versions 1 to 6 of `wallet/a`, in three batches of two, closed.
class RocksdbContradiction : public ::testing::Test {
protected:
  RocksdbContradiction() {
    const auto opened = rocksdb(directory_.path())();
    for (version_type version = 1; version <= 6; ++version) {
      next_.add("wallet/a", version, "body");
      if (version % 2 != 0) continue;
      EXPECT_EQ(next_.append_to(*opened).what, append_result::kind::committed);
    }
    EXPECT_TRUE(opened->close().ok());
  }

  /// Hands the closed journal's database to `change`.
  void tamper(
      const std::function<void(::rocksdb::DB&, const std::vector<::rocksdb::ColumnFamilyHandle*>&)>&
          change) {
    std::vector<::rocksdb::ColumnFamilyDescriptor> families;
    for (const char* name : {"default", "changes", "heads", "snapshots"})
      families.emplace_back(name, ::rocksdb::ColumnFamilyOptions());
    std::vector<::rocksdb::ColumnFamilyHandle*> handles;
    ::rocksdb::DB* opened = nullptr;
    ASSERT_TRUE(
        ::rocksdb::DB::Open({}, (directory_.path() / "store").string(), families, &handles, &opened)
            .ok());
    const std::unique_ptr<::rocksdb::DB> database(opened);
    change(*database, handles);
    for (auto* handle : handles) ASSERT_TRUE(database->DestroyColumnFamilyHandle(handle).ok());
  }

  void put(std::size_t family, std::string_view key, std::string_view value) {
    tamper([&](auto& database, const auto& handles) {
      ASSERT_TRUE(database
                      .Put({}, handles[family], ::rocksdb::Slice(key.data(), key.size()),
                           ::rocksdb::Slice(value.data(), value.size()))
                      .ok());
    });
  }

  void remove(std::size_t family, std::string_view key) {
    tamper([&](auto& database, const auto& handles) {
      ASSERT_TRUE(
          database.Delete({}, handles[family], ::rocksdb::Slice(key.data(), key.size())).ok());
    });
  }

  void put_chunk(const std::vector<record>& changes) {
    chunk_writer writer;
    writer.start(changes.front().position);
    for (const auto& next : changes) ASSERT_TRUE(writer.add(next));
    put(changes_family, position_key(changes.front().position).text(), writer.finish());
  }

  static record version_at(position_type position, version_type version) {
    record made;
    made.position = position;
    made.previous = version == 1 ? no_position : position - 1;
    made.entity = "wallet/a";
    made.version = version;
    made.time_us = 1'000'000 + static_cast<std::int64_t>(position);
    made.body = "body";
    return made;
  }

  /// Opens and looks at everything; the first failure.
  status look() {
    try {
      const auto opened = rocksdb(directory_.path())();
      status failure;
      (void)changes_of(*opened, failure);
      head at;
      if (failure.ok()) failure = opened->find_head("wallet/b", at);
      if (failure.ok())
        failure = opened->read("wallet/a", 1, 99, [](const record&) { return true; });
      return failure;
    } catch (const startup_error& error) {
      return {error.code(), error.message()};
    }
  }

  void expect_damage(const std::vector<std::string>& words,
                     journal_errc error = journal_errc::damaged) {
    const auto failure = look();
    EXPECT_EQ(failure.error, error) << failure.message;
    for (const auto& word : words)
      EXPECT_NE(failure.message.find(word), std::string::npos) << failure.message;
  }

  static constexpr std::size_t meta_family = 0;
  static constexpr std::size_t changes_family = 1;
  static constexpr std::size_t heads_family = 2;

  temporary_directory directory_;
  batch_builder next_;
};

TEST_F(RocksdbContradiction, UntouchedItIsFine) {
  tamper([](auto&, const auto&) {});
  EXPECT_TRUE(look().ok());
}

TEST_F(RocksdbContradiction, MissingChunkIsAGapWithItsPosition) {
  remove(changes_family, position_key(2).text());
  expect_damage({"position 2"});
}

TEST_F(RocksdbContradiction, MissingFirstChunkIsAGap) {
  remove(changes_family, position_key(0).text());
  expect_damage({"position 0"});
}

TEST_F(RocksdbContradiction, MissingLastChunkIsBeforeTheCheckpoint) {
  remove(changes_family, position_key(4).text());
  expect_damage({"position 4", "position 6"});
}

TEST_F(RocksdbContradiction, ChunkUnderAnotherKeyDoesNotCheckOut) {
  std::string moved;
  tamper([&](auto& database, const auto& handles) {
    const position_key key(2);
    ASSERT_TRUE(
        database.Get({}, handles[changes_family], ::rocksdb::Slice(key.text().data(), 8), &moved)
            .ok());
  });
  put(changes_family, position_key(4).text(), moved);
  expect_damage({"position 4", "checksum"});
}

TEST_F(RocksdbContradiction, ChunkOfAnUnknownFormatIsNotGuessedAt) {
  put(changes_family, position_key(2).text(), std::string(40, '\x07'));
  expect_damage({"position 2", "format 7", "format 1"}, journal_errc::unknown_format);
}

TEST_F(RocksdbContradiction, ChunkWithFewerChangesIsAGap) {
  put_chunk({version_at(2, 3)});
  expect_damage({"position 3"});
}

TEST_F(RocksdbContradiction, HalfAUnitIsDamage) {
  auto half = version_at(2, 3);
  half.unit_size = 2;
  put_chunk({half, version_at(3, 4)});
  expect_damage({"position 3", "unit"});
}

TEST_F(RocksdbContradiction, UnitFromItsMiddleIsDamage) {
  auto half = version_at(2, 3);
  half.unit_index = 1;
  half.unit_size = 2;
  put_chunk({half, version_at(3, 4)});
  expect_damage({"position 2", "unit"});
}

TEST_F(RocksdbContradiction, UnitThatTheJournalEndsInIsDamage) {
  auto half = version_at(5, 6);
  half.unit_size = 2;
  put_chunk({version_at(4, 5), half});
  expect_damage({"position 6", "unit"});
}

TEST_F(RocksdbContradiction, WrongVersionInTheChainIsDamage) {
  put_chunk({version_at(2, 2), version_at(3, 4)});
  expect_damage({"position 2", "version 3", "version 2"});
}

TEST_F(RocksdbContradiction, AnotherEntityInTheChainIsDamage) {
  auto other = version_at(2, 3);
  other.entity = "wallet/c";
  put_chunk({other, version_at(3, 4)});
  expect_damage({"position 2", "wallet/a", "wallet/c"});
}

// DESIGN: a head beyond the last position is damage.
TEST_F(RocksdbContradiction, HeadBeyondTheEndIsDamage) {
  put(heads_family, "wallet/b", persistence::head_row({1, 6, false}).text());
  expect_damage({"wallet/b", "position 6"});
  std::vector<listed_head> listed;
  EXPECT_EQ(rocksdb(directory_.path())()->heads("wallet", {}, 9, false, listed).error,
            journal_errc::damaged);
}

TEST_F(RocksdbContradiction, HeadThatTheChainDoesNotBearOutIsDamage) {
  put(heads_family, "wallet/a", persistence::head_row({5, 5, false}).text());
  expect_damage({"position 5", "version 5", "version 6"});
}

TEST_F(RocksdbContradiction, HeadsBehindTheChangesSinceTheCheckpointAreDamage) {
  remove(heads_family,
         persistence::checkpoint_key); // as if there had never been one: all is read again
  EXPECT_TRUE(look().ok()) << "rows that are ahead of the checkpoint are those of one under way";
  remove(heads_family, persistence::checkpoint_key);
  put(heads_family, "wallet/a", persistence::head_row({7, 6, false}).text());
  expect_damage({"wallet/a", "version 7"});
}

TEST_F(RocksdbContradiction, UnreadableRowsAreDamage) {
  put(heads_family, persistence::checkpoint_key, "short");
  expect_damage({"checkpoint"});
}

TEST_F(RocksdbContradiction, LaterFormatIsNamedAndLeftAlone) {
  put(meta_family, persistence::format_key, "cairn journal 2");
  expect_damage({directory_.path().string(), "format 2", "format 1"}, journal_errc::unknown_format);
  put(meta_family, persistence::format_key, "something else");
  expect_damage({directory_.path().string()}, journal_errc::not_a_journal);
}

TEST_F(RocksdbContradiction, UnknownColumnFamilyIsALaterFormat) {
  tamper([](auto& database, const auto&) {
    ::rocksdb::ColumnFamilyHandle* made = nullptr;
    ASSERT_TRUE(database.CreateColumnFamily({}, "aspects", &made).ok());
    ASSERT_TRUE(database.DestroyColumnFamilyHandle(made).ok());
  });
  expect_damage({"aspects"}, journal_errc::unknown_format);
}

TEST_F(RocksdbContradiction, SomebodyElsesDatabaseIsNoJournal) {
  std::filesystem::remove_all(directory_.path() / "store");
  std::filesystem::remove(directory_.path() / "witness");
  ::rocksdb::Options options;
  options.create_if_missing = true;
  ::rocksdb::DB* opened = nullptr;
  ASSERT_TRUE(::rocksdb::DB::Open(options, (directory_.path() / "store").string(), &opened).ok());
  delete opened;
  expect_damage({directory_.path().string()}, journal_errc::not_a_journal);
}

} // namespace
} // namespace cairn
