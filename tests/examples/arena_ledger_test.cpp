// What the arena's proof rests on: the ledger that books events, and the percentiles beside it.
#include "examples/arena/play/latency.hpp"
#include "examples/arena/proof/ledger.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace arena {
namespace {

struct line {
  std::string entity;
  std::string event;
  std::string data;
  std::int64_t time_us = 0;
};

/// Books units, each of some changes of one event, as a whole journal.
ledger booked(const std::vector<std::vector<line>>& units) {
  ledger made;
  cairn::position_type position = 0;
  for (const auto& unit : units) {
    std::uint32_t index = 0;
    for (const auto& [entity, event, data, time_us] : unit) {
      cairn::change next;
      next.position = position++;
      next.entity = entity;
      next.time_us = time_us;
      next.unit_index = index++;
      next.unit_size = static_cast<std::uint32_t>(unit.size());
      next.events = {{event, 1, data}};
      EXPECT_TRUE(made.take(next).ok());
    }
  }
  made.close();
  return made;
}

const std::vector<line> founded{{"player/ann", "joined", R"({"gold":20})"}};
const std::vector<line> offered{
    {"player/bob", "packed", R"({"listing":"l","ore":6})"},
    {"listing/l", "offered", R"({"seller":"bob","ore":6,"price":18,"floor":6,"falls_us":100})"}};

std::vector<line> trade(int asked, int paid, int collected) {
  return {
      {"listing/l", "sold", R"({"buyer":"ann","price":)" + std::to_string(asked) + "}"},
      {"player/ann", "bought", R"({"listing":"l","ore":6,"price":)" + std::to_string(paid) + "}"},
      {"player/bob", "collected", R"({"listing":"l","price":)" + std::to_string(collected) + "}"}};
}

TEST(ArenaLedger, BalancesATrade) {
  const auto made = booked({founded, offered, trade(18, 18, 18)});
  EXPECT_EQ(made.sums().gold_founded, 20);
  EXPECT_EQ(made.sums().offered, 1U);
  EXPECT_EQ(made.sums().sold, 1U);
  EXPECT_EQ(made.sums().units, 3U);
  EXPECT_EQ(made.sums().changes, 6U);
  EXPECT_EQ(made.sums().unbalanced, 0U);
  EXPECT_TRUE(made.problems().empty());
}

TEST(ArenaLedger, FindsTheUnitThatMakesOrLosesSomething) {
  EXPECT_EQ(booked({founded, offered, trade(18, 18, 19)}).sums().unbalanced, 1U);
  EXPECT_EQ(booked({founded, offered, trade(18, 17, 17)}).sums().unbalanced, 1U);
  EXPECT_EQ(booked({founded, offered, trade(17, 17, 17)}).sums().unbalanced, 1U)
      << "the price is 18";
}

std::vector<line> dug(int ore) {
  return {{"deposit/d", "dug", R"({"number":1,"digger":"ann","ore":)" + std::to_string(ore) + "}"}};
}
std::vector<line> carried(const char* player, int ore) {
  return {{player, "carried", R"({"deposit":"d","number":1,"ore":)" + std::to_string(ore) + "}"}};
}
const std::vector<line> came_back{{"deposit/d", "came_back", R"({"number":1,"ore":2})"}};

TEST(ArenaLedger, EachLoadArrivesOrComesBackOnce) {
  for (const auto& end : {carried("player/ann", 2), came_back}) {
    const auto made = booked({dug(2), end});
    EXPECT_EQ(made.sums().dug, 1U);
    EXPECT_EQ(made.sums().misdelivered + made.sums().lost + made.sums().unbalanced, 0U);
    EXPECT_EQ(booked({dug(2), end, end}).sums().misdelivered, 1U);
  }
  EXPECT_EQ(booked({dug(2), carried("player/ann", 2), came_back}).sums().misdelivered, 1U);
  EXPECT_EQ(booked({dug(2), carried("player/bob", 2)}).sums().misdelivered, 1U);
  EXPECT_EQ(booked({dug(2), carried("player/ann", 3)}).sums().misdelivered, 1U);
  EXPECT_EQ(booked({carried("player/ann", 2)}).sums().misdelivered, 1U);
  EXPECT_EQ(booked({dug(2)}).sums().lost, 1U);
}

std::vector<line> lowered(int price, std::int64_t falls_us, std::int64_t time_us) {
  return {
      {"listing/l", "lowered",
       R"({"price":)" + std::to_string(price) + R"(,"falls_us":)" + std::to_string(falls_us) + "}",
       time_us}};
}
std::vector<line> settled(std::int64_t at_us) {
  return {{"season/arena", "ended", R"({"settled_us":)" + std::to_string(at_us) + "}"}};
}

TEST(ArenaLedger, PricesFallWhenTheyAreDueAndAsFarAsTheyShould) {
  const auto made = booked({offered, lowered(12, 200, 100), lowered(6, 0, 205), settled(900)});
  EXPECT_EQ(made.sums().lowered, 2U);
  EXPECT_EQ(made.sums().mistimed + made.sums().overdue + made.sums().falling, 0U);
  EXPECT_EQ(booked({offered, lowered(12, 200, 99)}).sums().mistimed, 1U);
  EXPECT_EQ(booked({offered, lowered(11, 200, 100)}).sums().mistimed, 1U);
  EXPECT_EQ(booked({offered, lowered(12, 200, 100), lowered(6, 0, 100)}).sums().mistimed, 1U);
  EXPECT_EQ(booked({offered, lowered(12, 0, 100), lowered(6, 0, 300)}).sums().mistimed, 1U);
  EXPECT_EQ(booked({offered, trade(18, 18, 18), lowered(12, 0, 300)}).sums().mistimed, 1U);
}

TEST(ArenaLedger, FindsThePriceThatShouldHaveFallen) {
  EXPECT_EQ(booked({offered, settled(99)}).sums().falling, 1U);
  EXPECT_EQ(booked({offered, settled(99)}).sums().overdue, 0U);
  EXPECT_EQ(booked({offered, settled(100)}).sums().overdue, 1U);
  EXPECT_EQ(booked({offered, lowered(12, 200, 100), settled(199)}).sums().overdue, 0U);
  EXPECT_EQ(booked({offered, trade(18, 18, 18), settled(900)}).sums().falling, 0U);
}

TEST(ArenaLedger, FindsTheListingThatIsSoldTwice) {
  const auto made = booked({offered, trade(18, 18, 18), trade(18, 18, 18)});
  EXPECT_EQ(made.sums().sold_twice, 1U);
  ASSERT_EQ(made.problems().size(), 1U);
  EXPECT_EQ(made.problems()[0], "listing/l ended twice");
}

TEST(ArenaLedger, RefusesWhatIsNoSuchEvent) {
  ledger made;
  cairn::change wrong;
  wrong.position = 7;
  wrong.entity = "player/ann";
  wrong.events = {{"joined", 1, R"({"gold":"much"})"}};
  const auto taken = made.take(wrong);
  EXPECT_EQ(taken.error, cairn::entity_errc::invalid_event);
  EXPECT_NE(taken.message.find("position 7"), std::string::npos) << taken.message;
}

TEST(ArenaLatencies, PercentilesAreRightToOneSixteenth) {
  using std::chrono::microseconds;
  latencies taken;
  EXPECT_EQ(percentile(taken.taken(), 0.5), microseconds(0));
  for (int i = 1; i <= 10'000; ++i) {
    taken.add(microseconds(i));
  }
  const auto before = taken.taken();
  for (const auto& [share, exact] : {std::pair{0.5, 5'000}, {0.95, 9'500}, {1.0, 10'000}}) {
    const auto shown = percentile(before, share).count();
    EXPECT_GE(shown, exact);
    EXPECT_LE(shown, exact + exact / 16);
  }
  taken.add(microseconds(3));
  EXPECT_EQ(percentile(between(before, taken.taken()), 0.99), microseconds(3));
  taken.add(std::chrono::hours(10'000)); // the last bucket takes what is beyond it
  EXPECT_GT(percentile(taken.taken(), 1), std::chrono::hours(1));
}

} // namespace
} // namespace arena
