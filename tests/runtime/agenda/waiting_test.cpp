// What waits harms nobody: messages and timers that cannot go on now wait in the journal, hold up nobody else, and go
// on when they can.

#include <cairn/cairn.hpp>
#include <cairn/detail/tools/verify.hpp>

#include "tests/support/held_journal.hpp"
#include "tests/support/living_entities.hpp"
#include "tests/support/scrape.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace waiting {

/// Takes what offices send.
struct vault {
  std::vector<std::int64_t> got;

  struct put {
    std::int64_t number = 0;
  };
  struct stored {
    std::int64_t number = 0;
  };
  cairn::decision<stored> decide(const put& c) const { return {stored{c.number}}; }
  void apply(const stored& event) { got.push_back(event.number); }

  using entity = cairn::entity<"vault", cairn::commands<put>>;
};

/// Sends many messages in one change.
struct office {
  std::int64_t sent = 0;

  struct send {
    std::string to;
    std::int64_t count = 0;
  };
  struct filed {
    std::int64_t count = 0;
  };
  cairn::decision<filed, cairn::message<vault, vault::put>> decide(const send& c) const {
    cairn::decision<filed, cairn::message<vault, vault::put>> made{filed{c.count}};
    for (std::int64_t i = 0; i < c.count; ++i) {
      made.add(cairn::message<vault, vault::put>{c.to, vault::put{sent + i}});
    }
    return made;
  }
  void apply(const filed& event) { sent += event.count; }

  using entity = cairn::entity<"office", cairn::commands<send>>;
};

} // namespace waiting

namespace {

using namespace std::chrono_literals;
using sample::bell;
using sample::till;
using waiting::office;
using waiting::vault;

constexpr cairn::time_point start_time{std::chrono::microseconds(1'780'000'000'000'000)};

class Waiting : public ::testing::Test {
protected:
  /// On a stepped clock, with every type but `vault`.
  void open(cairn::time_point start = start_time, bool hosts = true) {
    open_by(clock_ = cairn::clock::stepped(start), hosts);
  }
  void open_by(cairn::clock time, bool hosts = true) {
    world_.reset();
    cairn::world_options options;
    options.journal = journal_.source();
    options.clock = std::move(time);
    options.log = {cairn::log_level::error, [this](std::string_view line) {
                     const std::lock_guard lock(mutex_);
                     said_.emplace_back(line);
                   }};
    world_ = std::make_unique<cairn::world>(std::move(options));
    if (hosts) {
      world_->host<till>();
      world_->host<bell>();
      world_->host<office>();
    }
  }

  void mint(const std::string& id, std::int64_t amount) {
    ASSERT_TRUE(world_->entity<till>(id).send(till::mint{amount}).get());
  }
  void post(const std::string& from, const std::string& to, std::int64_t amount) {
    ASSERT_TRUE(world_->entity<till>(from).send(till::post{to, amount}).get());
  }
  void ring_in(const std::string& id, std::int64_t ms) {
    ASSERT_TRUE(world_->entity<bell>(id).send(bell::set{"tea", ms, 1}).get());
  }
  till state(const std::string& id) { return world_->entity<till>(id).read().get().state; }
  std::int64_t rings(const std::string& id) {
    return world_->entity<bell>(id).read().get().state.rings;
  }
  cairn::position_type end() { return world_->journal().end().next; }

  std::vector<cairn::stuck_item> stuck() {
    std::vector<cairn::stuck_item> found;
    EXPECT_TRUE(world_->list_stuck(100, found).ok());
    EXPECT_EQ(world_->counts().stuck, found.size());
    EXPECT_EQ(cairn::testing::scraped(world_->metrics()).sum("cairn_agenda_stuck{"), found.size());
    return found;
  }
  std::size_t said(const std::string& event) {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(
        std::count_if(said_.begin(), said_.end(), [&](const std::string& line) {
          return line.find("\"event\":\"" + event + '"') != std::string::npos;
        }));
  }
  std::size_t under_way() {
    cairn::agenda_counts counts;
    EXPECT_TRUE(cairn::count_agenda(world_->journal(), counts).ok());
    return counts.messages;
  }

  /// The time of the last change.
  cairn::time_point last_time() {
    return cairn::time_point(std::chrono::microseconds(world_->journal().end().last_time_us));
  }

  void verify() {
    cairn::verify_report report;
    const auto verified = cairn::verify_journal(world_->journal(), report);
    EXPECT_TRUE(verified.ok()) << verified.message;
  }

  held_journal journal_;
  cairn::clock clock_;
  std::mutex mutex_;
  std::vector<std::string> said_;
  std::unique_ptr<cairn::world> world_; // first to go
};

// More than are ever held in memory; of 32,769 a restart held as many as it would.
TEST_F(Waiting, SeventyThousandToATypeThatIsNotHostedHoldUpNobody) {
  constexpr int changes = 70;
  constexpr int each = 1'000;
  open_by({});
  for (int i = 0; i < changes; ++i) {
    const std::string office_id = "o" + std::to_string(i % 7);
    ASSERT_TRUE(world_->entity<office>(office_id).send(office::send{"main", each}).get());
  }
  world_->settle();
  EXPECT_EQ(world_->counts().messages_pending, 0U) << "none is held in memory";
  mint("a", 10);
  post("a", "b", 4);
  world_->settle();
  EXPECT_EQ(state("b").coins, 4);

  open_by({});
  world_->settle();
  EXPECT_EQ(world_->counts().messages_pending, 0U);
  post("a", "b", 3);
  world_->settle();
  EXPECT_EQ(state("b").coins, 7);
  EXPECT_EQ(under_way(), changes * each);
}

TEST_F(Waiting, WhatWaitsForATypeArrivesInOrderOnceItIsHosted) {
  constexpr int each = 700;
  open();
  const auto send = [this](const std::string& from, std::int64_t count) {
    ASSERT_TRUE(world_->entity<office>(from).send(office::send{"main", count}).get());
  };
  for (int i = 0; i < 3; ++i) {
    send("left", each);
  }
  world_->settle();
  world_->host<vault>();
  send("left", each); // behind those that are read again now
  world_->settle();
  const auto arrived = world_->entity<vault>("main").read().get().state.got;
  ASSERT_EQ(arrived.size(), 4U * each);
  for (std::size_t i = 0; i < arrived.size(); ++i) {
    ASSERT_EQ(arrived[i], static_cast<std::int64_t>(i)) << "in order, and each once";
  }
  EXPECT_EQ(under_way(), 0U);
  verify();
}

TEST_F(Waiting, TimersOfATypeThatIsNotHostedAreNotHeldAndFireOnceItIs) {
  open();
  ring_in("a", 10);
  ring_in("b", 20);
  open_by({}, false); // both are due for long
  world_->host<till>();
  world_->settle();
  EXPECT_EQ(world_->counts().timers_soon, 0U);
  world_->host<bell>();
  world_->settle();
  EXPECT_EQ(rings("a") + rings("b"), 2) << "settle waits for what can fire again";
  verify();
}

TEST_F(Waiting, AMessageWaitsForTheEndOfALeaseWithoutHoldingUpStepAndSettle) {
  open();
  mint("a", 10);
  mint("b", 1);
  ASSERT_NE(world_->entity<till>("b").lease(5s).get().leased(), nullptr);
  post("a", "b", 2);
  post("a", "c", 3);
  world_->settle();
  EXPECT_EQ(state("c").coins, 3) << "another pair's goes on";
  ASSERT_TRUE(world_->step(4'999ms).ok());
  EXPECT_EQ(state("b").coins, 1);
  EXPECT_EQ(world_->counts().messages_pending, 0U);
  ASSERT_TRUE(world_->step(10s).ok());
  EXPECT_EQ(state("b").coins, 3);
  EXPECT_EQ(last_time(), start_time + 5s) << "the lease's end is when it is due";
  EXPECT_EQ(state("a").came_back, 0);
  EXPECT_TRUE(stuck().empty());
  verify();
}

TEST_F(Waiting, ALeaseThatIsRenewedOrGivenBackIsNoticed) {
  open();
  mint("a", 10);
  mint("b", 1);
  const auto taken = world_->entity<till>("b").lease(5s).get();
  ASSERT_NE(taken.leased(), nullptr);
  post("a", "b", 2);
  ASSERT_TRUE(world_->step(1s).ok());
  ASSERT_NE(world_->entity<till>("b").renew(taken.leased()->token, 10s).get().leased(), nullptr);
  ASSERT_TRUE(world_->step(9s).ok());
  EXPECT_EQ(state("b").coins, 1);
  ASSERT_NE(world_->entity<till>("b").release(taken.leased()->token).get().leased(), nullptr);
  world_->settle();
  EXPECT_EQ(state("b").coins, 3);
  verify();
}

TEST_F(Waiting, ATimerOfAnEntityThatCannotBeLoadedIsSetAsideAndFiresOnceItCan) {
  open();
  ring_in("bad", 100);
  ring_in("good", 200);
  open();
  journal_.fail_reading("bell/bad");
  ASSERT_TRUE(world_->step(1s).ok());
  EXPECT_EQ(rings("good"), 1);
  ASSERT_TRUE(world_->step(1h).ok());
  const auto found = stuck();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].entity, "bell/bad");
  EXPECT_EQ(found[0].what.find("timer \"tea\" of bell/bad at "), 0U) << found[0].what;
  EXPECT_EQ(found[0].reason, "the disk could not be read");
  EXPECT_EQ(found[0].since_us, (start_time + 100ms).time_since_epoch().count());
  EXPECT_EQ(said("stuck"), 1U);
  journal_.fail_reading("");
  EXPECT_EQ(rings("bad"), 0) << "it loads";
  ASSERT_TRUE(world_->step(0s).ok());
  EXPECT_EQ(rings("bad"), 1);
  EXPECT_TRUE(stuck().empty());
  verify();
}

TEST_F(Waiting, AMessageToAnEntityThatCannotBeLoadedIsSetAsideAndArrivesOnceItCan) {
  for (const bool stepped : {true, false}) {
    const std::string bad = stepped ? "bad" : "worse";
    open_by(stepped ? cairn::clock::stepped(start_time) : cairn::clock());
    mint(bad, 1);
    mint("a", 10);
    open_by(stepped ? cairn::clock::stepped(start_time) : cairn::clock());
    journal_.fail_reading("till/" + bad);
    post("a", bad, 2);
    post("a", bad, 3);
    post("a", "c", 4);
    world_->settle();
    EXPECT_EQ(state("a").came_back, 0) << "it waits";
    EXPECT_EQ(under_way(), 2U);
    EXPECT_EQ(world_->counts().messages_pending, 0U);
    const auto found = stuck();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].entity, "till/" + bad);
    EXPECT_EQ(found[0].what.find("message 0 of position "), 0U) << found[0].what;
    EXPECT_EQ(found[0].reason, "the disk could not be read");
    EXPECT_EQ(said("stuck"), stepped ? 1U : 2U);
    journal_.fail_reading("");
    EXPECT_EQ(state(bad).coins, 1);
    world_->settle();
    EXPECT_EQ(state(bad).got, (std::vector<std::int64_t>{2, 3}));
    EXPECT_TRUE(stuck().empty());
    verify();
  }
}

// It is tried again by itself too: nobody asks for the entity.
TEST_F(Waiting, WhatIsStuckIsTriedAgain) {
  open();
  mint("bad", 1);
  mint("a", 10);
  open();
  journal_.fail_reading("till/bad");
  post("a", "bad", 2);
  world_->settle();
  journal_.fail_reading("");
  while (under_way() > 0) {
    std::this_thread::sleep_for(1ms);
  }
  world_->settle();
  EXPECT_EQ(state("bad").coins, 3);
}

TEST_F(Waiting, AMessageThatCannotComeBackIsSetAside) {
  open();
  mint("bad", 5'000);
  journal_.hold_reading("till/b");
  post("bad", "b", 2'000); // too much at once
  post("bad", "c", 1);
  journal_.fail_next(cairn::fate::not_written);
  EXPECT_FALSE(world_->entity<till>("nobody").send(till::mint{1}).get());
  journal_.hold_reading("");
  world_.reset();
  journal_.fail_reading("till/bad");
  open();
  world_->settle();
  EXPECT_EQ(state("c").coins, 1);
  const auto found = stuck();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].entity, "till/bad") << "its sender";
  journal_.fail_reading("");
  EXPECT_EQ(state("bad").coins, 2'999);
  world_->settle();
  EXPECT_EQ(state("bad").came_back, 1);
  verify();
}

class WaitingSpoiled : public Waiting, public ::testing::WithParamInterface<bool> {
protected:
  void send(const std::string& from, const std::string& to) {
    ASSERT_TRUE(world_->entity<office>(from).send(office::send{to, 1}).get());
  }
  /// Sorted: of two senders either may be the first.
  std::vector<std::int64_t> got(const std::string& id) {
    auto found = world_->entity<vault>(id).read().get().state.got;
    std::sort(found.begin(), found.end());
    return found;
  }
};

// The event does not parse, or its whole change.
TEST_P(WaitingSpoiled, AMessageThatCannotBeReadStopsOnlyItsPair) {
  using numbers = std::vector<std::int64_t>;
  const bool knows_pair = GetParam();
  open();
  send("a", "b"); // 0
  const auto spoiled = end();
  send("a", "b"); // 1
  send("a", "b"); // 2
  send("a", "c"); // 3
  send("d", "e");
  send("d", "b"); // 1
  journal_.spoil(spoiled, "\"hop\"", knows_pair ? "\"hip\"" : "");
  open();
  world_->host<vault>();
  world_->settle();
  EXPECT_EQ(got("c"), numbers{3});
  EXPECT_EQ(got("e"), numbers{0});
  EXPECT_EQ(got("b"), (knows_pair ? numbers{0, 1} : numbers{0, 1, 2}))
      << "those behind it of its pair wait, where that is known";
  const auto found = stuck();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].what, "message 0 of position " + std::to_string(spoiled));
  EXPECT_EQ(found[0].entity, knows_pair ? "vault/b" : "");
  EXPECT_NE(found[0].reason.find(" cannot be read: "), std::string::npos) << found[0].reason;
  EXPECT_EQ(said("stuck"), 1U);

  std::vector<cairn::stuck_item> offline;
  ASSERT_TRUE(cairn::list_stuck(world_->journal(), {}, 10, offline).ok());
  ASSERT_EQ(offline.size(), 1U);
  EXPECT_EQ(offline[0].what, found[0].what);
  std::vector<cairn::waiting_message> others;
  ASSERT_TRUE(cairn::list_messages(world_->journal(), 10, others).ok());
  EXPECT_EQ(others.size(), knows_pair ? 1U : 0U) << "it shows those that can be read";

  journal_.spoil(0, "", "");
  while (under_way() > 0) { // it is tried again, and those behind it come with it
    std::this_thread::sleep_for(1ms);
  }
  world_->settle();
  EXPECT_EQ(got("b"), (numbers{0, 1, 1, 2}));
  if (knows_pair) {
    EXPECT_EQ(world_->entity<vault>("b").read().get().state.got.back(), 2) << "in order";
  }
  EXPECT_TRUE(stuck().empty());
  verify();
}

INSTANTIATE_TEST_SUITE_P(Ways, WaitingSpoiled, ::testing::Bool(),
                         [](const auto& param) { return param.param ? "Event" : "Change"; });

TEST_F(Waiting, StepSaysWhenWhatIsDueCannotBeReadAndSettleDoesNotWaitForIt) {
  open();
  ring_in("a", 100);
  open();
  journal_.fail_agenda(true);
  world_->settle();
  const auto stepped = world_->step(1s);
  EXPECT_EQ(stepped.error, cairn::journal_errc::damaged);
  EXPECT_EQ(clock_(), start_time) << "time stands still at what cannot be known";
  journal_.fail_agenda(false);
  ASSERT_TRUE(world_->step(1s).ok());
  EXPECT_EQ(rings("a"), 1);
}

} // namespace
