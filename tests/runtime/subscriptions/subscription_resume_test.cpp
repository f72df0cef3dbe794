// Who has read before goes on exactly: nothing twice, nothing skipped, in the middle of a transaction too; and never in
// a journal that does not hold what was seen.

#include <cairn/cairn.hpp>
#include <cairn/transaction.hpp>

#include "tests/support/held_journal.hpp"
#include "tests/support/journal_support.hpp"
#include "tests/support/sample_entities.hpp"

#include <gtest/gtest.h>

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <set>

namespace {

using cairn::position_type;
using cairn::resume_token;
using sample::counter;

/// What a projection keeps: the changes that it has seen, and where to go on.
class projection {
public:
  /// Lets a subscription run until `enough` changes have been counted in all.
  void run(cairn::world& world, std::size_t enough) {
    const auto take = [&, this](const cairn::change& committed, const resume_token& next) {
      const std::lock_guard lock(mutex_);
      if (seen_.size() < enough) { // as if the program ended here
        seen_.push_back(committed.position);
        token_ = next.text();
      }
      changed_.notify_all();
    };
    const auto from = cairn::parse_resume_token(token_);
    const auto running = from ? world.subscribe(*from, take) : world.subscribe(0, take);
    EXPECT_TRUE(running.state().ok()) << running.state().message;
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return seen_.size() >= enough; });
  }

  const std::vector<position_type>& seen() const { return seen_; }
  const std::string& token() const { return token_; }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<position_type> seen_;
  std::string token_;
};

std::vector<position_type> first_positions(std::size_t count) {
  std::vector<position_type> all;
  for (position_type position = 0; position < count; ++position) {
    all.push_back(position);
  }
  return all;
}

class SubscriptionResume : public ::testing::Test {
protected:
  SubscriptionResume() { open(); }

  void open() {
    world_.reset();
    world_ = std::make_unique<cairn::world>(cairn::world_options{.journal = journal_.source()});
    world_->host<counter>();
  }

  cairn::entity_ref<counter> entity(const std::string& id) { return world_->entity<counter>(id); }

  void add(int changes) {
    for (int i = 0; i < changes; ++i) {
      ASSERT_TRUE(entity("a").send(counter::add{1}).get());
    }
  }

  /// One unit of four changes.
  void transact() {
    cairn::transaction all(*world_);
    for (const char* id : {"a", "b", "c", "d"}) {
      all.send(entity(id), counter::add{1});
    }
    ASSERT_TRUE(all.commit().get());
  }

  held_journal journal_;
  std::unique_ptr<cairn::world> world_;
};

TEST_F(SubscriptionResume, AProjectionCountsEachChangeOnceWhereverItStops) {
  add(1);
  transact();
  add(1);
  for (std::size_t stop = 1; stop < 6; ++stop) {
    projection counted;
    counted.run(*world_, stop);
    counted.run(*world_, 6);
    EXPECT_EQ(counted.seen(), first_positions(6)) << "stopped behind " << stop;
  }
  projection one_by_one;
  for (std::size_t count = 1; count <= 6; ++count) {
    one_by_one.run(*world_, count);
  }
  EXPECT_EQ(one_by_one.seen(), first_positions(6));
}

TEST_F(SubscriptionResume, ItGoesOnInTheNextProcess) {
  add(1);
  transact();
  projection counted;
  counted.run(*world_, 3);
  open();
  add(2);
  counted.run(*world_, 7);
  EXPECT_EQ(counted.seen(), first_positions(7));
}

TEST_F(SubscriptionResume, TheTokenOfASubscriptionIsBehindWhatItHasDelivered) {
  add(3);
  const auto own = world_->journal().lineages().back().lineage;
  const auto watching = world_->subscribe(1, [](const cairn::change&) {});
  while (watching.next() < 3) {
    std::this_thread::yield();
  }
  EXPECT_EQ(watching.token(), (resume_token{3, own}));
  EXPECT_EQ(cairn::subscription().token(), resume_token{});
}

TEST_F(SubscriptionResume, ChangesSayWhichIsTheFirstAndTheLastOfTheirUnit) {
  add(1);
  transact();
  std::mutex mutex;
  std::condition_variable changed;
  std::string seen;
  const auto watching =
      world_->subscribe(3, [&](const cairn::change& committed) { // inside the unit
        const std::lock_guard lock(mutex);
        seen += std::to_string(committed.position);
        seen += committed.is_first_of_unit() ? "(" : "";
        seen += committed.is_last_of_unit() ? ")" : "";
        changed.notify_all();
      });
  add(1);
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return seen.find('5') != seen.npos; });
  EXPECT_EQ(seen, "1(234)5()") << "a bare position stands for its whole unit";
}

TEST_F(SubscriptionResume, APositionBeyondTheEndIsRefusedAndNothingIsSkipped) {
  add(3);
  bool called = false;
  const auto ahead = world_->subscribe(10, [&](const cairn::change&) { called = true; });
  const auto late = world_->subscribe(3, [](const cairn::change&) {});
  EXPECT_EQ(ahead.state().error, cairn::journal_errc::ahead);
  EXPECT_NE(ahead.state().message.find("position 10"), std::string::npos) << ahead.state().message;
  EXPECT_TRUE(late.state().ok());
  add(9);
  while (late.next() < 12) {
    std::this_thread::yield();
  }
  EXPECT_TRUE(world_->close().ok());
  EXPECT_FALSE(called);
}

TEST_F(SubscriptionResume, ATokenOfAnotherJournalOrBeyondTheEndIsRefused) {
  add(3);
  const auto own = world_->journal().lineages().back().lineage;
  const auto state = [&](const resume_token& from) {
    return world_->subscribe(from, [](const cairn::change&) {}).state();
  };
  EXPECT_TRUE(state({3, own}).ok());
  EXPECT_EQ(state({4, own}).error, cairn::journal_errc::ahead);
  EXPECT_EQ(state({0, cairn::make_lineage()}).error, cairn::journal_errc::ahead);
  EXPECT_EQ(state({}).error, cairn::journal_errc::ahead);
}

TEST(SubscriptionOfABackup, ATokenOfTheParentIsGoodUpToWhereTheyPart) {
  const cairn::testing::temporary_directory directory;
  const auto open = [&](const char* name) {
    auto made = std::make_unique<cairn::world>(
        cairn::world_options{.journal = cairn::rocksdb(directory.path() / name)});
    made->host<counter>();
    return made;
  };
  const auto add = [](cairn::world& to, int changes) {
    for (int i = 0; i < changes; ++i) {
      ASSERT_TRUE(to.entity<counter>("a").send(counter::add{1}).get());
    }
  };
  projection early;
  projection late;
  {
    const auto parent = open("parent");
    add(*parent, 3);
    ASSERT_TRUE(parent->backup(directory.path() / "restored").ok());
    early.run(*parent, 2);
    add(*parent, 2);
    late.run(*parent, 5);
  }
  const auto restored = open("restored");
  add(*restored, 4); // position 3 and 4 are others now
  early.run(*restored, 7);
  EXPECT_EQ(early.seen(), first_positions(7));
  const auto refused =
      restored->subscribe(*cairn::parse_resume_token(late.token()), [](const cairn::change&) {});
  EXPECT_EQ(refused.state().error, cairn::journal_errc::ahead);
  EXPECT_NE(refused.state().message.find("behind position 3"), std::string::npos)
      << refused.state().message;
}

/// Counts, and can be made to wait in its first call.
struct reader_of_all {
  std::mutex mutex;
  std::condition_variable changed;
  std::size_t count = 0;
  bool blocked = false;

  void take() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return !blocked; });
    ++count;
    changed.notify_all();
  }
  void unblock() {
    const std::lock_guard lock(mutex);
    blocked = false;
    changed.notify_all();
  }
  void await(std::size_t wanted) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return count >= wanted; });
  }
};

TEST_F(SubscriptionResume, EachChangeIsReadOnceForAllSubscribers) {
  std::vector<reader_of_all> readers(8);
  std::vector<cairn::subscription> subscribed;
  for (auto& reader : readers) {
    subscribed.push_back(world_->subscribe(0, [&](const cairn::change&) { reader.take(); }));
  }
  add(700);
  for (auto& reader : readers) {
    reader.await(700);
  }
  EXPECT_EQ(journal_.scanned(), 700U);
}

TEST_F(SubscriptionResume, ASlowSubscriberIsReadForAgainAndCostsNoOtherAnything) {
  reader_of_all slow;
  reader_of_all fast;
  slow.blocked = true;
  const auto first = world_->subscribe(0, [&](const cairn::change&) { slow.take(); });
  const auto second = world_->subscribe(0, [&](const cairn::change&) { fast.take(); });
  add(3'000); // far more than is read ahead
  fast.await(3'000);
  EXPECT_EQ(journal_.scanned(), 3'000U) << "nothing is read that the slow one has no room for";
  slow.unblock();
  slow.await(3'000);
  EXPECT_LE(journal_.scanned(), 6'000U);
  EXPECT_GT(journal_.scanned(), 4'000U) << "what was read ahead is bounded";
  EXPECT_EQ(slow.count, 3'000U);
}

} // namespace
