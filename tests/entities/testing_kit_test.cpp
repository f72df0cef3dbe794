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
  using entity = cairn::entity<"impure", cairn::commands<go>>;
};

/// Keeps something where its JSON does not reach.
struct forgetful {
  std::int64_t shown = 0;
  static inline std::int64_t hidden = 0;
  struct go {};
  struct gone {};
  cairn::decision<gone> decide(const go& /*command*/) const { return gone{}; }
  void apply(const gone& /*event*/) { shown = ++hidden; }
  using entity = cairn::entity<"forgetful", cairn::commands<go>>;
};

/// Two aspects; `swap` changes both and declares one.
struct pair {
  std::int64_t left = 0;
  std::optional<std::int64_t> right;

  struct set_left {
    std::int64_t n = 0;
  };
  struct set_right {
    std::optional<std::int64_t> n;
  };
  struct swap {};
  struct left_set {
    std::int64_t n = 0;
  };
  struct right_set {
    std::optional<std::int64_t> n;
  };
  struct swapped {};

  cairn::decision<left_set> decide(const set_left& command) const { return left_set{command.n}; }
  cairn::decision<right_set> decide(const set_right& command) const { return right_set{command.n}; }
  cairn::decision<swapped> decide(const swap& /*command*/) const { return swapped{}; }
  void apply(const left_set& event) { left = event.n; }
  void apply(const right_set& event) { right = event.n; }
  void apply(const swapped& /*event*/) {
    const auto kept = left;
    left = right.value_or(0);
    right = kept;
  }

  using entity = cairn::entity<
      "pair", cairn::commands<set_left, set_right, swap>,
      cairn::aspect<&pair::left, cairn::commands<set_left>, cairn::events<left_set, swapped>>,
      cairn::aspect<&pair::right, cairn::commands<set_right>, cairn::events<right_set>>,
      cairn::commutes<set_right, set_right>>;
};

TEST(TestingKit, AnEventThatChangesWhatItDoesNotDeclareIsReported) {
  auto scenario = given<pair>(pair::left_set{1}, pair::right_set{2});
  try {
    scenario.when(pair::swap{});
    FAIL() << "\"right\" changed";
  } catch (const failure& said) {
    EXPECT_STREQ(said.what(),
                 "pair: swapped{} changed \"right\", which no event declares to touch "
                 "(cairn::touches)");
  }
  given<pair>(pair::left_set{1}, pair::right_set{1}).when(pair::swap{}).then(pair::swapped{});
}

TEST(TestingKit, AnAspectMayBeAbsentFromTheJson) {
  given<pair>(pair::left_set{1}).when(pair::set_left{2}).then(pair::left_set{2});
  given<pair>(pair::left_set{0}).when(pair::set_right{3}).then(pair::right_set{3});
  given<pair>(pair::right_set{3})
      .when(pair::set_right{std::nullopt})
      .then(pair::right_set{std::nullopt});
  EXPECT_THROW(given<pair>(pair::left_set{0}).when(pair::swap{}), failure)
      << "\"right\" has come to be there";
}

TEST(TestingKit, AConflictNamesTheAspectsInTheWay) {
  given<pair>()
      .when(pair::set_left{1})
      .when(pair::set_left{2})
      .when(pair::set_right{1}, cairn::at(1))
      .then(pair::right_set{1})
      .when(pair::set_left{3}, cairn::at(1))
      .then_conflict_over({"left"})
      .when(pair::swap{}, cairn::at(1))
      .then_conflict_over({"left", "right"});
  EXPECT_THROW(given<pair>().when(pair::set_left{1}).then_conflict_over({"left"}), failure);
  EXPECT_THROW(given<pair>()
                   .when(pair::set_left{1})
                   .when(pair::set_left{1}, cairn::at(0))
                   .then_conflict_over({"right"}),
               failure);
}

TEST(TestingKit, WhatIsGivenTouchesWhatItsEventsDeclare) {
  given<pair>(pair::left_set{1}, pair::left_set{2})
      .when(pair::set_right{1}, cairn::at(1))
      .then(pair::right_set{1})
      .when(pair::set_left{3}, cairn::at(1))
      .then_conflict_over({"left"});
  // But the first one creates, and that touches all.
  given<pair>(pair::left_set{1})
      .when(pair::set_right{1}, cairn::at(0))
      .then_conflict_over({"right"});
}

TEST(TestingKit, AMergeIsTold) {
  given<pair>()
      .when(pair::set_right{1})
      .when(pair::set_right{2})
      .when(pair::set_right{3}, cairn::at(1))
      .then_merged()
      .then(pair::right_set{3});
  EXPECT_THROW(given<pair>().when(pair::set_right{1}).then_merged(), failure) << "it was not stale";
  EXPECT_THROW(given<pair>()
                   .when(pair::set_left{1})
                   .when(pair::set_left{2})
                   .when(pair::set_left{3}, cairn::at(1))
                   .then_merged(),
               failure);
}

TEST(TestingKit, WhatReplayReliesOnIsChecked) {
  EXPECT_THROW(given<impure>().when(impure::go{}), failure);
  EXPECT_THROW(given<forgetful>(forgetful::gone{}).when(forgetful::go{}), failure);
}

} // namespace
