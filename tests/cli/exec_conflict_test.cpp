// What a conflict tells, as the request contract has it, through the real program: the aspects in the
// way, and on request what was missed, where the states differ, and the current state.
#include "tests/cli/exec_dialogue.hpp"

#include <gtest/gtest.h>

namespace {

std::string change(std::string_view command, std::string_view members, std::string_view more = {}) {
  return R"({"do":"send","entity":"address/a","command":")" + std::string(command) +
         R"(","args":{)" + std::string(members) + "}" + std::string(more) + "}";
}

std::string accepted(int version) {
  return R"({"accepted":{"version":)" + std::to_string(version) + R"(,"position":)" +
         std::to_string(version - 1) + "}}";
}

/// A stale conflict of `address/a`, with the members behind `actual`.
std::string stale(int expected, int actual, const std::string& more) {
  return R"({"conflict":{"entity":"address/a","kind":"stale","expected":)" +
         std::to_string(expected) + R"(,"actual":)" + std::to_string(actual) + more + "}}";
}

constexpr auto move_home = R"("state":"Ohio","county":"Knox")";

} // namespace

// Invariant 6.
TEST(ExecConflict, ThoseWhoEditOtherFieldsDoNotConflict) {
  expect_dialogue({
      {change("move", move_home), accepted(1)},
      {change("change_state", R"("state":"Iowa")", R"(,"expect":{"at":1})"), accepted(2)},
      {change("change_county", R"("county":"Linn")", R"(,"expect":{"at":1})"), accepted(3)},
      {change("change_state", R"("state":"Utah")", R"(,"expect":{"at":1})"),
       stale(1, 3, R"(,"aspects":["state"])")},
      {change("change_county", R"("county":"Cache")", R"(,"expect":{"at":2})"),
       stale(2, 3, R"(,"aspects":["county"])")},
      {change("change_county", R"("county":"Cache")", R"(,"expect":{"at":3})"), accepted(4)},
      {change("move", move_home, R"(,"expect":{"at":1})"),
       stale(1, 4, R"(,"aspects":["state","county"])")},
      {change("move", move_home, R"(,"expect":{"at":3})"), stale(3, 4, R"(,"aspects":["county"])")},
      {R"({"do":"remove","entity":"address/a","expect":{"at":3}})",
       stale(3, 4, R"(,"aspects":["county"])")},
  });
}

TEST(ExecConflict, AFieldIsTouchedAlsoByAnEqualValue) {
  expect_dialogue({
      {change("move", move_home), accepted(1)},
      {change("change_state", R"("state":"Ohio")"), accepted(2)},
      {change("change_state", R"("state":"Utah")", R"(,"expect":{"at":1})"),
       stale(1, 2, R"(,"aspects":["state"])")},
  });
}

TEST(ExecConflict, WhatSawTheEntityBeforeItsRemovalIsStaleInEveryAspect) {
  expect_dialogue({
      {change("move", move_home), accepted(1)},
      {change("change_state", R"("state":"Iowa")"), accepted(2)},
      {R"({"do":"remove","entity":"address/a"})", accepted(3)},
      {change("change_county", R"("county":"Linn")", R"(,"expect":{"at":2})"),
       R"({"conflict":{"entity":"address/a","kind":"deleted","expected":2,"actual":3}})"},
      {change("move", move_home, R"(,"expect":"absent")"), accepted(4)},
      {change("change_county", R"("county":"Linn")", R"(,"expect":{"at":2})"),
       stale(2, 4, R"(,"aspects":["county"])")},
  });
}

TEST(ExecConflict, ShowsWhatWasMissedInTheFormOfHistory) {
  const std::string missed =
      R"({"position":1,"version":2,"time":"T","command":"change_county","events":[{"name":"county_changed","data":{"county":"Linn"}}],"meta":{"principal":"ann"}},)"
      R"({"position":2,"version":3,"time":"T","command":"change_state","events":[{"name":"state_changed","data":{"state":"Iowa"}}]})";
  expect_dialogue({
      {change("move", move_home), accepted(1)},
      {change("change_county", R"("county":"Linn")", R"(,"meta":{"principal":"ann"})"),
       accepted(2)},
      {change("change_state", R"("state":"Iowa")"), accepted(3)},
      {change("change_state", R"("state":"Utah")", R"(,"expect":{"at":1},"show":["missed"])"),
       stale(1, 3, R"(,"aspects":["state"],"missed":[)" + missed + R"(],"truncated":false)")},
      {R"({"do":"history","entity":"address/a","from":2})",
       R"({"changes":[)" + missed + R"(],"more":false})"},
  });
}

TEST(ExecConflict, ShowsPathsAndState) {
  const std::string all = R"(,"expect":{"at":1},"show":["state","paths","missed"])";
  expect_dialogue({
      {change("move", move_home), accepted(1)},
      {change("change_county", R"("county":"Linn")"), accepted(2)},
      {change("change_county", R"("county":"Cache")", R"(,"expect":{"at":1},"show":["paths"])"),
       stale(1, 2, R"(,"aspects":["county"],"paths":["/county"])")},
      {change("change_county", R"("county":"Cache")", R"(,"expect":{"at":1},"show":["state"])"),
       stale(1, 2, R"(,"aspects":["county"],"state":{"state":"Ohio","county":"Linn"})")},
      {change("change_county", R"("county":"Cache")", all),
       stale(
           1, 2,
           R"(,"aspects":["county"],"missed":[{"position":1,"version":2,"time":"T","command":"change_county","events":[{"name":"county_changed","data":{"county":"Linn"}}]}],)"
           R"("truncated":false,"paths":["/county"],"state":{"state":"Ohio","county":"Linn"})")},
      {change("change_county", R"("county":"Knox")"), accepted(3)},
      {R"({"do":"remove","entity":"address/a","expect":{"at":1},"show":["paths"]})",
       stale(1, 3, R"(,"aspects":["county"],"paths":[])")},
      {change("change_county", R"("county":"Cache")", R"(,"expect":{"at":1},"show":[])"),
       stale(1, 3, R"(,"aspects":["county"])")},
      {change("change_county", R"("county":"Cache")", R"(,"expect":{"at":1},"show":null)"),
       stale(1, 3, R"(,"aspects":["county"])")},
      {change("change_county", R"("county":"Cache")", R"(,"expect":{"at":3},"show":["state"])"),
       accepted(4)},
  });
}

TEST(ExecConflict, ThereAreNoPathsWhereNothingExisted) {
  const std::string show = R"(,"show":["paths","missed","state"]})";
  expect_dialogue({
      {add_line("counter/a", 1, R"(,"expect":"exists","show":["paths","missed","state"])"),
       R"({"conflict":{"entity":"counter/a","kind":"absent","expected":"exists","actual":0,"state":null}})"},
      {add_line("counter/a", 5), R"({"accepted":{"version":1,"position":0}})"},
      {add_line("counter/a", 1, R"(,"expect":{"at":0},"show":["paths","state"])"),
       R"({"conflict":{"entity":"counter/a","kind":"stale","expected":0,"actual":1,"state":{"value":5}}})"},
      {add_line("counter/a", 1, R"(,"expect":{"at":7},"show":["paths","missed","state"])"),
       R"({"conflict":{"entity":"counter/a","kind":"ahead","expected":7,"actual":1,"state":{"value":5}}})"},
      {add_line("counter/a", 1, R"(,"expect":"absent","show":["state"])"),
       R"({"conflict":{"entity":"counter/a","kind":"exists","expected":"absent","actual":1,"state":{"value":5}}})"},
      {R"({"do":"remove","entity":"counter/a"})", R"({"accepted":{"version":2,"position":1}})"},
      {R"({"do":"remove","entity":"counter/a","expect":{"at":1})" + show,
       R"({"conflict":{"entity":"counter/a","kind":"deleted","expected":1,"actual":2,"missed":[{"position":1,"version":2,"time":"T","command":"$remove","events":[{"name":"$removed","data":{}}]}],"truncated":false,"paths":[""],"state":null}})"},
  });
}

TEST(ExecConflict, AHundredMissedChangesAreShownAndNotOneMore) {
  std::string input;
  constexpr int changes = 102;
  for (int i = 0; i < changes; ++i) input += add_line("counter/a", 1) + '\n';
  const auto stale_at = [](int version) {
    return add_line("counter/a", 1,
                    R"(,"show":["missed"],"expect":{"at":)" + std::to_string(version) + "}") +
           '\n';
  };
  const auto result = run_process(cairn_program(), exec_with(), input + stale_at(1) + stale_at(2));
  ASSERT_EQ(result.lines.size(), static_cast<std::size_t>(changes + 2));
  const auto& cut = result.lines[changes];
  const auto& whole = result.lines[changes + 1];
  EXPECT_EQ(member_of(cut, "/conflict/truncated"), "true");
  EXPECT_EQ(member_of(cut, "/conflict/missed/0/version"), "2");
  EXPECT_EQ(member_of(cut, "/conflict/missed/99/version"), "101");
  EXPECT_EQ(member_of(cut, "/conflict/missed/100"), "");
  EXPECT_EQ(member_of(whole, "/conflict/truncated"), "false");
  EXPECT_EQ(member_of(whole, "/conflict/missed/0/version"), "3");
  EXPECT_EQ(member_of(whole, "/conflict/missed/99/version"), "102");
}

TEST(ExecConflict, AnIdIsKnownWhateverIsToBeShown) {
  expect_dialogue({
      {add_line("counter/a", 1, R"(,"id":"x")"), R"({"accepted":{"version":1,"position":0}})"},
      {add_line("counter/a", 1, R"(,"id":"x","show":["missed","paths","state"],"expect":{"at":9})"),
       R"({"accepted":{"version":1,"position":0,"duplicate":true}})"},
  });
}
