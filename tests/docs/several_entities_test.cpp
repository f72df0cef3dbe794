// Several entities at once, a trade and a bulk update: the code of pages of docs/guide. A region from `// [name]` to
// `// [/name]` is a block of the guide.

#include <cairn/cairn.hpp>

#include "wallet.hpp"

#include <gtest/gtest.h>

#include <iostream>
#include <string>
#include <vector>

namespace {

struct item {
  std::string owner;

  struct hand_over {
    std::string from;
    std::string to;
  };
  struct handed_over {
    std::string to;
  };

  cairn::decision<handed_over> decide(const hand_over& command) const {
    if (owner != command.from) {
      return cairn::reject("it is not " + command.from + "'s");
    }
    return handed_over{command.to};
  }
  void apply(const handed_over& event) { owner = event.to; }

  using entity = cairn::entity<"item", cairn::commands<hand_over>>;
};

struct offer {
  std::int64_t price = 0;

  struct set {
    std::int64_t price = 0;
  };
  struct was_set {
    std::int64_t price = 0;
  };

  cairn::decision<was_set> decide(const set& command) const { return was_set{command.price}; }
  void apply(const was_set& event) { price = event.price; }

  using entity =
      cairn::entity<"offer", cairn::commands<set>, cairn::events<cairn::named<"set", was_set>>>;
};

// [refusals]
std::string words(const cairn::transaction_outcome& outcome) {
  const auto listed = [](const std::vector<cairn::refused_item>& items) {
    std::string text;
    for (const auto& refused : items) {
      text += "item " + std::to_string(refused.index) + ", " + refused.entity + ": " +
              (refused.conflict ? std::string(to_string(refused.conflict->kind))
                                : refused.rejected->reason) +
              "\n";
    }
    return text;
  };
  return outcome.match(
      [](const cairn::transaction_accepted& done) {
        return "done, " + std::to_string(done.items.size()) + " items\n";
      },
      [&](const cairn::transaction_conflict& met) { return listed(met.items); },
      [&](const cairn::transaction_rejected& no) { return listed(no.items); },
      [](const cairn::failed& broken) { return broken.message + "\n"; });
}
// [/refusals]

class GuideTrade : public ::testing::Test {
protected:
  GuideTrade() {
    world_.host<wallet>();
    world_.host<item>();
    world_.host<offer>();
    EXPECT_TRUE(world_.entity<wallet>("alice").send(wallet::earn{50}).get());
    EXPECT_TRUE(world_.entity<item>("sword").send(item::hand_over{"", "bob"}).get());
    EXPECT_TRUE(world_.entity<offer>("9").send(offer::set{30}).get());
  }

  cairn::transaction_outcome buy(cairn::version_type seen_offer) {
    auto& world = world_;
    // [trade]
    const auto alice = world.entity<wallet>("alice");
    const auto bob = world.entity<wallet>("bob");
    const auto sword = world.entity<item>("sword");
    const auto advert = world.entity<offer>("9");

    cairn::transaction trade(world);
    trade.send(alice, wallet::spend{30})
        .send(bob, wallet::earn{30})
        .send(sword, item::hand_over{"bob", "alice"}, cairn::exists)
        .require(advert, cairn::at(seen_offer)) // the price is the one that was seen
        .id("trade-17");
    auto outcome = trade.commit().get();
    // [/trade]
    return outcome;
  }

  cairn::world world_;
};

TEST_F(GuideTrade, ChangesAllOrNothing) {
  EXPECT_TRUE(world_.entity<offer>("9").send(offer::set{35}).get());
  EXPECT_EQ(words(buy(1)), "item 3, offer/9: stale\n");
  EXPECT_EQ(world_.entity<wallet>("alice").read().get().state.gold, 50);
  EXPECT_TRUE(world_.entity<wallet>("alice").send(wallet::spend{40}).get());
  EXPECT_EQ(words(buy(1)), "item 0, wallet/alice: not enough gold\nitem 3, offer/9: stale\n");
  EXPECT_EQ(words(buy(2)), "item 0, wallet/alice: not enough gold\n");
  EXPECT_TRUE(world_.entity<wallet>("alice").send(wallet::earn{40}).get());
  EXPECT_EQ(words(buy(2)), "done, 4 items\n");
  EXPECT_TRUE(buy(2).accepted()->duplicate);

  auto& world = world_;
  const auto alice = world.entity<wallet>("alice");
  const auto bob = world.entity<wallet>("bob");
  // [read_all]
  cairn::read_all both(world);
  const auto& hers = both.add(alice);
  const auto& his = both.add(bob);
  if (const auto read = both.get(); !read.ok()) {
    std::cerr << read.message << "\n";
  }
  const auto together = hers.state.gold + his.state.gold; // of one moment, no trade half done
  // [/read_all]
  EXPECT_EQ(together, 50);
  EXPECT_EQ(his.version, 1U);
  EXPECT_EQ(both.position(), world.journal().end().next);
}

TEST(GuideBulk, OneCommandGoesToAllThatMatch) {
  cairn::world world;
  world.host<wallet>();
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(world.entity<wallet>(std::to_string(i)).send(wallet::earn{i * 10}).get());
  }
  // [bulk]
  const auto taxed = cairn::update_all<wallet>(
      world, wallet::spend{25}, [](const wallet& state) { return state.gold >= 20; });
  std::cout << taxed.matched << " matched, " << taxed.changed << " changed, " << taxed.rejected
            << " rejected\n"; // 3 matched, 2 changed, 1 rejected
  if (taxed.failure) {
    std::cerr << taxed.failed << " failed: " << taxed.failure->message << "\n";
  }

  const auto together = cairn::update_all<wallet>(
      world, wallet::earn{1}, [](const wallet& state) { return state.gold < 20; },
      {.atomic = true});
  if (together.refused) { // a conflict or a rejection, and nothing was changed
    std::cerr << words(*together.refused);
  }
  // [/bulk]
  EXPECT_EQ(taxed.matched, 3U);
  EXPECT_EQ(taxed.changed, 2U);
  EXPECT_EQ(taxed.rejected, 1U);
  EXPECT_FALSE(taxed.failure);
  EXPECT_EQ(together.changed, 4U);
  EXPECT_FALSE(together.refused);
  const auto stale = world.entity<wallet>("3").send(wallet::earn{1}, cairn::at(1)).get();
  EXPECT_EQ(stale.conflict()->kind, cairn::conflict_kind::stale) << "who saw it before conflicts";
}

} // namespace
