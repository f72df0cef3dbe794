#include "compare/plan/zipf.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace cairn::compare {
namespace {

TEST(Zipf, EachPlaceComesAsOftenAsItsWeightSays) {
  constexpr std::uint64_t places = 50;
  constexpr int draws = 400'000;
  for (const double theta : {0.0, 0.6, 0.9, 1.0, 1.2}) {
    const zipf choice(places, theta);
    random_source random(7);
    std::vector<int> counts(places);
    for (int i = 0; i < draws; ++i) ++counts[choice(random)];
    double sum = 0;
    for (std::uint64_t k = 1; k <= places; ++k) sum += std::pow(static_cast<double>(k), -theta);
    for (std::uint64_t k = 1; k <= places; ++k) {
      const double expected = draws * std::pow(static_cast<double>(k), -theta) / sum;
      // Five standard deviations: once in a million; the seed is fixed.
      EXPECT_NEAR(counts[k - 1], expected, 5 * std::sqrt(expected))
          << "theta " << theta << ", place " << k;
    }
  }
}

TEST(Zipf, OnePlaceIsAlwaysChosen) {
  const zipf choice(1, 1.2);
  random_source random(1);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(choice(random), 0U);
}

TEST(Zipf, ThinkTimesHaveTheirMean) {
  random_source random(3);
  double sum = 0;
  constexpr int draws = 100'000;
  for (int i = 0; i < draws; ++i) sum += exponential(random, 2.5);
  EXPECT_NEAR(sum / draws, 2.5, 0.05);
}

} // namespace
} // namespace cairn::compare
