// What a report makes of samples. How fast anything is, no test asks.
#include "bench/suite/figures.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

namespace cairn::bench {
namespace {

report sample() {
  report made;
  for (const double rate : {100.0, 400.0, 200.0}) {
    add_sample(made, "ceiling.caf_requests_per_s", "1/s", rate);
  }
  for (const double rate : {50.0, 100.0, 180.0}) {
    add_sample(made, "durable.uniform.commands_per_s", "1/s", rate);
  }
  add_sample(made, "open.1e5.after_close_s", "s", 0.5);
  summarize(made);
  return made;
}

TEST(BenchFigures, AreTheMedianWithLowestAndHighest) {
  const auto made = sample();
  ASSERT_EQ(made.figures.size(), 3U);
  const auto* ceiling = find(made, "ceiling.caf_requests_per_s");
  ASSERT_NE(ceiling, nullptr);
  EXPECT_EQ(ceiling->median, 200);
  EXPECT_EQ(ceiling->lowest, 100);
  EXPECT_EQ(ceiling->highest, 400);
  EXPECT_EQ(ceiling->samples, (std::vector<double>{100, 400, 200}));
  EXPECT_EQ(find(made, "nothing"), nullptr);
}

TEST(BenchFigures, OfTwoSamplesTheMedianIsBetween) {
  report made;
  add_sample(made, "a", "s", 1);
  add_sample(made, "a", "s", 4);
  summarize(made);
  EXPECT_EQ(made.figures[0].median, 2.5);
}

TEST(BenchFigures, RatiosAreOfTheSameRound) {
  const auto made = sample();
  ASSERT_EQ(made.ratios.size(), 1U) << "only those whose two figures are there";
  EXPECT_EQ(made.ratios[0].over, "durable.uniform.commands_per_s");
  EXPECT_EQ(made.ratios[0].under, "ceiling.caf_requests_per_s");
  EXPECT_EQ(made.ratios[0].median,
            0.5); // 0.5, 0.25, 0.9: not of the two medians, which gives 0.5 too
  EXPECT_EQ(made.ratios[0].lowest, 0.25);
  EXPECT_EQ(made.ratios[0].highest, 0.9);
}

TEST(BenchFigures, TheReportIsJsonAndATable) {
  auto made = sample();
  made.left_out = {"what takes long"};
  made.complete = false;
  const auto read = boost::json::parse(to_json(made)).as_object();
  EXPECT_EQ(read.at("figures").as_array().size(), 3U);
  EXPECT_EQ(read.at("ratios").at(0).at("median").to_number<double>(), 0.5);
  EXPECT_FALSE(read.at("complete").as_bool());
  const auto table = to_table(made);
  EXPECT_NE(table.find("durable.uniform over bare CAF"), std::string::npos);
  EXPECT_NE(table.find("what takes long"), std::string::npos);
  EXPECT_NE(table.find("Interrupted"), std::string::npos);
}

} // namespace
} // namespace cairn::bench
