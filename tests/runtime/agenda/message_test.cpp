// Messages between entities: journaled with the change that sends them, taking effect once, in order per pair.

#include <cairn/cairn.hpp>
#include <cairn/detail/tools/verify.hpp>

#include "tests/support/held_journal.hpp"
#include "tests/support/living_entities.hpp"
#include "tests/support/scrape.hpp"

#include <gtest/gtest.h>
#include <pthread.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;
using sample::till;

class Message : public ::testing::Test {
protected:
  Message() { open(); }

  void open(bool hosts = true, cairn::limits limits = {}) {
    world_.reset();
    cairn::world_options options;
    options.journal = journal_.source();
    options.limits = limits;
    world_ = std::make_unique<cairn::world>(std::move(options));
    if (hosts) {
      world_->host<till>();
    }
  }

  void mint(const std::string& id, std::int64_t amount) {
    ASSERT_TRUE(world_->entity<till>(id).send(till::mint{amount}).get());
  }
  void post(const std::string& from, const std::string& to, std::int64_t amount) {
    ASSERT_TRUE(world_->entity<till>(from).send(till::post{to, amount}).get());
  }
  /// Nothing is written any more until the next world.
  void stop_store() {
    journal_.fail_next(cairn::fate::not_written);
    EXPECT_FALSE(world_->entity<till>("nobody").send(till::mint{1}).get());
  }
  till state(const std::string& id) { return world_->entity<till>(id).read().get().state; }

  std::vector<cairn::undelivered_message> undelivered() {
    std::vector<cairn::undelivered_message> found;
    EXPECT_TRUE(world_->list_undelivered({}, 100, found).ok());
    return found;
  }

  void verify() {
    cairn::verify_report report;
    const auto verified = cairn::verify_journal(world_->journal(), report);
    EXPECT_TRUE(verified.ok()) << verified.message;
  }

  held_journal journal_;
  std::unique_ptr<cairn::world> world_;
};

TEST_F(Message, ArrivesAndSaysWhereItCameFrom) {
  mint("a", 10);
  post("a", "b", 4);
  world_->settle();
  EXPECT_EQ(state("a").coins, 6);
  EXPECT_EQ(state("b").coins, 4);
  cairn::change arrived;
  ASSERT_TRUE(world_->journal()
                  .scan(2,
                        [&](const cairn::record& stored) {
                          return cairn::decode_change(stored, arrived).ok();
                        })
                  .ok());
  EXPECT_EQ(arrived.entity, "till/b");
  EXPECT_EQ(cairn::find_meta(arrived.cause.meta, "causation"), "till/a@2");
  ASSERT_EQ(arrived.events.size(), 2U);
  EXPECT_EQ(arrived.events[0].name, "$delivered");
  EXPECT_EQ(arrived.events[0].data, R"({"position":1,"index":0})");
  verify();
}

TEST_F(Message, ThoseOfAPairKeepTheirOrder) {
  constexpr std::int64_t count = 500;
  mint("a", count * count);
  std::vector<std::int64_t> sent;
  for (std::int64_t i = 1; i <= count; ++i) {
    if (i != till::forbidden) {
      world_->entity<till>("a").post(till::post{"b", i}, [](const auto&) {});
      sent.push_back(i);
    }
  }
  world_->settle();
  std::ignore = state("a");
  world_->settle();
  EXPECT_EQ(state("b").got, sent);
  verify();
}

TEST_F(Message, WhatIsRejectedComesBackToItsSender) {
  mint("a", 5'000);
  post("a", "b", 2'000);
  world_->settle();
  EXPECT_EQ(state("a").coins, 5'000);
  EXPECT_EQ(state("a").came_back, 1);
  EXPECT_EQ(state("b").coins, 0);
  EXPECT_TRUE(undelivered().empty());
  verify();
}

TEST_F(Message, SoDoesWhatItsReceiverThrowsOnAndWhatARemovedOneGets) {
  mint("a", 100);
  post("a", "b", till::forbidden);
  mint("c", 1);
  ASSERT_TRUE(world_->entity<till>("c").remove().get());
  post("a", "c", 5);
  post("a", "b", 7);
  world_->settle();
  EXPECT_EQ(state("a").came_back, 2);
  EXPECT_EQ(state("a").coins, 93);
  EXPECT_EQ(state("b").coins, 7);
  verify();
}

TEST_F(Message, ThoseOfATransactionAreSentWithIt) {
  mint("a", 10);
  mint("b", 10);
  cairn::transaction both(*world_);
  both.send(world_->entity<till>("a"), till::post{"c", 1})
      .send(world_->entity<till>("b"), till::post{"c", 2});
  ASSERT_TRUE(both.commit().get());
  cairn::transaction neither(*world_);
  neither.send(world_->entity<till>("a"), till::post{"c", 1})
      .send(world_->entity<till>("b"), till::post{"c", 200});
  ASSERT_FALSE(neither.commit().get());
  world_->settle();
  EXPECT_EQ(state("c").coins, 3);
  verify();
}

TEST_F(Message, TheListSurvivesARestartAndResendingTakesOneOff) {
  open(true);
  mint("a", 1);
  // `pass_on` is not what the till takes back: it rejects the message, which goes to the list.
  cairn::limits limits;
  limits.message_hops_max = 3;
  open(true, limits);
  ASSERT_TRUE(world_->entity<till>("a").send(till::pass_on{"b", 10}).get());
  world_->settle();
  auto listed = undelivered();
  ASSERT_EQ(listed.size(), 1U);
  EXPECT_EQ(listed[0].sender, "till/b");
  EXPECT_EQ(listed[0].message.to, "till/a");
  EXPECT_EQ(listed[0].message.command, "pass_on");
  EXPECT_EQ(listed[0].message.arguments, R"({"to":"b","times":6})");
  EXPECT_NE(listed[0].message.reason.find("limits::message_hops_max"), std::string::npos);
  EXPECT_EQ(state("a").came_back + state("b").came_back, 4) << "the command and three messages";
  verify();

  open(true, limits);
  listed = undelivered();
  ASSERT_EQ(listed.size(), 1U);
  EXPECT_EQ(world_->resend(listed[0].position + 1).error, std::errc::invalid_argument);
  const auto resent = world_->resend(listed[0].position);
  ASSERT_TRUE(resent.ok()) << resent.message;
  EXPECT_EQ(world_->resend(listed[0].position).error, std::errc::invalid_argument);
  world_->settle();
  EXPECT_EQ(state("a").came_back + state("b").came_back, 7) << "hops count anew";
  ASSERT_EQ(undelivered().size(), 1U);
  EXPECT_NE(undelivered()[0].position, listed[0].position);
  verify();
}

TEST_F(Message, GoesOnAfterARestart) {
  mint("a", 100);
  post("a", "b", 5);
  open(false);
  world_->settle(); // what waits for a type is left out
  EXPECT_LE(world_->counts().messages_pending, 1U);
  world_->host<till>();
  world_->settle();
  EXPECT_EQ(state("b").coins, 5);
  verify();
}

TEST_F(Message, MoreThanFitIntoMemoryAreReadFromTheJournal) {
  constexpr int count = 9'000; // more than are read at once
  mint("a", count);
  world_.reset();
  {
    cairn::world_options options;
    options.journal = journal_.source();
    cairn::world senders(std::move(options));
    senders.host<till>();
    std::atomic<int> accepted{0};
    for (int i = 0; i < count; ++i) {
      senders.entity<till>("a").post(till::post{"r" + std::to_string(i % 30), 1},
                                     [&](const auto& given) { accepted += given ? 1 : 0; });
    }
    std::ignore = senders.entity<till>("a").read().get();
    EXPECT_EQ(accepted, count);
  } // closes while most are under way
  open();
  world_->settle();
  std::int64_t arrived = 0;
  for (int i = 0; i < 30; ++i) {
    arrived += state("r" + std::to_string(i)).coins;
  }
  EXPECT_EQ(arrived, count);
  verify();
}

TEST_F(Message, WaitsForALease) {
  mint("a", 10);
  mint("b", 1);
  const auto held = world_->entity<till>("b").lease(10min).get();
  ASSERT_NE(held.leased(), nullptr);
  post("a", "b", 2);
  EXPECT_EQ(state("b").coins, 1);
  EXPECT_EQ(state("a").came_back, 0);
  ASSERT_NE(world_->entity<till>("b").release(held.leased()->token).get().leased(), nullptr);
  world_->settle();
  EXPECT_EQ(state("b").coins, 3);
}

/// Threads that are begun meanwhile have a small stack.
class small_stacks {
public:
  small_stacks() {
    constexpr std::size_t bytes = 512 * 1024;
    pthread_attr_t small;
    pthread_getattr_default_np(&usual_);
    pthread_getattr_default_np(&small);
    pthread_attr_setstacksize(&small, bytes);
    pthread_setattr_default_np(&small);
    pthread_attr_destroy(&small);
  }
  small_stacks(const small_stacks&) = delete;
  small_stacks& operator=(const small_stacks&) = delete;
  ~small_stacks() {
    pthread_setattr_default_np(&usual_);
    pthread_attr_destroy(&usual_);
  }

private:
  pthread_attr_t usual_{};
};

// A batch that is being committed shows its rows before the journal's end goes behind it: no damage, and not lost.
TEST_F(Message, WhatIsBeingCommittedWhileOthersAreReadIsReadLater) {
  mint("a", 10);
  journal_.hold_reading("till/b"); // it does not arrive yet
  post("a", "b", 4);
  stop_store();
  journal_.hold_reading("");
  world_.reset();
  journal_.show_only(1); // the message is behind that
  std::atomic<int> said{0};
  cairn::world_options options;
  options.journal = journal_.source();
  options.log = {cairn::log_level::error, [&said](std::string_view) { ++said; }};
  cairn::world world(std::move(options));
  world.host<till>();
  const int before = journal_.agenda_reads();
  while (journal_.agenda_reads() < before + 4) { // of timers and of messages
    std::this_thread::sleep_for(1ms);
  }
  journal_.show_only(cairn::no_position);
  world.settle();
  EXPECT_EQ(world.entity<till>("b").read().get().state.coins, 4);
  EXPECT_EQ(said, 0);
}

// What a full mailbox refuses comes back before it is sent; thousands at once, as after a start, must not pile up on
// the stack.
TEST_F(Message, ManyThatAreRefusedAtOnceAreTriedAgain) {
  constexpr int senders = 4'000;
  const small_stacks shallow;
  journal_.hold_reading("till/hot"); // nothing arrives yet
  for (int i = 0; i < senders; ++i) {
    mint("sender-" + std::to_string(i), 1);
    post("sender-" + std::to_string(i), "hot", 1);
  }
  stop_store(); // nor when it is closed
  journal_.hold_reading("");
  cairn::limits narrow;
  narrow.mailbox_max = 1;
  open(false, narrow);
  journal_.hold_reading("till/hot"); // one message waits for it, and fills its mailbox
  world_->host<till>();
  const auto refused = [this] {
    return cairn::testing::scraped(world_->metrics())
        .sum("cairn_failures_total{error=\"overloaded\"}");
  };
  while (refused() < senders) { // most of them at once, the first time
    std::this_thread::sleep_for(1ms);
  }
  journal_.hold_reading("");
  open();
  world_->settle();
  EXPECT_EQ(state("hot").coins, senders);
  verify();
}

} // namespace
