// What requests and their answers take of memory is bounded in bytes, not only in numbers. Invariant 8.

#include <cairn/cairn.hpp>
#include <cairn/detail/by_name/any_entity.hpp>
#include <cairn/transaction.hpp>

#include "tests/support/held_journal.hpp"
#include "tests/support/note_entity.hpp"
#include "tests/support/sample_entities.hpp"
#include "tests/support/scrape.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;
using sample::counter;
using sample::mailer;
using sample::note;

constexpr std::size_t kib = 1U << 10U;
constexpr std::size_t mib = 1U << 20U;

class ByteBounds : public ::testing::Test {
protected:
  void open(cairn::limits limits) {
    world_.reset();
    cairn::world_options options;
    options.journal = journal_.source();
    options.limits = limits;
    world_ = std::make_unique<cairn::world>(std::move(options));
    world_->host<note>();
    world_->host<counter>();
    world_->host<mailer>();
  }

  cairn::entity_ref<note> entity(const std::string& id) { return world_->entity<note>(id); }

  double held_bytes() const {
    return cairn::testing::scraped(world_->metrics())["cairn_requests_in_flight_bytes"];
  }

  /// Nothing is in flight any more; its bytes are given back by then.
  void await_quiet() const {
    while (world_->counts().in_flight > 0) {
      std::this_thread::yield();
    }
  }

  /// How many were accepted, and that the others are told which limit they met.
  template <class Outcomes>
  static std::size_t count_accepted(Outcomes& outcomes, const std::string& limit) {
    std::size_t accepted = 0;
    for (auto& each : outcomes) {
      const auto outcome = each.get();
      if (outcome) {
        ++accepted;
        continue;
      }
      const auto* failure = outcome.failed();
      EXPECT_TRUE(failure != nullptr && failure->error == cairn::runtime_errc::overloaded);
      if (failure != nullptr) {
        EXPECT_NE(failure->message.find(limit), std::string::npos) << failure->message;
      }
    }
    return accepted;
  }

  cairn::history_page history(const std::string& id, cairn::version_type from, std::size_t limit) {
    std::promise<cairn::history_page> page;
    cairn::any_entity(*world_, cairn::type_descriptor<note>(), "note/" + id)
        .post_history(from, limit,
                      [&](cairn::history_page read) { page.set_value(std::move(read)); });
    return page.get_future().get();
  }

  held_journal journal_;
  std::unique_ptr<cairn::world> world_;
};

} // namespace

TEST_F(ByteBounds, LargeRequestsInFlightAreBoundedAndSmallOnesGoOn) {
  cairn::limits limits;
  limits.in_flight_bytes_max = 4 * mib;
  open(limits);
  journal_.hold();
  std::vector<cairn::future<cairn::unchecked_outcome<>>> sent;
  for (int i = 0; i < 100; ++i) {
    sent.push_back(entity(std::to_string(i)).send(note::put{std::string(200 * kib, 'x')}));
  }
  journal_.await_held(1);
  // What was decided is held twice, as command and as change: that may go beyond, and nothing else does.
  EXPECT_LE(held_bytes(), 5 * mib);
  journal_.release();
  const auto accepted = count_accepted(sent, "limits::in_flight_bytes_max");
  EXPECT_GE(accepted, 4U);
  EXPECT_LE(accepted, 21U);
  await_quiet();
  EXPECT_EQ(held_bytes(), 0);
  EXPECT_TRUE(entity("a").send(note::put{std::string(200 * kib, 'x')}).get())
      << "there is room again";
  EXPECT_TRUE(world_->entity<counter>("a").send(counter::add{1}).get());
}

TEST_F(ByteBounds, LargeRequestsAtOneEntityLeaveRoomForOthers) {
  cairn::limits limits;
  limits.mailbox_bytes_max = 1 * mib;
  open(limits);
  journal_.hold();
  std::vector<cairn::future<cairn::unchecked_outcome<>>> sent;
  for (int i = 0; i < 50; ++i) {
    sent.push_back(entity("a").send(note::put{std::string(100 * kib, 'x')}));
  }
  auto other = entity("b").send(note::put{std::string(100 * kib, 'x')});
  journal_.release();
  EXPECT_LE(count_accepted(sent, "note/a"), 11U);
  EXPECT_TRUE(other.get());
}

TEST_F(ByteBounds, WhatSmallCommandsMakeOfThemselvesIsCountedToo) {
  cairn::limits limits;
  limits.in_flight_bytes_max = 1 * mib;
  open(limits);
  journal_.hold();
  std::vector<cairn::future<cairn::unchecked_outcome<>>> sent;
  for (int i = 0; i < 100; ++i) {
    sent.push_back(
        entity(std::to_string(i)).send(note::grow{static_cast<std::int64_t>(200 * kib)}));
  }
  const auto answered = [&sent] { // refused, since nothing is written yet
    return std::count_if(sent.begin(), sent.end(), [](auto& each) { return each.wait_for(0ms); });
  };
  const auto give_up = std::chrono::steady_clock::now() + 10s;
  while (answered() < 90 && std::chrono::steady_clock::now() < give_up) {
    std::this_thread::yield();
  }
  EXPECT_GE(answered(), 90) << "six fill the house, and a thread each may be one too many";
  EXPECT_LE(held_bytes(), 2 * mib);
  journal_.release();
  EXPECT_LE(count_accepted(sent, "limits::in_flight_bytes_max"), 10U);
  await_quiet();
  EXPECT_EQ(held_bytes(), 0);
}

TEST_F(ByteBounds, ReadsThatWaitForAWriteHoldTheirCopies) {
  cairn::limits limits;
  limits.in_flight_bytes_max = 1 * mib;
  open(limits);
  EXPECT_TRUE(entity("a").send(note::put{std::string(200 * kib, 'x')}).get());
  journal_.hold();
  auto written = entity("a").send(note::copy{1});
  journal_.await_held(1);
  std::vector<cairn::future<cairn::reading<note>>> reads;
  for (int i = 0; i < 20; ++i) {
    reads.push_back(entity("a").read());
  }
  const int decided = note::decided;
  auto behind = entity("a").send(note::put{"small"});
  while (note::decided == decided) { // now the reads before it have been taken
    std::this_thread::yield();
  }
  journal_.release();
  std::size_t read = 0;
  for (auto& each : reads) {
    const auto seen = each.get();
    read += seen ? 1U : 0U;
    if (!seen) {
      EXPECT_EQ(seen.failure->error, cairn::runtime_errc::overloaded);
    }
  }
  EXPECT_TRUE(written.get());
  EXPECT_TRUE(behind.get());
  EXPECT_EQ(read, 5U);
  await_quiet();
  EXPECT_EQ(held_bytes(), 0);
}

TEST_F(ByteBounds, ATransactionCountsAsAWhole) {
  cairn::limits limits;
  limits.in_flight_bytes_max = 1 * mib;
  open(limits);
  const auto transact = [&](std::size_t items, std::size_t bytes) {
    cairn::transaction all(*world_);
    for (std::size_t i = 0; i < items; ++i) {
      all.send(entity(std::to_string(i)), note::put{std::string(bytes, 'x')});
    }
    return all.commit().get();
  };
  EXPECT_TRUE(transact(2, 100 * kib));
  const auto refused = transact(11, 100 * kib);
  ASSERT_NE(refused.failed(), nullptr);
  EXPECT_EQ(refused.failed()->error, cairn::runtime_errc::overloaded);
  EXPECT_NE(refused.failed()->message.find("limits::in_flight_bytes_max"), std::string::npos);
  await_quiet();
  EXPECT_EQ(held_bytes(), 0);
  EXPECT_TRUE(transact(2, 100 * kib));
  cairn::transaction twice(*world_);
  twice.send(entity("a"), note::put{std::string(100 * kib, 'x')})
      .send(entity("a"), note::put{std::string(100 * kib, 'x')});
  EXPECT_NE(twice.commit().get().failed(), nullptr);
  await_quiet();
  EXPECT_EQ(held_bytes(), 0) << "what was refused at the door holds nothing";
}

TEST_F(ByteBounds, APageOfHistoryEndsWhereItsBytesDo) {
  cairn::limits limits;
  limits.history_bytes_max = 10 * kib;
  open(limits);
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(entity("a").send(note::put{std::string(3 * kib, 'x')}).get());
  }
  std::vector<cairn::version_type> versions;
  for (bool more = true; more;) {
    const auto page = history("a", versions.size() + 1, 100);
    ASSERT_FALSE(page.failure) << page.failure->message;
    ASSERT_FALSE(page.changes.empty());
    EXPECT_LE(page.changes.size(), 3U);
    for (const auto& change : page.changes) {
      versions.push_back(change.version);
    }
    more = page.more;
  }
  ASSERT_EQ(versions.size(), 10U) << "nothing is left out";
  EXPECT_EQ(versions.back(), 10U);
}

TEST_F(ByteBounds, APageOfHistoryHasOneChangeAtLeast) {
  cairn::limits limits;
  limits.history_bytes_max = 100;
  open(limits);
  EXPECT_TRUE(entity("a").send(note::put{std::string(3 * kib, 'x')}).get());
  EXPECT_TRUE(entity("a").send(note::put{std::string(3 * kib, 'x')}).get());
  const auto first = history("a", 1, 100);
  EXPECT_EQ(first.changes.size(), 1U);
  EXPECT_TRUE(first.more);
  const auto last = history("a", 2, 100);
  EXPECT_EQ(last.changes.size(), 1U);
  EXPECT_FALSE(last.more);
}

TEST_F(ByteBounds, WhatAConflictMissedEndsWhereItsBytesDo) {
  cairn::limits limits;
  limits.missed_bytes_max = 10 * kib;
  open(limits);
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(entity("a").send(note::put{std::string(3 * kib, 'x')}).get());
  }
  cairn::send_options options;
  options.show.missed = true;
  const auto refused = entity("a").send(note::put{"y"}, cairn::at(1), options).get();
  ASSERT_NE(refused.conflict(), nullptr);
  const auto& details = *refused.conflict()->details;
  EXPECT_EQ(details.missed.size(), 3U);
  EXPECT_TRUE(details.truncated);
  const auto nearly = entity("a").send(note::put{"y"}, cairn::at(8), options).get();
  EXPECT_EQ(nearly.conflict()->details->missed.size(), 2U);
  EXPECT_FALSE(nearly.conflict()->details->truncated);
}

// Beyond its bytes, messages are left to the journal, and none is lost.
TEST_F(ByteBounds, MessagesUnderWayHoldSoManyBytes) {
  constexpr int messages = 30;
  cairn::limits limits;
  limits.messages_held_bytes_max = 64 * kib;
  open(limits);
  EXPECT_TRUE(entity("a").send(note::put{"first"}).get());
  const auto lease = entity("a").lease(1min).get(); // so that they wait
  ASSERT_TRUE(lease);
  for (int i = 0; i < messages; ++i) {
    EXPECT_TRUE(world_->entity<mailer>("m").send(mailer::post{"a", 10 * kib}).get());
    EXPECT_LE(world_->counts().messages_pending, 8U);
  }
  EXPECT_TRUE(entity("a").release(lease.leased()->token).get());
  world_->settle();
  EXPECT_EQ(entity("a").read().get().version, 1U + messages);
}
