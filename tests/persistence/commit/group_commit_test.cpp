// What goes into one write, and in which order: bounds in bytes, and snapshots of entities at rest.

#include "persistence/commit/group_commit.hpp"

#include "persistence/commit/entity_slot.hpp"
#include "tests/support/journal_support.hpp"
#include "tests/support/sample_entities.hpp"
#include "tests/support/watched_journal.hpp"

#include <gtest/gtest.h>

namespace cairn {
namespace {

using detail::request;

class plain_slot final : public persistence::entity_slot {
public:
  explicit plain_slot(std::string key)
      : entity_slot(std::move(key), type_descriptor<sample::counter>()) {}
  void finished(std::size_t /*counted_bytes*/) noexcept override {}

protected:
  void on_lost(std::uint64_t /*activation*/) override {}
};

class plain_request final : public request {
public:
  explicit plain_request(int& answered) : answered_(answered) {}
  void complete() noexcept override { ++answered_; }

private:
  int& answered_;
};

class GroupCommit : public ::testing::Test {
protected:
  struct batch {
    std::size_t changes = 0;
    std::size_t snapshots = 0;
    std::size_t bytes = 0;
  };

  GroupCommit() {
    seen_.on_append = [this](const append_batch& written) {
      batch next{written.records.size(), written.snapshots.size(), 0};
      for (const auto& record : written.records) next.bytes += record.body.size();
      for (const auto& snapshot : written.snapshots) next.bytes += snapshot.body.size();
      batches_.push_back(next);
    };
  }

  static persistence::group_commit::settings settings() {
    persistence::group_commit::settings made;
    made.batch_changes_max = 1'000;
    made.batch_bytes_max = 200'000;
    made.clock = [] { return time_point{}; };
    made.post = [](const append_result&) {};
    made.on_stopped = [](const status&) {};
    made.on_committed = [](std::size_t, position_type) {};
    return made;
  }

  /// A change of a new entity, whose number it is.
  detail::request_ptr change(std::size_t entity, std::size_t snapshot_bytes = 0) {
    detail::request_ptr made(new plain_request(answered_));
    made->slot = new plain_slot("counter/" + std::to_string(entity));
    made->activation = 1;
    made->answer.version = 1;
    made->body.assign(100, 'x');
    if (snapshot_bytes > 0) made->snapshot = std::make_unique<std::string>(snapshot_bytes, 's');
    return made;
  }

  detail::request_ptr rest(std::size_t entity, std::size_t bytes) {
    auto made = change(entity, bytes);
    made->what = request::verb::rest;
    made->body.clear();
    return made;
  }

  int answered_ = 0;
  std::vector<batch> batches_;
  testing::watched_journal::counts seen_;
  testing::watched_journal journal_{memory()(), seen_};
  persistence::group_commit commit_{journal_, settings()};
};

// Invariant 8.
TEST_F(GroupCommit, SnapshotsCountToTheBytesOfABatch) {
  constexpr std::size_t each = 30'000;
  for (std::size_t i = 0; i < 30; ++i) commit_.add(change(i, each));
  commit_.flush();
  EXPECT_EQ(answered_, 30);
  EXPECT_EQ(batches_.size(), 5U);
  for (const auto& written : batches_) EXPECT_LE(written.bytes, settings().batch_bytes_max);
}

TEST_F(GroupCommit, SnapshotsAtRestHoldUpNoChange) {
  for (std::size_t i = 0; i < 1'000; ++i) commit_.add(change(i));
  commit_.flush();
  batches_.clear();
  answered_ = 0;
  for (std::size_t i = 0; i < 1'000; ++i) commit_.add(rest(i, 1'000));
  commit_.add(change(1'000)); // came last
  commit_.flush();
  ASSERT_EQ(batches_.size(), 1U);
  EXPECT_EQ(batches_.front().changes, 1U);
  EXPECT_LE(batches_.front().bytes, 70'000U);
  EXPECT_GT(batches_.front().snapshots, 10U);
  EXPECT_TRUE(commit_.wants_flush());
  while (commit_.wants_flush()) commit_.flush(); // a slice each, when nothing else waits
  EXPECT_EQ(answered_, 1'001);
  EXPECT_EQ(testing::snapshots_of(journal_).size(), 1'000U);
  for (const auto& written : batches_) EXPECT_LE(written.bytes, 70'000U);
}

TEST_F(GroupCommit, ALargeSnapshotAtRestIsWrittenAlone) {
  commit_.add(change(1));
  commit_.flush();
  batches_.clear();
  commit_.add(rest(1, 500'000));
  commit_.flush();
  EXPECT_FALSE(commit_.wants_flush());
  ASSERT_EQ(batches_.size(), 1U);
  EXPECT_EQ(batches_.front().snapshots, 1U);
}

// Invariant 11: a snapshot is never there without its change.
TEST_F(GroupCommit, ASnapshotAtRestOfALostActivationIsDropped) {
  commit_.add(change(1));
  commit_.flush();
  auto lost = rest(1, 100);
  lost->slot->lose(1);
  commit_.add(std::move(lost));
  commit_.flush();
  EXPECT_EQ(answered_, 2);
  EXPECT_TRUE(testing::snapshots_of(journal_).empty());
}

} // namespace
} // namespace cairn
