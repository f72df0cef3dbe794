#include "compare/plan/strategy.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace cairn::compare {
namespace {

/// What a client does from wanting to having, with a conflict on the way: `rtsx rts.`
std::string way(std::string_view name, int conflicts) {
  const auto& of = *find_strategy(name);
  std::string done;
  moment now = moment::wanted;
  for (int steps = 0; steps < 20; ++steps) {
    const step next = of.next(now);
    switch (next.what) {
      case step::kind::acquire:
        done += 'a';
        now = moment::granted;
        break;
      case step::kind::release:
        done += 'f';
        now = moment::released;
        break;
      case step::kind::read:
        done += 'r';
        now = moment::seen;
        break;
      case step::kind::think:
        done += 't';
        now = moment::thought;
        break;
      case step::kind::send:
        done += next.how == form::relative ? '+' : '=';
        now = conflicts-- > 0 ? moment::conflict : moment::accepted;
        break;
      default:
        return done;
    }
  }
  return done + "...";
}

TEST(Strategy, EachGoesItsWay) {
  EXPECT_EQ(way("single-writer", 0), "t+");
  EXPECT_EQ(way("optimistic", 0), "rt=");
  EXPECT_EQ(way("optimistic", 2), "rt=rt=rt=");
  EXPECT_EQ(way("optimistic-informed", 2), "rt=t=t=");
  EXPECT_EQ(way("aspects", 1), "rt=rt=");
  EXPECT_EQ(way("merge", 0), "rt+");
  EXPECT_EQ(way("lease", 0), "art=f");
  EXPECT_EQ(way("overwrite", 0), "rt=");
  EXPECT_EQ(way("store-optimistic", 1), "rt=rt=");
}

TEST(Strategy, WhoFindsALeaseTakenWaitsAndAsksAgain) {
  const auto& lease = *find_strategy("lease");
  EXPECT_EQ(lease.next(moment::busy).what, step::kind::wait);
  EXPECT_EQ(lease.next(moment::waited).what, step::kind::acquire);
}

TEST(Strategy, OnlyOverwritingSaysThatItLosesUpdates) {
  for (const auto* one : all_strategies()) {
    EXPECT_EQ(one->loses_updates(), one->name() == "overwrite") << one->name();
    EXPECT_EQ(one->next(moment::thought).against == check::none,
              one->name() == "overwrite" || one->name() == "single-writer");
  }
}

TEST(Strategy, NamesAreFoundAndUnique) {
  std::set<std::string_view> names;
  for (const auto* one : all_strategies()) {
    EXPECT_EQ(find_strategy(one->name()), one);
    EXPECT_TRUE(names.insert(one->name()).second);
  }
  EXPECT_EQ(names.size(), 8U);
  EXPECT_EQ(find_strategy("another"), nullptr);
}

} // namespace
} // namespace cairn::compare
