// Timers and messages as parts of a decision: what they record, what an entity keeps of them, and the test kit.

#include <cairn/testing.hpp>

#include "entities/built_in.hpp"
#include "entities/live_entity.hpp"
#include "tests/support/alarm.hpp"
#include "tests/support/living_entities.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace cairn {
namespace {

using namespace std::chrono_literals;
using cairn::testing::given;
using sample::bell;
using sample::till;

constexpr time_point noon{std::chrono::microseconds(1'780'000'000'000'000)};

TEST(Effects, TheKitShowsTimersAndMessagesAsPartsOfTheDecision) {
  given<bell>()
      .at_time(noon)
      .when(bell::set{"tea", 250, 7})
      .then(bell::was_set{"tea"}, timer<bell::ring>{"tea", noon + 250ms, bell::ring{7}});
  given<till>(till::minted{9})
      .when(till::post{"b", 4})
      .then(till::posted{4}, message<till, till::receive>{"b", till::receive{4}});
  EXPECT_THROW(given<till>(till::minted{9}).when(till::post{"b", 4}).then(till::posted{4}),
               testing::failure);
  EXPECT_THROW(given<bell>()
                   .when(bell::set{"tea", 1, 7})
                   .then(bell::was_set{"tea"}, timer<bell::ring>{"tea", 2ms, bell::ring{7}}),
               testing::failure);
}

TEST(Effects, TheKitCancelsOnlyWhatIsPending) {
  given<bell>().when(bell::unset{"tea"}).then();
  given<bell>(timer<bell::ring>{"tea", noon, bell::ring{1}})
      .when(bell::unset{"tea"})
      .then(cancel{"tea"});
}

TEST(Effects, TheKitShowsWhatRepeatsAndTellsWhenItWasDue) {
  using sample::alarm;
  const alarm::ring again{alarm::sets_again};
  const auto us = [](time_point at) { return at.time_since_epoch().count(); };
  given<alarm>()
      .at_time(noon)
      .when(alarm::repeat{"beat", 50'000, alarm::sets_again})
      .then(alarm::was_set{}, every<alarm::ring>{"beat", 50ms, again})
      .at_time(noon + 164ms)
      .due("beat", noon + 50ms, 2)
      .when(again)
      .then(alarm::rang{2, us(noon + 50ms), us(noon + 164ms), "beat"},
            every<alarm::ring>{"beat", 50ms, again}) // at 200 ms
      .when(alarm::ring{})
      .then(alarm::rang{0, -1, us(noon + 164ms), ""})
      .due("beat", noon + 200ms)
      .when(alarm::ring{})
      .then(alarm::rang{0, us(noon + 200ms), us(noon + 200ms), "beat"});
  EXPECT_THROW(given<alarm>()
                   .when(alarm::repeat{"beat", 50'000, 0})
                   .then(alarm::was_set{}, timer<alarm::ring>{"beat", 50ms, alarm::ring{}}),
               testing::failure);
  EXPECT_THROW(given<alarm>()
                   .when(alarm::repeat{"beat", 50'000, 0})
                   .then(alarm::was_set{}, every<alarm::ring>{"beat", 51ms, alarm::ring{}}),
               testing::failure);
  given<alarm>(every<alarm::ring>{"beat", 50ms, again})
      .when(alarm::stop{"beat"})
      .then(cancel{"beat"});
}

TEST(Effects, TheArgumentsOfWhatRepeatsLeaveRoomForItself) {
  live_entity entity(type_descriptor<sample::alarm>());
  const sample::alarm::repeat often{"beat", 50'000, 1};
  execution done(1'000);
  random_source random(1);
  entity.execute(*entity.type().find_command("repeat"), &often, {noon, random, "alarm/a", 0, ""},
                 done);
  EXPECT_EQ(done.what(), execution::verdict::accepted) << done.reason();
  execution little(60); // of which the arguments {"tone":1} may take 7
  entity.execute(*entity.type().find_command("repeat"), &often, {noon, random, "alarm/a", 0, ""},
                 little);
  EXPECT_EQ(little.what(), execution::verdict::too_large);
  EXPECT_NE(little.reason().find("\"beat\""), std::string::npos) << little.reason();
}

TEST(Effects, TheKitBringsAMessageBack) {
  const undelivered message{"till/b", "receive", R"({"amount":5})", "too much at once"};
  given<till>(till::minted{9}).when(message).then(till::returned{5}).then_state({14, 1, {}});
  EXPECT_FALSE((undelivered{"bell/b", "receive", R"({"amount":5})", ""}.as<till, till::receive>()));
  EXPECT_FALSE((undelivered{"till/b", "mint", R"({"amount":5})", ""}.as<till, till::receive>()));
  EXPECT_FALSE((undelivered{"till/b", "receive", R"({"n":5})", ""}.as<till, till::receive>()));
}

execution executed(live_entity& entity, const char* command, const void* arguments) {
  execution done(std::numeric_limits<std::size_t>::max());
  random_source random(1);
  entity.execute(*entity.type().find_command(command), arguments,
                 {noon, random, "bell/a", entity.standing().version, ""}, done);
  return done;
}

TEST(Effects, AnEntityKnowsItsTimersAndEventsSayWhenOneWasDueBefore) {
  live_entity entity(type_descriptor<bell>());
  const bell::set first{"tea", 1, 1};
  const bell::set later{"tea", 5, 2};
  executed(entity, "set", &first);
  const auto moved = executed(entity, "set", &later);
  ASSERT_NE(entity.timers(), nullptr);
  ASSERT_EQ(entity.timers()->size(), 1U);
  EXPECT_EQ(entity.timers()->at("tea").at_us, (noon + 5ms).time_since_epoch().count());
  ASSERT_NE(moved.effects(), nullptr);
  EXPECT_EQ(moved.effects()->timers.at(0).was_us, (noon + 1ms).time_since_epoch().count());
  const bell::unset away{"tea"};
  executed(entity, "unset", &away);
  EXPECT_EQ(entity.timers(), nullptr);
}

TEST(Effects, WhatATransactionTakesBackTakesItsTimersToo) {
  live_entity entity(type_descriptor<bell>());
  const bell::set tea{"tea", 1, 1};
  executed(entity, "set", &tea);
  auto before = entity.save();
  const bell::set egg{"egg", 1, 1};
  const bell::unset away{"tea"};
  executed(entity, "set", &egg);
  executed(entity, "unset", &away);
  entity.go_back(std::move(before));
  ASSERT_NE(entity.timers(), nullptr);
  EXPECT_EQ(entity.timers()->size(), 1U);
  EXPECT_TRUE(entity.timers()->contains("tea"));
}

TEST(Effects, RemovalTakesTimersBackAndReplayDoesTheSame) {
  live_entity entity(type_descriptor<bell>());
  const bell::set tea{"tea", 1, 1};
  executed(entity, "set", &tea);
  execution done(std::numeric_limits<std::size_t>::max());
  random_source random(1);
  entity.remove({noon, random, "bell/a", 1, ""}, done);
  EXPECT_EQ(done.event_count(), 2U);
  EXPECT_EQ(entity.timers(), nullptr);
}

TEST(Effects, BuiltInEventsComeBackFromTheirJson) {
  using kind = built_in_event::kind;
  for (const auto what : {kind::scheduled, kind::cancelled, kind::fired, kind::emitted,
                          kind::delivered, kind::returned, kind::resent}) {
    built_in_event event;
    event.what = what;
    event.timer = "té \"a\"";
    event.at_us = -5;
    event.to = "till/b";
    event.command = "receive";
    event.arguments = R"({"amount":5})";
    event.hop = 3;
    event.of = {7, 2};
    event.reason = "why";
    event.handled = what == kind::returned;
    if (what <= kind::fired) {
      event.was_us = 12;
    }
    event.every_us = what == kind::scheduled ? 50'000 : 0;
    std::string text;
    json::problem wrong;
    ASSERT_TRUE(encode_built_in(text, event, wrong)) << wrong.text();
    built_in_event back;
    ASSERT_TRUE(decode_built_in(name_of(event), text, back, wrong)) << text << wrong.text();
    std::string again;
    ASSERT_TRUE(encode_built_in(again, back, wrong));
    EXPECT_EQ(text, again);
    EXPECT_EQ(back.was_us, event.was_us);
    EXPECT_EQ(back.every_us, event.every_us);
  }
}

TEST(Effects, ABuiltInEventThatIsNoneIsRefusedByName) {
  live_entity entity(type_descriptor<bell>());
  entity.begin_change();
  const auto unknown = entity.apply("$later", 1, "{}");
  EXPECT_EQ(unknown.error, entity_errc::unknown_event);
  EXPECT_NE(unknown.message.find("$later"), std::string::npos);
  const auto broken = entity.apply("$scheduled", 1, R"({"timer":"tea"})");
  EXPECT_EQ(broken.error, entity_errc::invalid_event);
  EXPECT_NE(broken.message.find("at"), std::string::npos);
}

} // namespace
} // namespace cairn
