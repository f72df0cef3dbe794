// What the RocksDB journal makes of a disk that loses power, fails to sync or is full. Files are
// real; the file system under RocksDB takes away what was not synced
// (tests/support/faulty_file_system.hpp).

#include <cairn/detail/journal.hpp>

#include "persistence/rocksdb/store.hpp"
#include "tests/support/faulty_file_system.hpp"
#include "tests/support/journal_support.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <cstdlib>
#include <random>

namespace cairn {
namespace {

using testing::batch_builder;
using testing::changes_of;
using testing::faulty_disk;
using testing::kept_record;
using testing::temporary_directory;
using append_kind = append_result::kind;

class RocksdbFault : public ::testing::Test {
protected:
  void open() {
    journal_ = persistence::open_rocksdb(directory_.path(), options_, disk_->env.get());
  }

  /// The machine goes off and comes up again with a disk that is well; returns the bytes it forgot.
  std::uint64_t lose_power() {
    disk_->files->cut_power();
    journal_.reset();
    const auto lost = disk_->files->lose_unsynced();
    retired_.push_back(std::move(disk_));
    disk_ = std::make_unique<faulty_disk>();
    return lost;
  }

  /// Every change to an entity of its own kind of size, so that two journals are never equal by
  /// accident.
  append_result append(std::size_t changes) {
    for (std::size_t i = 0; i < changes; ++i) {
      const auto entity = "wallet/" + std::to_string(random_() % 40);
      next_.add(entity, versions_[entity] + 1,
                std::string(random_() % 400, static_cast<char>('a' + random_() % 26)));
      ++versions_[entity];
    }
    return next_.append_to(*journal_);
  }

  void commit(std::size_t changes) {
    const auto result = append(changes);
    ASSERT_EQ(result.what, append_kind::committed) << result.failure.message;
  }

  /// Versions as the journal has them, after a failure.
  void forget() {
    versions_.clear();
    for (const auto& next : changes_of(*journal_)) versions_[next.entity] = next.version;
  }

  temporary_directory directory_;
  rocksdb_options options_{.checkpoint_changes = 60};
  std::vector<std::unique_ptr<faulty_disk>> retired_; // RocksDB may still know their environments
  std::unique_ptr<faulty_disk> disk_ = std::make_unique<faulty_disk>();
  std::unique_ptr<journal> journal_;
  batch_builder next_;
  std::mt19937 random_{42};
  std::map<std::string, version_type> versions_;
};

// Invariant 3: what was acknowledged survives the loss of every byte that was not synced.
TEST_F(RocksdbFault, PowerCutLosesNothingAcknowledged) {
  for (int round = 0; round < 8; ++round) {
    open();
    for (int batch = 0; batch < 12; ++batch) commit(1 + random_() % 30);
    const auto before = changes_of(*journal_);
    lose_power();
    open();
    EXPECT_EQ(changes_of(*journal_), before) << "round " << round;
    if (round % 2 == 0) {
      ASSERT_TRUE(journal_->close().ok());
      lose_power();
      open();
      EXPECT_EQ(changes_of(*journal_), before) << "after closing, round " << round;
    }
    journal_.reset();
  }
}

// The check of the check: without syncs the same cut does lose changes.
TEST_F(RocksdbFault, PowerCutWithoutSyncsLosesChanges) {
  options_.durability = durability::relaxed;
  for (const auto interval : {std::chrono::milliseconds(std::chrono::hours(1)),
                              std::chrono::milliseconds(std::chrono::hours(24 * 365 * 300)),
                              std::chrono::milliseconds::max()}) { // more than a clock counts
    options_.sync_interval = interval;
    open();
    const auto before = journal_->end().next;
    forget();
    for (int batch = 0; batch < 12; ++batch) commit(10);
    EXPECT_GT(lose_power(), 0U);
    open();
    EXPECT_LT(journal_->end().next, before + 120U) << interval.count();
    journal_.reset();
  }
}

// Invariant 3 in the relaxed mode: a prefix of whole batches, and at least what was synced.
TEST_F(RocksdbFault, RelaxedPowerCutLosesOnlyTheUnsyncedEndInWholeBatches) {
  options_.durability = durability::relaxed;
  options_.sync_interval = std::chrono::hours(1);
  for (int round = 0; round < 8; ++round) {
    open();
    forget();
    std::vector<position_type> ends{journal_->end().next};
    const auto synced_after = random_() % 12;
    position_type synced = 0;
    for (unsigned batch = 0; batch < 12; ++batch) {
      commit(1 + random_() % 30);
      ends.push_back(journal_->end().next);
      if (batch != synced_after) continue;
      ASSERT_TRUE(journal_->sync().ok());
      synced = ends.back();
    }
    auto before = changes_of(*journal_);
    lose_power();
    open();
    const auto end = journal_->end().next;
    EXPECT_GE(end, synced);
    EXPECT_TRUE(std::find(ends.begin(), ends.end(), end) != ends.end())
        << end << " is inside a batch";
    before.resize(end);
    EXPECT_EQ(changes_of(*journal_), before);
    journal_.reset();
  }
}

TEST_F(RocksdbFault, RelaxedSyncsByItselfWhenTheIntervalIsOver) {
  options_.durability = durability::relaxed;
  options_.sync_interval = std::chrono::milliseconds(0);
  open();
  for (int batch = 0; batch < 5; ++batch) commit(10);
  lose_power();
  open();
  EXPECT_EQ(journal_->end().next, 50U);
}

// Invariant 3: the log may be changed in the middle of everything.
TEST_F(RocksdbFault, PowerCutAroundAChangeOfLogLosesNothing) {
  options_.durability = durability::relaxed;
  options_.sync_interval = std::chrono::hours(1);
  open();
  const std::string body(900'000, 'x'); // some 64 MiB until the log changes
  position_type end = 0;
  for (version_type version = 1; version <= 90; ++version) {
    ASSERT_EQ(
        next_.add("wallet/big", version, body + std::to_string(version)).append_to(*journal_).what,
        append_kind::committed);
    end = version;
  }
  EXPECT_EQ(disk_->files->early_logs(), 0);
  lose_power();
  open();
  const auto kept = journal_->end().next;
  EXPECT_GE(kept, 60U) << "changing the log syncs the old one";
  EXPECT_LE(kept, end);
  position_type seen = 0;
  const auto failure = journal_->scan(
      0, [&](const record& next) { return next.body.size() > body.size() && ++seen > 0; });
  EXPECT_TRUE(failure.ok()) << failure.message;
  EXPECT_EQ(seen, kept);
}

// Invariant 4.
TEST_F(RocksdbFault, FailedSyncStopsTheStoreUntilItIsReopened) {
  for (int failing : {1, 3}) {
    open();
    forget();
    disk_->files->fail_log_sync(failing);
    for (int batch = 1; batch < failing; ++batch) commit(5);
    const auto before = changes_of(*journal_);
    auto result = append(5);
    EXPECT_EQ(result.what, append_kind::failed);
    EXPECT_EQ(result.fate, fate::in_doubt);
    EXPECT_EQ(result.failure.error, journal_errc::store_failed);
    EXPECT_NE(result.failure.message.find("failed to sync"), std::string::npos)
        << result.failure.message;
    forget();
    for (int batch = 0; batch < 3; ++batch) {
      result = append(5);
      EXPECT_EQ(result.what, append_kind::failed);
      EXPECT_EQ(result.fate, fate::not_written);
      EXPECT_EQ(result.failure.error, journal_errc::store_failed);
    }
    EXPECT_FALSE(journal_->sync().ok());
    EXPECT_FALSE(journal_->checkpoint().ok());
    EXPECT_EQ(changes_of(*journal_), before) << "readers do not see what is in doubt";
    EXPECT_FALSE(journal_->close().ok());
    lose_power();
    open();
    EXPECT_EQ(changes_of(*journal_), before);
    forget();
    commit(5);
    journal_.reset();
  }
}

// Invariant 4, and a batch in doubt that did reach the disk is whole and found again.
TEST_F(RocksdbFault, AfterAFailedSyncReopeningIsConsistentWithoutAPowerCutToo) {
  open();
  commit(20);
  const auto before = changes_of(*journal_);
  disk_->files->fail_log_sync(1);
  EXPECT_EQ(append(7).fate, fate::in_doubt);
  journal_.reset();
  open();
  const auto after = changes_of(*journal_);
  EXPECT_TRUE(after.size() == before.size() || after.size() == before.size() + 7) << after.size();
  forget();
  commit(5);
  for (const auto& [entity, version] : versions_)
    EXPECT_EQ(changes_of(*journal_, entity, 1, version).size(), version);
}

// Invariant 4.
TEST_F(RocksdbFault, FullDiskStopsTheStoreAndSaysSo) {
  for (const std::uint64_t space : {0U, 1U, 700U, 5000U, 40'000U}) {
    open();
    forget();
    commit(10);
    disk_->files->limit_space(space);
    append_result result;
    std::vector<kept_record> before;
    do {
      before = changes_of(*journal_);
      result = append(10);
    } while (result.what == append_kind::committed);
    EXPECT_EQ(result.failure.error, journal_errc::store_failed);
    EXPECT_NE(result.failure.message.find("No space left"), std::string::npos)
        << result.failure.message;
    EXPECT_EQ(result.failure.message.find('\n'), std::string::npos);
    forget();
    EXPECT_EQ(append(1).fate, fate::not_written);
    EXPECT_EQ(changes_of(*journal_), before);
    lose_power();
    open();
    EXPECT_EQ(changes_of(*journal_), before) << "space " << space;
    forget();
    commit(10);
    journal_.reset();
  }
}

// Debian's RocksDB stops the process by an assertion when a file is written to once more after a failure. Its own info
// log was, which no file system of ours stands under: so here the system lets no file grow.
TEST_F(RocksdbFault, OpeningWhereNothingCanBeWrittenIsAnErrorAndLosesNothing) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  open();
  commit(30);
  const auto before = changes_of(*journal_);
  journal_.reset();
  const auto open_limited = [this](rlim_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{bytes, bytes};
    setrlimit(RLIMIT_FSIZE, &limit);
    try {
      open();
      journal_.reset();
    } catch (const startup_error& error) {
      std::exit(error.code() == journal_errc::cannot_open ? 7 : 1);
    }
    std::exit(0);
  };
  EXPECT_EXIT(open_limited(0), ::testing::ExitedWithCode(7), "");
  EXPECT_EXIT(open_limited(100), ::testing::ExitedWithCode(7), "");
  EXPECT_EXIT(open_limited(1 << 20), ::testing::ExitedWithCode(0), "");
  open();
  EXPECT_EQ(changes_of(*journal_), before);
}

// A live program beside a reader replaces files while they are being opened.
TEST_F(RocksdbFault, ReaderTriesAgainWhenFilesVanish) {
  open();
  commit(10);
  journal_.reset();
  options_.read_only = true;
  disk_->files->hide_files(1);
  open();
  EXPECT_EQ(journal_->end().next, 10U);
  journal_.reset();
  disk_->files->hide_files(1000);
  try {
    open();
    ADD_FAILURE() << "opened without its files";
  } catch (const startup_error& error) {
    EXPECT_EQ(error.code(), journal_errc::damaged) << error.message();
  }
}

// DESIGN: group commit must pay on slow disks too. One sync a batch, however large.
TEST_F(RocksdbFault, OneSyncForEachBatch) {
  open();
  disk_->files->delay_syncs(std::chrono::milliseconds(2));
  const auto before = disk_->files->log_syncs();
  const auto start = std::chrono::steady_clock::now();
  for (int batch = 0; batch < 10; ++batch) commit(200);
  EXPECT_EQ(disk_->files->log_syncs() - before, 10);
  EXPECT_GE(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(20));
}

} // namespace
} // namespace cairn
