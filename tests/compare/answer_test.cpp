// What a comparison says in sentences, on a quiet machine and on one that was busy.

#include "compare/report/answer.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace cairn::compare {

namespace {

cell one_cell(const char* strategy, double accepted_per_s, bool simulated = false) {
  cell made;
  made.strategy = strategy;
  made.load.clients = 16;
  made.load.entities = 1;
  made.simulated = simulated;
  made.median.accepted_per_s = accepted_per_s;
  made.low = made.high = made.median;
  return made;
}

std::vector<cell> two_cells(bool simulated) {
  return {one_cell("single-writer", 9'000, simulated), one_cell("optimistic", 1'000, simulated)};
}

machine_load busy_load() { return judge_load({0.3, 0.4, 0.5, 0.6, 0.7}); }

std::string whole(const std::vector<std::string>& sentences) {
  std::string text;
  for (const auto& one : sentences) text += one + "\n";
  return text;
}

TEST(MachineLoad, IsBusyWhenMoreThanAQuarterOfTheLooksGotTooLittle) {
  EXPECT_FALSE(judge_load({1, 0.2, 1, 1}).busy) << "one of four is a quarter";
  EXPECT_TRUE(judge_load({1, 0.2, 0.2, 1}).busy);
  EXPECT_TRUE(judge_load({0.89}).busy);
  EXPECT_FALSE(judge_load({0.91}).busy);
}

TEST(MachineLoad, SaysTheMedianAndHowOftenItLooked) {
  const auto found = judge_load({0.9, 0.1, 0.5});
  EXPECT_EQ(found.looks, 3U);
  EXPECT_EQ(found.cpu_share, 0.5);
}

TEST(MachineLoad, WithoutALookSaysNothing) {
  EXPECT_EQ(judge_load({}).looks, 0U);
  EXPECT_FALSE(judge_load({}).busy);
}

TEST(Answer, SaysWhatIsFasterOnAQuietMachine) {
  const auto text = whole(make_answer(two_cells(false), judge_load({1, 1, 1, 1})));
  EXPECT_NE(text.find("the single writer takes 9.0 × what optimistic does"), std::string::npos)
      << text;
  EXPECT_EQ(text.find("busy"), std::string::npos) << text;
}

TEST(Answer, SaysThatTheMachineWasBusyAndHoldsTheHeadlineBack) {
  const auto said = make_answer(two_cells(false), busy_load());
  ASSERT_FALSE(said.empty());
  EXPECT_EQ(said.front().rfind("This machine was busy: a program got 50 %", 0), 0U) << said.front();
  EXPECT_NE(said.front().find("of 5 looks"), std::string::npos);
  EXPECT_EQ(whole(said).find("single writer"), std::string::npos) << whole(said);
}

TEST(Answer, OfSimulatedCellsABusyMachineSpoilsNothing) {
  const auto text = whole(make_answer(two_cells(true), busy_load()));
  EXPECT_EQ(text.find("busy"), std::string::npos) << text;
  EXPECT_NE(text.find("9.0 ×"), std::string::npos) << text;
}

TEST(Answer, WhatWasLostIsLostOnABusyMachineToo) {
  auto cells = two_cells(false);
  cells.push_back(one_cell("overwrite", 20'000));
  cells.back().median.lost = 1'234;
  EXPECT_NE(whole(make_answer(cells, busy_load())).find("1,234 accepted updates were lost"),
            std::string::npos);
}

} // namespace

} // namespace cairn::compare
