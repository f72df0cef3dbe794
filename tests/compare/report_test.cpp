#include "compare/report/answer.hpp"
#include "compare/report/output.hpp"
#include "tests/compare/sample_report.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string>

namespace cairn::compare {
namespace {

TEST(Report, JsonHoldsEveryRepetitionOfEveryCell) {
  const auto made = sample_report();
  const auto told = boost::json::parse(to_json(made)).as_object();
  const auto& cells = told.at("cells").as_array();
  ASSERT_EQ(cells.size(), made.cells.size());
  for (std::size_t i = 0; i < cells.size(); ++i) {
    EXPECT_EQ(cells[i].at("strategy").as_string(), made.cells[i].strategy);
    EXPECT_EQ(cells[i].at("repetitions").as_array().size(), made.cells[i].repetitions.size());
  }
  EXPECT_EQ(told.at("machine").as_string(), made.machine);
}

TEST(Report, CsvHasALineForEachRepetitionAndAsManyFieldsInEach) {
  const auto made = sample_report();
  std::istringstream lines(to_csv(made));
  std::string line;
  std::getline(lines, line);
  const auto fields = std::count(line.begin(), line.end(), ',');
  EXPECT_EQ(line.rfind("strategy,simulated,repetition,name,entities,clients,theta", 0), 0U);
  std::size_t count = 0;
  std::string last;
  while (std::getline(lines, line)) {
    ++count;
    last = line;
    if (line.find('"') == std::string::npos) {
      EXPECT_EQ(std::count(line.begin(), line.end(), ','), fields) << line;
    }
  }
  EXPECT_EQ(count, made.cells.size());
  EXPECT_NE(last.find(R"("its ""accounts"", do not balance")"), std::string::npos) << last;
}

TEST(Report, TheTableShowsWhatIsWrongInsteadOfFigures) {
  const auto text = to_table(sample_report());
  EXPECT_NE(text.find("ERROR: its \"accounts\", do not balance"), std::string::npos);
  EXPECT_NE(text.find("An answer in a sentence."), std::string::npos);
}

cell cell_of(const char* strategy, std::uint64_t clients, double think_ms, double accepted_per_s) {
  cell one;
  one.strategy = strategy;
  one.load.clients = clients;
  one.load.think_ms = think_ms;
  one.load.entities = think_ms > 0 ? 10'000 : 1;
  one.median.accepted_per_s = accepted_per_s;
  one.low = one.high = one.median;
  one.repetitions.resize(1);
  return one;
}

TEST(Answer, SaysWhereTheyDifferMostAndWhereTheyAreEven) {
  auto lost = cell_of("overwrite", 64, 0, 50'000);
  lost.median.lost = 12'345;
  const auto said = make_answer(
      {cell_of("single-writer", 64, 0, 91'000), cell_of("optimistic", 64, 0, 10'000),
       cell_of("single-writer", 64, 50, 1'230), cell_of("optimistic", 64, 50, 1'200), lost});
  ASSERT_EQ(said.size(), 2U);
  EXPECT_EQ(said[0],
            "With 64 clients on one entity, no think time the single writer takes 9.1 × what "
            "optimistic does "
            "(91,000 against 10,000 accepted a second); with 64 clients on 10,000 entities, 50 ms "
            "think time "
            "they are even (1,230 against 1,200 accepted a second).");
  EXPECT_NE(said[1].find("12,345 accepted updates were lost"), std::string::npos);
}

TEST(Answer, NamesTheFasterOneAndItsFigureFirst) {
  const auto said =
      make_answer({cell_of("single-writer", 64, 0, 1'000), cell_of("optimistic", 64, 0, 1'500),
                   cell_of("single-writer", 64, 50, 1'230), cell_of("optimistic", 64, 50, 1'200)});
  ASSERT_FALSE(said.empty());
  EXPECT_NE(said[0].find("optimistic takes 1.5 × what the single writer does "
                         "(1,500 against 1,000 accepted a second)"),
            std::string::npos)
      << said[0];
}

TEST(Answer, WhatOverlapsIsEven) {
  auto single = cell_of("single-writer", 64, 0, 1'000);
  auto optimistic = cell_of("optimistic", 64, 0, 1'500);
  single.high.accepted_per_s = 1'600;
  const auto said = make_answer({single, optimistic});
  ASSERT_FALSE(said.empty());
  EXPECT_NE(said[0].find("they are even (1,000 against 1,500"), std::string::npos) << said[0];
}

TEST(Answer, SaysNothingOfCellsWithoutFigures) {
  auto broken = cell_of("single-writer", 64, 0, 0);
  broken.error = "its accounts do not balance";
  EXPECT_TRUE(make_answer({broken, cell_of("optimistic", 64, 0, 10)}).empty());
}

} // namespace
} // namespace cairn::compare
