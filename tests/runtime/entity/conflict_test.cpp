// What a conflict tells, and the ways out of it: aspects, merging, retrying, leases.

#include <cairn/cairn.hpp>

#include "tests/support/held_journal.hpp"
#include "tests/support/sample_entities.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace {

using namespace std::chrono_literals;
using cairn::conflict_kind;
using sample::counter;

/// Two parts that are edited apart, and a removal.
struct card {
  std::string name;
  std::string phone;
  std::vector<std::string> notes;

  struct rename {
    std::string name;
  };
  struct dial {
    std::string phone;
  };
  struct replace {
    std::string name;
    std::string phone;
  };
  struct note {
    std::string text;
  };
  struct renamed {
    std::string name;
  };
  struct dialled {
    std::string phone;
  };
  struct noted {
    std::string text;
  };

  cairn::decision<renamed> decide(const rename& command) const { return renamed{command.name}; }
  cairn::decision<dialled> decide(const dial& command) const { return dialled{command.phone}; }
  cairn::decision<renamed, dialled> decide(const replace& command) const {
    return {renamed{command.name}, dialled{command.phone}};
  }
  cairn::decision<noted> decide(const note& command) const { return noted{command.text}; }
  void apply(const renamed& event) { name = event.name; }
  void apply(const dialled& event) { phone = event.phone; }
  void apply(const noted& event) { notes.push_back(event.text); }

  /// A stale note is kept when only notes were missed, and says behind how many it stands.
  std::optional<note> merge(const note& stale, const cairn::missed_changes<card>& missed) const {
    std::size_t missed_notes = 0;
    missed.for_each([&](const noted& /*event*/) { ++missed_notes; });
    return missed_notes == missed.size()
               ? std::optional(note{stale.text + " (behind " + std::to_string(missed_notes) + ")"})
               : std::nullopt;
  }

  using entity =
      cairn::entity<"card", cairn::commands<rename, dial, replace, note>,
                    cairn::aspect<&card::name, cairn::commands<rename>, cairn::events<renamed>>,
                    cairn::aspect<&card::phone, cairn::commands<dial>, cairn::events<dialled>>,
                    cairn::touches<noted, &card::notes>, cairn::snapshot_changes<4>,
                    cairn::merge_window<8>>;
};

/// Earning commutes with earning and spending; spending with earning only.
struct purse {
  std::int64_t gold = 0;

  struct earn {
    std::int64_t n = 0;
  };
  struct spend {
    std::int64_t n = 0;
  };
  struct moved {
    std::int64_t n = 0;
  };
  cairn::decision<moved> decide(const earn& command) const { return moved{command.n}; }
  cairn::decision<moved> decide(const spend& command) const {
    if (command.n > gold) {
      return cairn::reject("not enough gold");
    }
    return moved{-command.n};
  }
  void apply(const moved& event) { gold += event.n; }

  using entity =
      cairn::entity<"purse", cairn::commands<earn, spend>, cairn::commutes<earn, earn, spend>>;
};

class Conflict : public ::testing::Test {
protected:
  Conflict() { open(); }

  void open(cairn::world_options options = {}) {
    world_.reset();
    options.journal = journal_.source();
    options.clock = [this] { return cairn::time_point(std::chrono::microseconds(now_us_.load())); };
    world_ = std::make_unique<cairn::world>(std::move(options));
    world_->host<counter>();
    world_->host<card>();
    world_->host<purse>();
  }

  void pass(std::chrono::milliseconds time) { now_us_ += std::chrono::microseconds(time).count(); }

  held_journal journal_;
  std::atomic<std::int64_t> now_us_{1'000'000};
  std::unique_ptr<cairn::world> world_;
};

std::vector<std::string> aspects_of(const cairn::conflict& met) {
  return {met.aspects().begin(), met.aspects().end()};
}

TEST_F(Conflict, OnlyTheAspectsThatACommandDependsOnAreInItsWay) {
  for (const bool restarted : {false, true}) {
    const auto ann = world_->entity<card>(restarted ? "b" : "a");
    EXPECT_TRUE(ann.send(card::replace{"Ann", "1"}).get());
    EXPECT_TRUE(ann.send(card::rename{"Anna"}, cairn::at(1)).get());
    if (restarted) {
      open(); // from the journal
    }
    const auto again = world_->entity<card>(restarted ? "b" : "a");
    EXPECT_EQ(again.send(card::dial{"2"}, cairn::at(1)).get().accepted()->version, 3U);
    const auto stale = again.send(card::rename{"Annie"}, cairn::at(1)).get();
    ASSERT_NE(stale.conflict(), nullptr);
    EXPECT_EQ(aspects_of(*stale.conflict()), std::vector<std::string>{"name"});
    const auto both = again.send(card::replace{"x", "y"}, cairn::at(1)).get();
    ASSERT_NE(both.conflict(), nullptr);
    EXPECT_EQ(aspects_of(*both.conflict()), (std::vector<std::string>{"name", "phone"}));
    EXPECT_EQ(again.read().get().state.phone, "2");
    // Snapshots hold the aspects' versions: the fourth change makes one.
    EXPECT_TRUE(again.send(card::note{"n"}).get());
    open();
    EXPECT_TRUE(
        world_->entity<card>(restarted ? "b" : "a").send(card::dial{"3"}, cairn::at(3)).get());
    const auto old =
        world_->entity<card>(restarted ? "b" : "a").send(card::rename{"z"}, cairn::at(1)).get();
    ASSERT_NE(old.conflict(), nullptr);
    EXPECT_EQ(aspects_of(*old.conflict()), std::vector<std::string>{"name"});
  }
}

TEST_F(Conflict, CreationAndRemovalTouchAllAspects) {
  const auto ann = world_->entity<card>("a");
  EXPECT_TRUE(ann.send(card::rename{"Ann"}).get());
  EXPECT_EQ(ann.send(card::dial{"1"}, cairn::at(0)).get().conflict()->kind, conflict_kind::stale);
  EXPECT_TRUE(ann.remove().get());
  EXPECT_TRUE(ann.send(card::rename{"Bea"}, cairn::absent).get());
  const auto stale = ann.send(card::dial{"1"}, cairn::at(1)).get();
  ASSERT_NE(stale.conflict(), nullptr);
  EXPECT_EQ(stale.conflict()->kind, conflict_kind::stale);
  EXPECT_EQ(aspects_of(*stale.conflict()), std::vector<std::string>{"phone"});
}

TEST_F(Conflict, ShowsWhatWasMissedWhereAndTheStateOnRequest) {
  const auto ann = world_->entity<card>("a");
  EXPECT_TRUE(ann.send(card::replace{"Ann", "1"}).get());
  EXPECT_TRUE(ann.send(card::rename{"Anna"}, {.meta = {{"principal", "bob"}}}).get());
  EXPECT_TRUE(ann.send(card::note{"tall"}).get());
  const auto outcome =
      ann.send(card::rename{"Annie"}, cairn::at(1), {.show = {true, true, true}}).get();
  ASSERT_NE(outcome.conflict(), nullptr);
  const auto& met = *outcome.conflict();
  ASSERT_NE(met.details, nullptr);
  ASSERT_EQ(met.details->missed.size(), 2U);
  EXPECT_EQ(met.details->missed[0].cause.command, "rename");
  EXPECT_EQ(cairn::find_meta(met.details->missed[0].cause.meta, "principal"), "bob");
  EXPECT_EQ(met.details->missed[1].events[0].name, "noted");
  EXPECT_FALSE(met.details->truncated);
  EXPECT_EQ(met.details->paths, (std::vector<std::string>{"/name", "/notes"}));
  ASSERT_NE(met.state<card>(), nullptr);
  EXPECT_EQ(met.state<card>()->name, "Anna");
  EXPECT_EQ(met.state<counter>(), nullptr);
  // Nothing existed at version 0: there are no paths, and what was missed is all.
  const auto created =
      ann.send(card::rename{"x"}, cairn::at(0), {.show = {true, true, false}}).get();
  EXPECT_FALSE(created.conflict()->details->paths.has_value());
  EXPECT_EQ(created.conflict()->details->missed.size(), 3U);
  EXPECT_EQ(created.conflict()->state<card>(), nullptr);
}

TEST_F(Conflict, WhatWasMissedIsBounded) {
  cairn::world_options options;
  options.limits.missed_changes_max = 3;
  open(std::move(options));
  const auto entity = world_->entity<counter>("a");
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(entity.send(counter::add{1}).get());
  }
  const auto outcome = entity.send(counter::add{1}, cairn::at(1), {.show = {.missed = true}}).get();
  ASSERT_NE(outcome.conflict(), nullptr);
  EXPECT_TRUE(outcome.conflict()->details->truncated);
  ASSERT_EQ(outcome.conflict()->details->missed.size(), 3U);
  EXPECT_EQ(outcome.conflict()->details->missed.front().version, 2U);
  const auto near = entity.send(counter::add{1}, cairn::at(2), {.show = {.missed = true}}).get();
  EXPECT_FALSE(near.conflict()->details->truncated);
}

// Invariant 3: what was missed is shown only once it is durable.
TEST_F(Conflict, ShowsNothingThatIsNotDurable) {
  const auto entity = world_->entity<counter>("a");
  EXPECT_TRUE(entity.send(counter::add{1}).get());
  journal_.hold();
  auto second = entity.send(counter::add{1});
  journal_.await_held(1);
  auto stale = entity.send(counter::add{1}, cairn::at(1), {.show = {true, true, true}});
  EXPECT_FALSE(stale.wait_for(0s));
  journal_.release();
  EXPECT_TRUE(second.get());
  const auto outcome = stale.get();
  ASSERT_NE(outcome.conflict(), nullptr);
  EXPECT_EQ(outcome.conflict()->details->missed.size(), 1U);
}

TEST_F(Conflict, CommutingCommandsAreMergedAndJudgedOnFreshState) {
  const auto a = world_->entity<purse>("a");
  EXPECT_TRUE(a.send(purse::earn{10}).get());
  EXPECT_TRUE(a.send(purse::spend{8}).get());
  const auto earned = a.send(purse::earn{1}, cairn::at(1)).get();
  ASSERT_TRUE(earned);
  EXPECT_TRUE(earned.accepted()->merged);
  EXPECT_FALSE(a.send(purse::earn{1}, cairn::at(3)).get().accepted()->merged);
  // It has missed an earning only, so it is merged; the rule sees what is there now.
  EXPECT_EQ(a.send(purse::spend{9}, cairn::at(3)).get().rejected()->reason, "not enough gold");
  EXPECT_TRUE(a.send(purse::spend{4}, cairn::at(3)).get().accepted()->merged);
  // It has missed a spending: not declared, so it stays a conflict.
  EXPECT_EQ(a.send(purse::spend{1}, cairn::at(4)).get().conflict()->kind, conflict_kind::stale);
  // Never over the beginning of a life.
  EXPECT_EQ(a.send(purse::earn{1}, cairn::at(0)).get().conflict()->kind, conflict_kind::stale);
  EXPECT_EQ(a.read().get().state.gold, 0);
}

TEST_F(Conflict, MergeSeesWhatWasMissedAlsoFromBeforeASnapshot) {
  auto ann = world_->entity<card>("a");
  EXPECT_TRUE(ann.send(card::rename{"Ann"}).get());
  for (int i = 0; i < 4; ++i) { // a snapshot at version 4
    EXPECT_TRUE(ann.send(card::note{std::to_string(i)}).get());
  }
  open();
  ann = world_->entity<card>("a");
  const auto merged = ann.send(card::note{"late"}, cairn::at(2), {.id = "n-1"}).get();
  ASSERT_TRUE(merged);
  EXPECT_TRUE(merged.accepted()->merged);
  EXPECT_EQ(ann.read().get().state.notes.back(), "late (behind 3)");
  EXPECT_TRUE(ann.send(card::rename{"Bea"}).get());
  EXPECT_FALSE(ann.send(card::note{"x"}, cairn::at(5)).get()); // missed a rename too
  // The first answer again says so too, after a restart as well.
  for (int round = 0; round < 2; ++round) {
    const auto again =
        world_->entity<card>("a").send(card::note{"late"}, cairn::at(2), {.id = "n-1"}).get();
    EXPECT_TRUE(again.accepted()->duplicate);
    EXPECT_TRUE(again.accepted()->merged);
    open();
  }
}

TEST_F(Conflict, WhatMissedMoreThanTheWindowStaysAConflict) {
  const auto ann = world_->entity<card>("a");
  EXPECT_TRUE(ann.send(card::rename{"Ann"}).get());
  for (int i = 0; i < 9; ++i) {
    EXPECT_TRUE(ann.send(card::note{"n"}).get());
  }
  EXPECT_FALSE(ann.send(card::note{"late"}, cairn::at(1)).get());
  EXPECT_TRUE(ann.send(card::note{"late"}, cairn::at(2)).get());
}

TEST_F(Conflict, NothingIsMergedOverANewLife) {
  for (const bool restarted : {false, true}) {
    const std::string id = restarted ? "b" : "a";
    auto ann = world_->entity<card>(id);
    EXPECT_TRUE(ann.send(card::note{"1"}).get());
    EXPECT_TRUE(ann.remove().get());
    EXPECT_TRUE(ann.send(card::note{"3"}, cairn::absent).get());
    for (int version = 4; version <= 10;
         ++version) { // snapshots at 4 and 8; the window begins at 3
      EXPECT_TRUE(ann.send(card::note{"n"}).get());
    }
    if (restarted) {
      open();
      ann = world_->entity<card>(id);
    }
    EXPECT_NE(ann.send(card::note{"late"}, cairn::at(2)).get().conflict(), nullptr) << id;
    EXPECT_TRUE(ann.send(card::note{"late"}, cairn::at(3)).get());
  }
}

TEST_F(Conflict, ARefusedTransactionLeavesTheWindowWhole) {
  const auto ann = world_->entity<card>("a");
  EXPECT_TRUE(ann.send(card::rename{"Ann"}).get());
  for (int i = 0; i < 9; ++i) {
    EXPECT_TRUE(ann.send(card::note{"n"}).get());
  }
  cairn::transaction both(*world_);
  both.send(ann, card::note{"x"}).send(world_->entity<counter>("c"), counter::add{-1});
  EXPECT_NE(both.commit().get().rejected(), nullptr);
  EXPECT_TRUE(ann.send(card::note{"late"}, cairn::at(2)).get()); // the oldest that the window knows
}

TEST_F(Conflict, UpdateDecidesAnewUntilItIsAccepted) {
  const auto entity = world_->entity<counter>("a");
  EXPECT_TRUE(entity.send(counter::add{1}).get());
  int rival = 0;
  const auto ended = entity.update(5, [&](const counter& state, cairn::version_type version) {
    EXPECT_EQ(static_cast<cairn::version_type>(state.value), version); // always the fresh state
    if (rival++ < 2) {
      EXPECT_TRUE(entity.send(counter::add{1}).get());
    }
    return counter::set{state.value + 1};
  });
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended.attempts, 3U);
  EXPECT_EQ(entity.read().get().state.value, 4);
}

TEST_F(Conflict, UpdateTriesNothingAgainThatTryingDoesNotCure) {
  const auto entity = world_->entity<counter>("a");
  const auto always = [&](const counter& /*state*/, cairn::version_type /*version*/) {
    EXPECT_TRUE(entity.send(counter::add{1}).get());
    return counter::add{1};
  };
  const auto bounded = entity.update(3, always);
  EXPECT_EQ(bounded.attempts, 3U);
  EXPECT_EQ(bounded.outcome->conflict()->kind, conflict_kind::stale);
  const auto refused = entity.update(
      3,
      [](const counter& /*state*/, cairn::version_type /*version*/) { return counter::add{-99}; });
  EXPECT_EQ(refused.attempts, 1U);
  EXPECT_NE(refused.outcome->rejected(), nullptr);
  const auto none = entity.update(3, [](const counter& /*state*/, cairn::version_type /*version*/) {
    return std::optional<counter::add>();
  });
  EXPECT_EQ(none.attempts, 0U);
  EXPECT_FALSE(none.outcome.has_value());
  bool first = true;
  const auto given_up =
      entity.update(3, [&](const counter& /*state*/, cairn::version_type /*version*/) {
        if (!std::exchange(first, false)) {
          return std::optional<counter::add>();
        }
        EXPECT_TRUE(entity.send(counter::add{1}).get());
        return std::optional(counter::add{1});
      });
  EXPECT_EQ(given_up.attempts, 1U);
  EXPECT_FALSE(given_up.outcome.has_value());
  EXPECT_TRUE(entity.remove().get());
  const auto removed = entity.update(
      3, [](const counter& /*state*/, cairn::version_type /*version*/) { return counter::add{1}; });
  EXPECT_EQ(removed.attempts, 1U);
  EXPECT_EQ(removed.outcome->conflict()->kind, conflict_kind::deleted);
}

TEST_F(Conflict, ALeaseKeepsOthersOutUntilItEnds) {
  const auto entity = world_->entity<counter>("a");
  EXPECT_EQ(entity.lease(1s).get().conflict()->kind, conflict_kind::absent);
  EXPECT_TRUE(entity.send(counter::add{1}).get());
  const auto lease = entity.lease(1s).get();
  ASSERT_TRUE(lease);
  EXPECT_EQ(lease.leased()->until, cairn::time_point(2s));
  pass(400ms);
  const auto outside = entity.send(counter::add{1}).get();
  ASSERT_NE(outside.unavailable(), nullptr);
  EXPECT_EQ(outside.unavailable()->kind, conflict_kind::leased);
  EXPECT_EQ(outside.unavailable()->left, 600ms);
  EXPECT_EQ(entity.lease(1s).get().conflict()->details->left, 600ms);
  // A lease comes before the expectation, and after the entity's life.
  EXPECT_EQ(entity.send(counter::add{1}, cairn::at(9)).get().conflict()->kind,
            conflict_kind::leased);
  EXPECT_TRUE(entity.read().get());
  const std::string token = lease.leased()->token;
  EXPECT_TRUE(entity.send(counter::add{1}, cairn::at(1), {.lease = token}).get());
  EXPECT_TRUE(entity.renew(token, 1s).get());
  pass(900ms);
  EXPECT_FALSE(entity.send(counter::add{1}).get());
  pass(100ms);
  EXPECT_TRUE(entity.send(counter::add{1}).get()); // it has expired by itself
  const auto late = entity.send(counter::add{1}, {.lease = token}).get();
  ASSERT_NE(late.failed(), nullptr);
  EXPECT_EQ(late.failed()->error, cairn::entity_errc::lease_lost);
  EXPECT_EQ(late.failed()->fate, cairn::fate::not_written);
  EXPECT_EQ(entity.renew(token, 1s).get().failed()->error, cairn::entity_errc::lease_lost);
}

TEST_F(Conflict, ALeaseIsGivenBackAndEndsWithTheWorld) {
  auto entity = world_->entity<counter>("a");
  EXPECT_TRUE(entity.send(counter::add{1}).get());
  const auto first = entity.lease(1s).get();
  EXPECT_EQ(entity.release("another").get().failed()->error, cairn::entity_errc::lease_lost);
  EXPECT_TRUE(entity.release(first.leased()->token).get());
  EXPECT_TRUE(entity.send(counter::add{1}).get());
  const auto second = entity.lease(1s).get();
  EXPECT_NE(second.leased()->token, first.leased()->token);
  EXPECT_EQ(entity.lease(601s).get().failed()->error, cairn::entity_errc::invalid_command);
  open();
  entity = world_->entity<counter>("a");
  EXPECT_EQ(entity.send(counter::add{1}, {.lease = second.leased()->token}).get().failed()->error,
            cairn::entity_errc::lease_lost);
  EXPECT_TRUE(entity.send(counter::add{1}, cairn::at(2)).get());
  // A removal ends it.
  const auto third = entity.lease(1s).get();
  EXPECT_TRUE(entity.remove({.lease = third.leased()->token}).get());
  EXPECT_TRUE(entity.send(counter::add{1}, cairn::absent).get());
}

TEST_F(Conflict, ALeasedEntityStaysInMemory) {
  cairn::world_options options;
  options.limits.idle_time = 1ms;
  open(std::move(options));
  const auto entity = world_->entity<counter>("a");
  EXPECT_TRUE(entity.send(counter::add{1}).get());
  EXPECT_TRUE(entity.lease(1s).get());
  for (int i = 0; i < 5; ++i) { // others come and go meanwhile
    EXPECT_TRUE(world_->entity<counter>("other").read().get());
    while (world_->counts().resident > 1) {
      std::this_thread::yield();
    }
  }
  EXPECT_FALSE(entity.send(counter::add{1}).get());
}

} // namespace
