#include <cairn/cairn.hpp>
#include <cairn/detail/by_name/any_entity.hpp>

#include "tests/support/held_journal.hpp"
#include "tests/support/sample_entities.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <map>
#include <random>
#include <thread>

namespace {

using namespace std::chrono_literals;
using sample::counter;
using sample::dice;

cairn::world_options on(held_journal& journal) {
  cairn::world_options options;
  options.journal = journal.source();
  return options;
}

bool is_waiting(const auto& future) { return !future.wait_for(0s); }

TEST(World, AStaleCommandIsRefusedAndChangesNothing) { // invariant 6
  cairn::world world;
  world.host<counter>();
  const auto entity = world.entity<counter>("a");
  EXPECT_EQ(entity.send(counter::add{1}).get().accepted()->version, 1U);
  EXPECT_EQ(entity.send(counter::add{1}, cairn::at(1)).get().accepted()->version, 2U);
  const auto outcome = entity.send(counter::set{100}, cairn::at(1)).get();
  ASSERT_NE(outcome.conflict(), nullptr);
  EXPECT_EQ(outcome.conflict()->entity, "counter/a");
  EXPECT_EQ(outcome.conflict()->kind, cairn::conflict_kind::stale);
  EXPECT_EQ(outcome.conflict()->expected, cairn::expectation(cairn::at(1)));
  EXPECT_EQ(outcome.conflict()->actual, 2U);
  const auto read = entity.read().get();
  EXPECT_EQ(read.state.value, 2);
  EXPECT_EQ(read.version, 2U);
  EXPECT_EQ(world.journal().end().next, 2U);
}

TEST(World, ARejectionAndNoEventsLeaveTheVersion) {
  cairn::world world;
  world.host<counter>();
  const auto entity = world.entity<counter>("a");
  EXPECT_EQ(entity.send(counter::add{-1}).get().rejected()->reason, "below zero");
  const auto looked = entity.send(counter::look{}).get();
  EXPECT_EQ(looked.accepted()->version, 0U);
  EXPECT_FALSE(looked.accepted()->position);
  EXPECT_FALSE(entity.read().get().exists);
  EXPECT_EQ(world.journal().end().next, 0U);
}

TEST(World, TypedRepliesComeBackAndAreRememberedWithTheirId) {
  held_journal journal;
  int first = 0;
  {
    cairn::world world(on(journal));
    world.host<dice>();
    const auto outcome = world.entity<dice>("d").send(dice::roll{2}, {"roll-1", {}}).get();
    ASSERT_TRUE(outcome);
    first = outcome.accepted()->reply;
    const auto read = world.entity<dice>("d").read().get();
    EXPECT_EQ(first, read.state.rolls[0] + read.state.rolls[1]);
    EXPECT_EQ(read.version, 1U) << "two events, one change";
  }
  cairn::world world(on(journal));
  world.host<dice>();
  const auto again = world.entity<dice>("d").send(dice::roll{2}, {"roll-1", {}}).get();
  ASSERT_TRUE(again);
  EXPECT_TRUE(again.accepted()->duplicate);
  EXPECT_EQ(again.accepted()->reply, first);
  EXPECT_EQ(again.accepted()->position, 0U);
}

TEST(World, TheClockIsTheWorldsAndNeverRunsBackInTheJournal) {
  std::atomic<std::int64_t> now{5'000};
  cairn::world_options options;
  options.clock = [&] { return cairn::time_point(std::chrono::microseconds(now.load())); };
  options.seed = 1;
  cairn::world world(std::move(options));
  world.host<dice>();
  const auto entity = world.entity<dice>("d");
  EXPECT_TRUE(entity.send(dice::roll{}).get());
  EXPECT_EQ(entity.read().get().state.last_us, 5'000);
  now = 4'000;
  EXPECT_TRUE(entity.send(dice::roll{}).get());
  std::vector<std::int64_t> times;
  EXPECT_TRUE(world.journal()
                  .scan(0,
                        [&](const cairn::record& stored) {
                          times.push_back(stored.time_us);
                          return true;
                        })
                  .ok());
  EXPECT_EQ(times, (std::vector<std::int64_t>{5'000, 5'000}));
}

// Invariant 7: the next command does not wait for the earlier one's write; invariant 3: its reply does.
TEST(World, AnEntityGoesOnWhileItsChangeIsWritten) {
  held_journal journal;
  std::atomic<int> asked{0}; // the time: once for each batch and, by dice, each decision
  auto options = on(journal);
  options.clock = [&] { return cairn::time_point(std::chrono::microseconds(++asked)); };
  cairn::world world(std::move(options));
  world.host<dice>();
  const auto entity = world.entity<dice>("a");
  journal.hold();
  std::vector<cairn::future<cairn::unchecked_outcome<int>>> sent;
  sent.push_back(entity.send(dice::roll{}));
  journal.await_held(1);
  for (int i = 1; i < 50; ++i) {
    sent.push_back(entity.send(dice::roll{}));
  }
  const auto stale = entity.send(dice::roll{}, cairn::at(49));
  auto read = entity.read();
  while (asked < 51) {
    std::this_thread::yield(); // all is decided while the first change is being written
  }
  journal.release_one(); // the first batch; the rest waits in the next one or two
  EXPECT_EQ(sent[0].get().accepted()->version, 1U);
  EXPECT_TRUE(is_waiting(stale));
  EXPECT_TRUE(is_waiting(read));
  journal.release();
  for (std::size_t i = 1; i < sent.size(); ++i) {
    EXPECT_EQ(sent[i].get().accepted()->version, i + 1);
  }
  EXPECT_EQ(read.get().version, 50U);
  EXPECT_LE(world.counts().batches, 4U) << "what waits goes in one batch";
}

// A thread that has sent, and lives on, belongs to the client; closing has nothing to wait for there.
TEST(World, ClosesWhileThreadsThatSentLiveOn) {
  std::promise<void> closed;
  std::thread client;
  {
    cairn::world world;
    world.host<counter>();
    std::promise<void> sent;
    client = std::thread([&, ended = closed.get_future()]() mutable {
      EXPECT_TRUE(world.entity<counter>("cold").send(counter::add{1}).get());
      sent.set_value();
      ended.wait();
    });
    sent.get_future().wait();
    auto closing = std::async(std::launch::async, [&] { return world.close().ok(); });
    const bool in_time = closing.wait_for(30s) == std::future_status::ready;
    closed.set_value(); // else it would wait for ever
    EXPECT_TRUE(in_time);
    EXPECT_TRUE(closing.get());
  }
  client.join();
}

// Invariant 7: loading a cold entity holds up neither warm ones nor other cold ones, and those who wait for it
// are served in order.
TEST(World, AColdEntityHoldsNobodyUp) {
  held_journal journal;
  auto options = on(journal);
  options.entity_threads = 1;
  options.loading_threads = 2;
  cairn::world world(std::move(options));
  world.host<counter>();
  const auto warm = world.entity<counter>("warm");
  EXPECT_TRUE(warm.send(counter::add{1}).get());
  journal.hold_reading("counter/cold");
  const auto cold = world.entity<counter>("cold");
  auto first = cold.send(counter::add{1}, cairn::at(0));
  auto second = cold.send(counter::add{1}, cairn::at(1));
  EXPECT_TRUE(warm.send(counter::add{1}).get());
  EXPECT_TRUE(world.entity<counter>("other").send(counter::add{1}).get());
  EXPECT_TRUE(is_waiting(first));
  EXPECT_TRUE(is_waiting(second));
  journal.hold_reading("");
  EXPECT_TRUE(first.get());
  EXPECT_TRUE(second.get());
}

TEST(World, WhatWouldMakeAJournalUnreadableIsRefused) {
  cairn::world world;
  world.host<counter>();
  const auto entity = world.entity<counter>("a");
  const auto id = entity.send(counter::add{1}, {"\xFF", {}}).get();
  EXPECT_EQ(id.failed()->error, cairn::entity_errc::invalid_command);
  const auto meta = entity.send(counter::add{1}, {"", {{"who", "\xC0"}}}).get();
  EXPECT_EQ(meta.failed()->error, cairn::entity_errc::invalid_command);
  const auto twice = entity.send(counter::add{1}, {"", {{"who", "a"}, {"who", "b"}}}).get();
  EXPECT_EQ(twice.failed()->message, "meta has the name \"who\" twice");
  EXPECT_EQ(world.journal().end().next, 0U);
}

TEST(World, AReadAnswersAtOnceWhenItsStateIsDurable) {
  held_journal journal;
  cairn::world world(on(journal));
  world.host<counter>();
  EXPECT_TRUE(world.entity<counter>("a").send(counter::add{1}).get());
  journal.hold();
  const auto other = world.entity<counter>("b").send(counter::add{1});
  journal.await_held(1);
  EXPECT_EQ(world.entity<counter>("a").read().get().version, 1U)
      << "another entity's write is no reason to wait";
  EXPECT_TRUE(is_waiting(other));
  journal.release();
}

TEST(World, WhatJsonCannotHoldIsAnEntityError) {
  cairn::world world;
  world.host<dice>();
  const auto outcome =
      world.entity<dice>("d").send(dice::aim{std::numeric_limits<double>::quiet_NaN()}).get();
  ASSERT_NE(outcome.failed(), nullptr);
  EXPECT_EQ(outcome.failed()->error, cairn::entity_errc::entity_error);
  EXPECT_NE(outcome.failed()->message.find("share: number is not finite"), std::string::npos);
  EXPECT_EQ(world.entity<dice>("d").read().get().version, 0U);
}

TEST(World, RemovalIsAChangeAndCreationGoesOnCounting) {
  held_journal journal;
  cairn::world world(on(journal));
  world.host<counter>();
  world.host<dice>();
  const auto entity = world.entity<counter>("a");
  EXPECT_EQ(entity.remove().get().unavailable()->kind, cairn::conflict_kind::absent);
  EXPECT_TRUE(entity.send(counter::add{5}).get());
  EXPECT_EQ(entity.remove(cairn::at(0)).get().conflict()->kind, cairn::conflict_kind::stale);
  EXPECT_EQ(entity.remove(cairn::at(1)).get().accepted()->version, 2U);
  EXPECT_FALSE(entity.read().get().exists);
  EXPECT_EQ(entity.send(counter::add{1}).get().unavailable()->kind, cairn::conflict_kind::deleted);
  EXPECT_EQ(entity.send(counter::add{-1}, cairn::absent).get().rejected()->reason, "below zero")
      << "judged on the default state";
  EXPECT_EQ(entity.read().get().version, 2U);
  EXPECT_EQ(entity.send(counter::add{1}, cairn::absent).get().accepted()->version, 3U);
  EXPECT_EQ(entity.read().get().state.value, 1);
  EXPECT_TRUE(world.entity<dice>("d").send(dice::roll{}).get());
  EXPECT_EQ(world.entity<dice>("d").remove().get().rejected()->reason, "has been rolled");
}

TEST(World, TheSwitchTurnsOffStaleAndAhead) {
  cairn::world_options options;
  options.check_versions = false;
  cairn::world world(std::move(options));
  world.host<counter>();
  const auto entity = world.entity<counter>("a");
  EXPECT_EQ(entity.send(counter::add{1}, cairn::at(7)).get().accepted()->version, 1U);
  EXPECT_EQ(entity.send(counter::add{1}, cairn::at(0)).get().accepted()->version, 2U);
  EXPECT_EQ(entity.send(counter::add{1}, cairn::absent).get().conflict()->kind,
            cairn::conflict_kind::exists);
}

TEST(World, WhatCannotBeSentToSaysWhy) {
  cairn::world world;
  const auto unhosted = world.entity<counter>("a").send(counter::add{1}).get();
  EXPECT_EQ(unhosted.failed()->error, cairn::entity_errc::unknown_type);
  world.host<counter>();
  const auto invalid = world.entity<counter>("a\n").send(counter::add{1}).get();
  EXPECT_EQ(invalid.failed()->error, cairn::entity_errc::invalid_entity);
  EXPECT_TRUE(world.close().ok());
  const auto late = world.entity<counter>("a").send(counter::add{1}).get();
  EXPECT_EQ(late.failed()->error, cairn::runtime_errc::shutting_down);
}

TEST(World, ClosingFinishesWhatWasAccepted) {
  held_journal journal;
  std::vector<cairn::future<cairn::unchecked_outcome<>>> sent;
  {
    cairn::world world(on(journal));
    world.host<counter>();
    for (int i = 0; i < 1'000; ++i) {
      sent.push_back(world.entity<counter>(std::to_string(i % 7)).send(counter::add{1}));
    }
  }
  std::size_t accepted = 0;
  for (auto& outcome : sent) {
    accepted += outcome.get() ? 1 : 0;
  }
  EXPECT_EQ(accepted, sent.size());
  EXPECT_EQ(journal.inside().end().next, sent.size());
}

// Invariant 8.
TEST(World, BeyondItsLimitsACallerIsToldAtOnce) {
  held_journal journal;
  auto options = on(journal);
  options.limits.in_flight_max = 20;
  options.limits.mailbox_max = 10;
  options.limits.change_bytes_max = 1'000;
  cairn::world world(std::move(options));
  world.host<counter>();
  world.host<sample::form>();
  journal.hold();
  std::vector<cairn::future<cairn::unchecked_outcome<>>> sent;
  for (int i = 0; i < 30; ++i) {
    sent.push_back(
        world.entity<counter>(i < 15 ? "a" : "b" + std::to_string(i)).send(counter::add{1}));
  }
  std::size_t overloaded = 0;
  std::vector<std::string> messages;
  for (std::size_t i = 0; i < sent.size(); ++i) {
    if (!is_waiting(sent[i])) {
      const auto outcome = sent[i].get();
      EXPECT_EQ(outcome.failed()->error, cairn::runtime_errc::overloaded) << i;
      EXPECT_EQ(outcome.failed()->fate, cairn::fate::not_written);
      messages.push_back(outcome.failed()->message);
      ++overloaded;
    }
  }
  EXPECT_EQ(overloaded, 10U);
  EXPECT_NE(messages.front().find("counter/a has 10 requests waiting"), std::string::npos)
      << messages.front();
  EXPECT_NE(messages.back().find("limits::in_flight_max"), std::string::npos) << messages.back();
  journal.release();
  for (auto& outcome : sent) {
    if (outcome.valid()) {
      EXPECT_TRUE(outcome.get());
    }
  }
  const auto large = world.entity<sample::form>("f")
                         .send(sample::form::write{std::string(2'000, 'x')}, cairn::at(0))
                         .get();
  ASSERT_NE(large.failed(), nullptr);
  EXPECT_EQ(large.failed()->error, cairn::journal_errc::too_large);
  EXPECT_TRUE(
      world.entity<sample::form>("f").send(sample::form::write{"small"}, cairn::at(0)).get());
}

// A change that is too large because of what is kept beside its events is refused alone.
TEST(World, AChangeThatIsTooLargeHarmsNobodyElse) {
  held_journal journal;
  auto options = on(journal);
  options.limits.change_bytes_max = 400;
  cairn::world world(std::move(options));
  world.host<dice>();
  const auto outcome = world.entity<dice>("d").send(dice::roll{20}).get();
  ASSERT_NE(outcome.failed(), nullptr);
  EXPECT_EQ(outcome.failed()->error, cairn::journal_errc::too_large);
  EXPECT_EQ(world.entity<dice>("d").read().get().version, 0U);
  EXPECT_TRUE(world.entity<dice>("d").send(dice::roll{1}).get());
}

TEST(World, OneOfManyCreatorsWins) {
  cairn::world world;
  world.host<counter>();
  std::vector<cairn::future<cairn::checked_outcome<>>> sent;
  for (int i = 0; i < 200; ++i) {
    sent.push_back(world.entity<counter>("a").send(counter::add{1}, cairn::at(0)));
  }
  std::size_t accepted = 0;
  for (auto& outcome : sent) {
    const auto ended = outcome.get();
    accepted += ended ? 1 : 0;
    EXPECT_TRUE(ended || ended.conflict()->kind == cairn::conflict_kind::stale);
  }
  EXPECT_EQ(accepted, 1U);
}

TEST(World, ListsWhatExistsInOrderOfId) {
  cairn::world world;
  world.host<counter>();
  for (const char* id : {"b", "a/b", "c", "a", "d"}) {
    EXPECT_TRUE(world.entity<counter>(id).send(counter::add{1}).get());
  }
  EXPECT_TRUE(world.entity<counter>("c").remove().get());
  cairn::listing page;
  ASSERT_TRUE(world.list("counter", "", 2, page).ok());
  ASSERT_EQ(page.entities.size(), 2U);
  EXPECT_EQ(page.entities[0].entity, "counter/a");
  EXPECT_EQ(page.entities[1].entity, "counter/a/b");
  EXPECT_TRUE(page.more);
  ASSERT_TRUE(world.list("counter", "a/b", 10, page).ok());
  ASSERT_EQ(page.entities.size(), 2U);
  EXPECT_EQ(page.entities[1].entity, "counter/d");
  EXPECT_FALSE(page.more);
  EXPECT_EQ(world.list("counter", "", 0, page).error, std::errc::invalid_argument);
  EXPECT_EQ(world.list("counter", "", 10'001, page).error, std::errc::invalid_argument);
}

// Invariant 5, across snapshots, removal and creation anew.
TEST(World, ARestartedWorldHoldsTheSameStates) {
  held_journal journal;
  std::map<std::string, std::string> states;
  const auto collect = [&](cairn::world& world) {
    std::map<std::string, std::string> found;
    for (int i = 0; i < 20; ++i) {
      const std::string id = std::to_string(i);
      std::promise<cairn::json_reading> read;
      cairn::any_entity(world, cairn::type_descriptor<counter>(), "counter/" + id)
          .post_read([&](cairn::json_reading reading) { read.set_value(std::move(reading)); });
      const auto reading = read.get_future().get();
      found[id] = reading.state_json + " at " + std::to_string(reading.version);
    }
    return found;
  };
  {
    cairn::world world(on(journal));
    world.host<counter>();
    std::mt19937_64 random(42);
    for (int i = 0; i < 3'000; ++i) {
      const auto entity = world.entity<counter>(std::to_string(random() % 20));
      switch (random() % 40) {
        case 0:
          entity.remove().get();
          break;
        case 1:
          entity.send(counter::add{3}, cairn::absent).get();
          break;
        default:
          entity.send(counter::add{static_cast<std::int64_t>(random() % 9) - 3}).get();
      }
    }
    states = collect(world);
  }
  cairn::world world(on(journal));
  world.host<counter>();
  EXPECT_EQ(collect(world), states);
}

} // namespace
