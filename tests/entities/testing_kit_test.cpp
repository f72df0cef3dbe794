#include <cairn/testing.hpp>

#include "tests/support/sample_entities.hpp"

#include <gtest/gtest.h>

namespace {

using cairn::testing::failure;
using cairn::testing::given;
using sample::counter;
using sample::dice;

TEST(TestingKit, GivenEventsACommandLeadsToEvents) {
  given<counter>(counter::added{5})
      .when(counter::add{3})
      .then(counter::added{3})
      .then_state({8})
      .when(counter::add{-9})
      .then_rejected("below zero")
      .when(counter::look{})
      .then();
}

TEST(TestingKit, ExpectationsAreChecked) {
  given<counter>(counter::added{5}, counter::added{1})
      .when(counter::add{1}, cairn::at(1))
      .then_conflict(cairn::conflict_kind::stale)
      .when(counter::add{1}, cairn::at(3))
      .then_conflict(cairn::conflict_kind::ahead)
      .when(counter::add{1}, cairn::absent)
      .then_conflict(cairn::conflict_kind::exists)
      .when(cairn::remove{}, cairn::at(2))
      .then_removed()
      .when(counter::add{1})
      .then_conflict(cairn::conflict_kind::deleted)
      .when(counter::add{1}, cairn::absent)
      .then(counter::added{1})
      .then_state({1});
}

TEST(TestingKit, ChanceAndTimeAreInjectedAndRepeatable) {
  const cairn::time_point noon(std::chrono::hours(12));
  auto one = given<dice>();
  one.at_time(noon).with_seed(7).when(dice::roll{3});
  auto two = given<dice>();
  two.at_time(noon).with_seed(7).when(dice::roll{3});
  EXPECT_EQ(one.state().rolls, two.state().rolls);
  EXPECT_EQ(one.state().last_us, noon.time_since_epoch().count());
  EXPECT_EQ(one.version(), 1U) << "three events are one change";
  one.then_reply(one.state().rolls[0] + one.state().rolls[1] + one.state().rolls[2]);
}

TEST(TestingKit, ATypeMayVetoItsRemoval) {
  given<dice>(dice::rolled{3, 0}).when(cairn::remove{}).then_rejected("has been rolled");
  given<dice>(dice::aimed{0.5}).when(cairn::remove{}).then_removed();
}

TEST(TestingKit, WhatDoesNotHoldIsSaidInWords) {
  try {
    given<counter>(counter::added{5}).when(counter::add{3}).then(counter::added{4});
    FAIL() << "the wrong event must not pass";
  } catch (const failure& said) {
    EXPECT_STREQ(said.what(),
                 "counter: expected accepted, added{\"n\":4}, but it was accepted, added{\"n\":3}");
  }
  EXPECT_THROW(given<counter>().when(counter::add{1}).then_rejected(), failure);
  EXPECT_THROW(given<counter>().when(counter::add{1}).then_rejected("no"), failure);
  EXPECT_THROW(given<counter>().when(counter::add{-1}).then_rejected("other words"), failure);
  EXPECT_THROW(given<counter>().when(counter::add{-1}).then(), failure);
  EXPECT_THROW(given<counter>().when(counter::add{1}).then(), failure);
  EXPECT_THROW(given<counter>().when(counter::add{1}).then_conflict(cairn::conflict_kind::stale),
               failure);
  EXPECT_THROW(given<counter>().when(counter::add{1}).then_state({2}), failure);
  EXPECT_THROW(given<dice>().when(dice::roll{1}).then_reply(7), failure);
}

/// Depends on something else than state, command and context.
struct impure {
  std::int64_t value = 0;
  struct go {};
  struct gone {
    std::int64_t n = 0;
  };
  cairn::decision<gone> decide(const go& /*command*/) const {
    static std::int64_t calls = 0;
    return gone{++calls};
  }
  void apply(const gone& event) { value = event.n; }
  using entity = cairn::entity<"impure", cairn::commands<cairn::named<"go", go>>,
                               cairn::events<cairn::named<"gone", gone>>>;
};
BOOST_DESCRIBE_STRUCT(impure, (), (value))
BOOST_DESCRIBE_STRUCT(impure::go, (), ())
BOOST_DESCRIBE_STRUCT(impure::gone, (), (n))

/// Keeps something that its description leaves out.
struct forgetful {
  std::int64_t shown = 0;
  std::int64_t hidden = 0;
  struct go {};
  struct gone {};
  cairn::decision<gone> decide(const go& /*command*/) const { return gone{}; }
  void apply(const gone& /*event*/) { shown = ++hidden; }
  using entity = cairn::entity<"forgetful", cairn::commands<cairn::named<"go", go>>,
                               cairn::events<cairn::named<"gone", gone>>>;
};
BOOST_DESCRIBE_STRUCT(forgetful, (), (shown))
BOOST_DESCRIBE_STRUCT(forgetful::go, (), ())
BOOST_DESCRIBE_STRUCT(forgetful::gone, (), ())

TEST(TestingKit, WhatReplayReliesOnIsChecked) {
  EXPECT_THROW(given<impure>().when(impure::go{}), failure);
  EXPECT_THROW(given<forgetful>(forgetful::gone{}).when(forgetful::go{}), failure);
}

} // namespace
