// The entities of docs/guide. A region from `// [name]` to `// [/name]` is a block of the guide.

#include <cairn/cairn.hpp>
#include <cairn/testing.hpp>

#include "wallet.hpp"

#include <gtest/gtest.h>

#include <iostream>

namespace {

// [auction]
struct auction {
  std::string item;
  std::string bidder;
  std::int64_t highest = 0;
  std::int64_t ends_us = 0;
  bool sold = false;

  struct open {
    std::string item;
    std::int64_t seconds = 0;
  };
  struct bid {
    std::int64_t amount = 0;
  };
  struct close {};

  struct opened {
    std::string item;
    std::int64_t ends_us = 0;
  };
  struct outbid {
    std::string bidder;
  };
  struct raised {
    std::string bidder;
    std::int64_t amount = 0;
  };
  struct closed {};

  cairn::decision<opened> decide(const open& command, const cairn::context& ctx) const {
    if (!item.empty()) {
      return cairn::reject("it is open already");
    }
    const auto ends = ctx.now() + std::chrono::seconds(command.seconds);
    return opened{command.item, ends.time_since_epoch().count()};
  }

  cairn::decision<outbid, raised> decide(const bid& command, const cairn::context& ctx) const {
    if (sold || ctx.now().time_since_epoch().count() >= ends_us) {
      return cairn::reject("it is over");
    }
    if (command.amount <= highest) {
      return cairn::reject("bid more than " + std::to_string(highest));
    }
    cairn::decision<outbid, raised> happened;
    if (!bidder.empty()) {
      happened.add(outbid{bidder});
    }
    happened.add(raised{std::string(ctx.principal()), command.amount});
    return happened;
  }

  cairn::decision<closed> decide(const close& /*command*/) const {
    if (sold) {
      return {}; // accepted, and nothing happens
    }
    return closed{};
  }

  void apply(const opened& event) {
    item = event.item;
    ends_us = event.ends_us;
  }
  void apply(const outbid& /*event*/) {}
  void apply(const raised& event) {
    bidder = event.bidder;
    highest = event.amount;
  }
  void apply(const closed& /*event*/) { sold = true; }

  using entity = cairn::entity<"auction", cairn::commands<open, bid, close>>;
};
// [/auction]

TEST(GuideEntities, AnAuctionIsTestedWithGivenWhenThen) {
  // [test_entity]
  using cairn::testing::given;

  given<wallet>(wallet::earned{5})
      .when(wallet::spend{3})
      .then(wallet::spent{3})
      .then_state({2})
      .when(wallet::spend{3})
      .then_rejected("not enough gold");

  given<wallet>(wallet::earned{5}, wallet::earned{1})
      .when(wallet::spend{1}, cairn::at(1))
      .then_conflict(cairn::conflict_kind::stale);

  const cairn::time_point noon(std::chrono::hours(12));
  auto scenario = given<auction>();
  scenario.at_time(noon).when(auction::open{"lamp", 60});
  scenario.at_time(noon + std::chrono::seconds(59)).as("ann").when(auction::bid{10});
  scenario.then(auction::raised{"ann", 10});
  scenario.at_time(noon + std::chrono::seconds(60)).as("bob").when(auction::bid{11});
  scenario.then_rejected("it is over");
  // [/test_entity]
}

TEST(GuideEntities, OneCommandMayRecordSeveralEventsOrNone) {
  auto scenario = cairn::testing::given<auction>(auction::opened{"lamp", 1'000'000});
  scenario.as("ann").when(auction::bid{10}).then(auction::raised{"ann", 10});
  scenario.as("bob")
      .when(auction::bid{11})
      .then(auction::outbid{"ann"}, auction::raised{"bob", 11});
  EXPECT_EQ(scenario.version(), 3U) << "two events are one change";
  scenario.when(auction::close{}).then(auction::closed{}).when(auction::close{}).then();
  EXPECT_EQ(scenario.version(), 4U) << "no event is no change";
}

// [reply]
struct die {
  int rolled = 0;

  struct roll {};
  struct rolled_once {
    int pips = 0;
  };

  cairn::decision<cairn::replies<int>, rolled_once> decide(const roll& /*command*/,
                                                           const cairn::context& ctx) const {
    const int pips = static_cast<int>(ctx.random().below(6)) + 1;
    return {rolled_once{pips}, cairn::reply{pips}};
  }
  void apply(const rolled_once& event) { rolled = event.pips; }

  using entity = cairn::entity<"die", cairn::commands<roll>>;
};
// [/reply]

TEST(GuideEntities, ATypedReplyComesWithTheOutcome) {
  cairn::world world;
  world.host<die>();
  const auto entity = world.entity<die>("d");
  // [use_reply]
  const auto outcome = entity.send(die::roll{}).get();
  if (const auto* done = outcome.accepted()) {
    const int pips = done->reply;
    std::cout << "rolled " << pips << "\n";
  }
  // [/use_reply]
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome.accepted()->reply, entity.read().get().state.rolled);
}

// [veto]
struct hoard {
  std::int64_t gold = 0;

  struct add {
    std::int64_t amount = 0;
  };
  struct added {
    std::int64_t amount = 0;
  };

  cairn::decision<added> decide(const add& command) const { return added{command.amount}; }
  cairn::decision<> decide(const cairn::remove& /*command*/) const {
    if (gold > 0) {
      return cairn::reject("it is not empty");
    }
    return {};
  }
  void apply(const added& event) { gold += event.amount; }

  using entity = cairn::entity<"hoard", cairn::commands<add>>;
};
// [/veto]

TEST(GuideEntities, ATypeMayVetoItsRemoval) {
  cairn::testing::given<hoard>(hoard::added{1})
      .when(cairn::remove{})
      .then_rejected("it is not empty")
      .when(hoard::add{-1})
      .then(hoard::added{-1})
      .when(cairn::remove{})
      .then_removed();
}

struct form {
  std::string text;
  struct write {
    std::string text;
  };
  struct written {
    std::string text;
  };
  cairn::decision<written> decide(const write& command) const { return written{command.text}; }
  void apply(const written& event) { text = event.text; }

  // [require_expectation]
  using entity = cairn::entity<"form", cairn::commands<write>,
                               cairn::require_expectation, // send(command) does not compile
                               cairn::ids_remembered<1'000>, cairn::snapshot_changes<50>>;
  // [/require_expectation]
};

TEST(GuideEntities, OptionsArePartOfTheType) {
  const auto& type = cairn::type_descriptor<form>();
  EXPECT_EQ(type.expectation, cairn::expectation_policy::required);
  EXPECT_EQ(type.ids_remembered, 1'000U);
  EXPECT_EQ(type.snapshot_changes, 50U);
  const auto& defaults = cairn::type_descriptor<wallet>();
  EXPECT_EQ(defaults.expectation, cairn::expectation_policy::allowed);
  EXPECT_EQ(defaults.ids_remembered, 128U);
  EXPECT_EQ(defaults.snapshot_changes, 100U);
  EXPECT_FALSE(defaults.records_commands);
}

} // namespace
