// Acting in time and on other entities: the code of docs/guide.

#include <cairn/cairn.hpp>
#include <cairn/testing.hpp>

#include <gtest/gtest.h>

#include <iostream>

namespace {

// [living-seller]
struct seller {
  std::int64_t gold = 0;

  struct get_paid {
    std::int64_t amount = 0;
  };
  struct paid {
    std::int64_t amount = 0;
  };

  cairn::decision<paid> decide(const get_paid& c) const { return {paid{c.amount}}; }
  void apply(const paid& event) { gold += event.amount; }

  using entity = cairn::entity<"seller", cairn::commands<get_paid>>;
};
// [/living-seller]

// [living-offer]
struct bargain {
  std::string by;
  std::int64_t price = 0;
  std::int64_t unpaid = 0;

  struct make {
    std::string by;
    std::int64_t price = 0;
  };
  struct lower {};
  struct buy {};
  struct made {
    std::string by;
    std::int64_t price = 0;
  };
  struct lowered {};
  struct bought {};
  struct not_paid {
    std::int64_t amount = 0;
  };

  /// The price falls after an hour, and again, until it is sold.
  cairn::decision<made, cairn::timer<lower>> decide(const make& c) const {
    return {made{c.by, c.price}, cairn::timer<lower>{"lower", std::chrono::hours(1), lower{}}};
  }
  cairn::decision<lowered, cairn::timer<lower>> decide(const lower& /*due*/) const {
    if (price <= 1) {
      return cairn::reject("it cannot get cheaper");
    }
    return {lowered{}, cairn::timer<lower>{"lower", std::chrono::hours(1), lower{}}};
  }
  /// Whoever sells is paid, in an entity of their own.
  cairn::decision<bought, cairn::cancel, cairn::message<seller, seller::get_paid>> decide(
      const buy& /*command*/) const {
    if (price == 0) {
      return cairn::reject("sold");
    }
    return {bought{}, cairn::cancel{"lower"},
            cairn::message<seller, seller::get_paid>{by, {price}}};
  }
  /// The seller is gone, or will not have it.
  cairn::decision<not_paid> decide(const cairn::undelivered& message) const {
    const auto pay = message.as<seller, seller::get_paid>();
    return {not_paid{pay ? pay->amount : 0}};
  }

  void apply(const made& event) {
    by = event.by;
    price = event.price;
  }
  void apply(const lowered& /*event*/) { price /= 2; }
  void apply(const bought& /*event*/) { price = 0; }
  void apply(const not_paid& event) { unpaid += event.amount; }

  using entity = cairn::entity<"bargain", cairn::commands<make, lower, buy>>;
};
// [/living-offer]

// [living-every]
struct field {
  std::int64_t corn = 0;

  struct sow {};
  struct grow {};
  struct sown {};
  struct grown {
    std::int64_t by = 0;
  };

  /// Grows every 50 ms from now on, until `cairn::cancel{"grow"}`.
  cairn::decision<sown, cairn::every<grow>> decide(const sow& /*command*/) const {
    return {sown{}, cairn::every<grow>{"grow", std::chrono::milliseconds(50), grow{}}};
  }
  /// As high as the time says, also after a night in which nobody was there.
  cairn::decision<grown> decide(const grow& /*due*/, const cairn::context& ctx) const {
    return {grown{1 + static_cast<std::int64_t>(ctx.missed())}};
  }

  void apply(const sown& /*event*/) {}
  void apply(const grown& event) { corn += event.by; }

  using entity = cairn::entity<"field", cairn::commands<sow, grow>>;
};
// [/living-every]

TEST(GuideLiving, WhatRepeats) {
  using namespace std::chrono_literals;
  auto clock = cairn::clock::stepped(cairn::time_point(24h));
  cairn::world_options options;
  options.clock = clock;
  cairn::world world(options);
  world.host<field>();
  const auto acre = world.entity<field>("acre");
  std::ignore = acre.send(field::sow{}).get();
  EXPECT_TRUE(world.step(1s).ok());
  EXPECT_EQ(acre.read().get().state.corn, 20);
  clock.set(cairn::time_point(34h));
  EXPECT_TRUE(world.step(1s).ok());
  EXPECT_EQ(acre.read().get().state.corn, (10h + 1s) / 50ms);

  // [living-every-kit]
  const cairn::time_point noon(12h);
  cairn::testing::given<field>()
      .at_time(noon)
      .when(field::sow{})
      .then(field::sown{}, cairn::every<field::grow>{"grow", 50ms, field::grow{}})
      .due("grow", noon + 50ms, 3) // which missed three of its times
      .when(field::grow{})
      .then(field::grown{4});
  // [/living-every-kit]
}

TEST(GuideLiving, ASteadyClockOfOnesOwn) {
  // [living-sources]
  cairn::time_point wall(std::chrono::hours(24));
  std::chrono::steady_clock::time_point steady{};
  const auto clock = cairn::clock::real({[&] { return wall; }, [&] { return steady; }});
  const auto before = clock.read();
  wall -= std::chrono::hours(1); // somebody sets it back
  steady += std::chrono::seconds(1);
  const auto passed = clock.elapsed() - before.elapsed; // 1 s
  // [/living-sources]
  EXPECT_EQ(passed, std::chrono::seconds(1));
  EXPECT_GT(clock(), before.now);
}

TEST(GuideLiving, TimersAndMessages) {
  // [living-step]
  cairn::world_options options;
  options.clock = cairn::clock::stepped(cairn::time_point(std::chrono::hours(24)));
  cairn::world world(options);
  world.host<bargain>();
  world.host<seller>();

  const auto lamp = world.entity<bargain>("lamp");
  std::ignore = lamp.send(bargain::make{"ann", 40}).get();
  const auto stepped = world.step(std::chrono::minutes(150)); // two and a half hours in no time
  const auto price = lamp.read().get().state.price;           // 10
  std::ignore = lamp.send(bargain::buy{}).get();
  world.settle(); // until the message has arrived
  const auto gold = world.entity<seller>("ann").read().get().state.gold; // 10
  // [/living-step]
  EXPECT_TRUE(stepped.ok());
  EXPECT_EQ(price, 10);
  EXPECT_EQ(gold, 10);

  std::ignore = world.entity<seller>("bob").send(seller::get_paid{1}).get();
  std::ignore = world.entity<seller>("bob").remove().get();
  std::ignore = world.entity<bargain>("hat").send(bargain::make{"bob", 7}).get();
  std::ignore = world.entity<bargain>("hat").send(bargain::buy{}).get();
  world.settle();
  EXPECT_EQ(world.entity<bargain>("hat").read().get().state.unpaid, 7);

  // [living-undelivered]
  std::vector<cairn::undelivered_message> back;
  if (const auto listed = world.list_undelivered({}, 100, back); !listed.ok()) {
    std::cerr << listed.message << "\n";
  }
  for (const auto& [position, sender, time_us, message] : back) {
    std::cout << sender << " to " << message.to << ": " << message.reason << "\n";
    if (const auto resent = world.resend(position); !resent.ok()) {
      std::cerr << resent.message << "\n";
    }
  }
  // [/living-undelivered]
  EXPECT_TRUE(back.empty());
}

TEST(GuideLiving, Ticks) {
  cairn::world_options options;
  options.clock = cairn::clock::stepped(cairn::time_point(std::chrono::hours(24)));
  cairn::world world(options);
  world.host<seller>();
  // [living-ticks]
  auto wages = world.tick<seller>({"ann", "bob"}, {.every = std::chrono::milliseconds(100)},
                                  [](const cairn::tick& now) {
                                    const bool payday = now.number % 10 == 9;
                                    return seller::get_paid{payday ? 100 : 1};
                                  });
  // [/living-ticks]
  EXPECT_TRUE(world.step(std::chrono::seconds(1)).ok());
  EXPECT_EQ(world.entity<seller>("bob").read().get().state.gold, 109);
  EXPECT_EQ(wages.counts().accepted, 20U);
}

TEST(GuideLiving, Kit) {
  // [living-kit]
  using namespace std::chrono_literals;
  cairn::testing::given<bargain>()
      .when(bargain::make{"ann", 40})
      .then(bargain::made{"ann", 40}, cairn::timer<bargain::lower>{"lower", 1h, bargain::lower{}});
  cairn::testing::given<bargain>(bargain::made{"ann", 40},
                                 cairn::timer<bargain::lower>{"lower", 1h, bargain::lower{}})
      .when(bargain::buy{})
      .then(bargain::bought{}, cairn::cancel{"lower"},
            cairn::message<seller, seller::get_paid>{"ann", {40}})
      .when(cairn::undelivered{"seller/ann", "get_paid", R"({"amount":40})", "deleted"})
      .then(bargain::not_paid{40});
  // [/living-kit]
}

} // namespace
