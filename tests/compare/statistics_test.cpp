#include "compare/plan/statistics.hpp"

#include <gtest/gtest.h>

namespace cairn::compare {
namespace {

TEST(LatencyHistogram, PercentilesAreAtMostTwoPercentTooLarge) {
  latency_histogram all;
  for (std::uint64_t us = 1; us <= 100'000; ++us) all.add(us * 1'000);
  EXPECT_EQ(all.size(), 100'000U);
  for (const double share : {0.01, 0.5, 0.95, 0.99, 0.999, 1.0}) {
    const double exact = share * 100'000;
    EXPECT_GE(all.percentile_us(share), exact);
    EXPECT_LE(all.percentile_us(share), exact * 1.02);
  }
}

TEST(LatencyHistogram, TakesTheShortestAndTheLongest) {
  latency_histogram all;
  EXPECT_EQ(all.percentile_us(0.5), 0);
  all.add(0);
  all.add(~std::uint64_t{0});
  EXPECT_EQ(all.percentile_us(0.5), 0);
  EXPECT_GT(all.percentile_us(1), 1e16);
}

TEST(Statistics, TheMedianIsTheMiddle) {
  EXPECT_EQ(median({}), 0);
  EXPECT_EQ(median({3, 1, 2}), 2);
  EXPECT_EQ(median({4, 1, 2, 3}), 2.5);
}

TEST(Statistics, TheUpperBoundIsThatOfStudentsT) {
  // Mean 3, standard error sqrt(2.5 / 5), t(0.95; 4) = 2.132.
  EXPECT_NEAR(upper_bound_95({1, 2, 3, 4, 5}), 3 + 2.132 * 0.70711, 1e-3);
  EXPECT_EQ(upper_bound_95({2, 2, 2}), 2);
}

TEST(Statistics, ASummaryTakesEachFigureByItself) {
  cell one;
  one.repetitions.resize(3);
  one.repetitions[0].accepted_per_s = 5;
  one.repetitions[1].accepted_per_s = 9;
  one.repetitions[2].accepted_per_s = 7;
  one.repetitions[1].lost = 4;
  summarize(one);
  EXPECT_EQ(one.median.accepted_per_s, 7);
  EXPECT_EQ(one.low.accepted_per_s, 5);
  EXPECT_EQ(one.high.accepted_per_s, 9);
  EXPECT_EQ(one.median.lost, 0);
  EXPECT_EQ(one.high.lost, 4);
}

} // namespace
} // namespace cairn::compare
