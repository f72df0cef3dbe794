// Several entities at once, as the request contract has it, through the real program.
#include "tests/cli/exec_dialogue.hpp"

#include <gtest/gtest.h>

namespace {

std::string transact(const std::string& items, const std::string& more = {}) {
  return R"({"do":"transact","items":[)" + items + "]" + more + "}";
}

std::string add(std::string_view entity, int n, std::string_view more = {}) {
  return R"({"entity":")" + std::string(entity) + R"(","command":"add","args":{"n":)" +
         std::to_string(n) + "}" + std::string(more) + "}";
}

std::string item(std::string_view entity, std::string_view more) {
  return R"({"entity":")" + std::string(entity) + "\"," + std::string(more) + "}";
}

std::string read_all(const std::string& entities) {
  return R"({"do":"read_all","entities":[)" + entities + "]}";
}

constexpr auto below_zero = R"("reason":"the value would be below 0"})";

} // namespace

TEST(ExecTransact, AllItemsAreAcceptedInTheirOrderAndThePositionIsTheUnitsFirst) {
  expect_dialogue({
      {add_line("counter/b", 9), R"({"accepted":{"version":1,"position":0}})"},
      {transact(add("counter/b", -4, R"(,"expect":{"at":1})") + "," +
                add("counter/a", 4, R"(,"expect":"absent")")),
       R"({"accepted":{"items":[{"version":2},{"version":1}],"position":1}})"},
      {add_line("counter/c", 1), R"({"accepted":{"version":1,"position":3}})"},
      {transact(add("counter/a", 1)), R"({"accepted":{"items":[{"version":2}],"position":4}})"},
      {read_line_of("counter/b"), R"({"state":{"value":5},"version":2,"exists":true})"},
      {read_line_of("counter/a"), R"({"state":{"value":5},"version":2,"exists":true})"},
  });
}

TEST(ExecTransact, AnItemMayRemoveOrOnlyDemand) {
  expect_dialogue({
      {add_line("counter/a", 1), R"({"accepted":{"version":1,"position":0}})"},
      {add_line("counter/b", 1), R"({"accepted":{"version":1,"position":1}})"},
      {transact(item("counter/a", R"("remove":true,"expect":{"at":1})") + "," +
                item("counter/b", R"("expect":{"at":1})") + "," +
                item("counter/c", R"("expect":"absent")") + "," +
                item("counter/d", R"("expect":"any","remove":false)") + "," +
                R"({"entity":"counter/e"})"),
       R"({"accepted":{"items":[{"version":2},{"version":1},{"version":0},{"version":0},{"version":0}],"position":2}})"},
      {read_line_of("counter/a"), R"({"state":null,"version":2,"exists":false})"},
      {read_line_of("counter/b"), R"({"state":{"value":1},"version":1,"exists":true})"},
      {add_line("counter/b", 1), R"({"accepted":{"version":2,"position":3}})"},
  });
}

TEST(ExecTransact, DemandsAloneRecordNothingAndHaveNoPosition) {
  expect_dialogue({
      {add_line("counter/a", 1), R"({"accepted":{"version":1,"position":0}})"},
      {transact(item("counter/a", R"("expect":"exists")")),
       R"({"accepted":{"items":[{"version":1}]}})"},
      {add_line("counter/a", 1), R"({"accepted":{"version":2,"position":1}})"},
  });
}

TEST(ExecTransact, EveryItemInTheWayIsListed) {
  expect_dialogue({
      {add_line("counter/a", 1), R"({"accepted":{"version":1,"position":0}})"},
      {R"({"do":"send","entity":"address/h","command":"move","args":{"state":"Ohio","county":"Knox"}})",
       R"({"accepted":{"version":1,"position":1}})"},
      {R"({"do":"send","entity":"address/h","command":"change_county","args":{"county":"Linn"}})",
       R"({"accepted":{"version":2,"position":2}})"},
      {transact(add("counter/a", 1) + "," + add("counter/b", 1, R"(,"expect":{"at":3})") + "," +
                item("address/h",
                     R"("command":"change_county","args":{"county":"Cache"},"expect":{"at":1})") +
                "," + item("counter/d", R"("expect":"exists")") + "," +
                item("counter/e", R"("remove":true)")),
       R"({"conflict":{"items":[{"index":1,"entity":"counter/b","kind":"ahead","expected":3,"actual":0},)"
       R"({"index":2,"entity":"address/h","kind":"stale","expected":1,"actual":2,"aspects":["county"]},)"
       R"({"index":3,"entity":"counter/d","kind":"absent","expected":"exists","actual":0},)"
       R"({"index":4,"entity":"counter/e","kind":"absent","expected":"any","actual":0}]}})"},
      {read_line_of("counter/a"), R"({"state":{"value":1},"version":1,"exists":true})"},
      {read_line_of("counter/b"), R"({"state":null,"version":0,"exists":false})"},
  });
}

TEST(ExecTransact, RefusalsByTheRulesAloneAreRejectedAndMixedOnesAreAConflict) {
  expect_dialogue({
      {transact(add("counter/b", -1) + "," + add("counter/c", 1) + "," + add("counter/a", -2)),
       R"({"rejected":{"items":[{"index":0,"entity":"counter/b",)" + std::string(below_zero) +
           R"(,{"index":2,"entity":"counter/a",)" + below_zero + "]}}"},
      {transact(add("counter/b", -1) + "," + add("counter/c", 1, R"(,"expect":"exists")")),
       R"({"conflict":{"items":[{"index":0,"entity":"counter/b",)" + std::string(below_zero) +
           R"(,{"index":1,"entity":"counter/c","kind":"absent","expected":"exists","actual":0}]}})"},
      {R"({"do":"list","type":"counter"})", R"({"entities":[],"more":false})"},
  });
}

TEST(ExecTransact, OneIdForTheWholeIsAnsweredAsTheFirstTime) {
  const std::string items =
      add("counter/b", 2) + "," + add("counter/a", 1, R"(,"expect":"absent")");
  const std::string reused =
      R"({"failed":{"error":"command_id_reused","fate":"not_written","message":"M"}})";
  expect_dialogue({
      {transact(items, R"(,"id":"t-1","meta":{"who":"x"})"),
       R"({"accepted":{"items":[{"version":1},{"version":1}],"position":0}})"},
      {transact(items, R"(,"id":"t-1","meta":{"who":"y"})"),
       R"({"accepted":{"items":[{"version":1},{"version":1}],"position":0,"duplicate":true}})"},
      {transact(add("counter/b", 2) + "," + add("counter/a", 2), R"(,"id":"t-1")"), reused},
      {add_line("counter/a", 1, R"(,"id":"t-1")"), reused},
      {add_line("counter/c", 1, R"(,"id":"t-1")"), R"({"accepted":{"version":1,"position":2}})"},
      {R"({"do":"remove","entity":"counter/a"})", R"({"accepted":{"version":2,"position":3}})"},
      {transact(items, R"(,"id":"t-1")"),
       R"({"accepted":{"items":[{"version":1},{"version":1}],"position":0,"duplicate":true}})"},
      {R"({"do":"history","entity":"counter/b"})",
       R"({"changes":[{"position":1,"version":1,"time":"T","command":"add","events":[{"name":"added","data":{"n":2}}],"meta":{"who":"x"},"unit":[1,2]}],"more":false})"},
  });
}

TEST(ExecTransact, AnIdWithOtherAssertionsIsAnotherTransaction) {
  const std::string reused =
      R"({"failed":{"error":"command_id_reused","fate":"not_written","message":"M"}})";
  expect_dialogue({
      {add_line("counter/c", 1), R"({"accepted":{"version":1,"position":0}})"},
      {add_line("counter/d", 1), R"({"accepted":{"version":1,"position":1}})"},
      {transact(add("counter/a", 1) + R"(,{"entity":"counter/c"})", R"(,"id":"t")"),
       R"({"accepted":{"items":[{"version":1},{"version":1}],"position":2}})"},
      {transact(add("counter/a", 1) + R"(,{"entity":"counter/c","expect":{"at":9}})",
                R"(,"id":"t")"),
       R"({"accepted":{"items":[{"version":1},{"version":1}],"position":2,"duplicate":true}})"},
      {transact(add("counter/a", 1) + R"(,{"entity":"counter/d"})", R"(,"id":"t")"), reused},
      {transact(R"({"entity":"counter/c"},)" + add("counter/a", 1), R"(,"id":"t")"), reused},
      {transact(add("counter/a", 1), R"(,"id":"t")"), reused},
  });
}

TEST(ExecTransact, MoreEntitiesThanATransactionTakesAreTooMany) {
  std::string fits;
  for (int i = 0; i < 1'000; ++i)
    fits += (i > 0 ? "," : "") + add("counter/" + std::to_string(i), 1);
  const auto result =
      run_process(cairn_program(), exec_with(),
                  joined({transact(fits + "," + add("counter/more", 1)), transact(fits),
                          R"({"do":"read_all","entities":["counter/999"]})"}));
  ASSERT_EQ(result.lines.size(), 3U);
  EXPECT_EQ(without_messages(result.lines[0]),
            R"({"failed":{"error":"too_large","fate":"not_written","message":"M"}})");
  EXPECT_EQ(member_of(result.lines[1], "/accepted/items/999/version"), "1");
  EXPECT_EQ(member_of(result.lines[1], "/accepted/position"), "0");
  EXPECT_EQ(member_of(result.lines[2], "/position"), "999");
  EXPECT_EQ(result.status, 0);
}

TEST(ExecReadAll, GivesEveryEntityInItsOrderAtThePositionOfTheLastChange) {
  expect_dialogue({
      {read_all(R"("counter/a")"),
       R"({"position":null,"entities":[{"entity":"counter/a","state":null,"version":0,"exists":false}]})"},
      {transact(add("counter/b", 2) + "," + add("counter/a", 1)),
       R"({"accepted":{"items":[{"version":1},{"version":1}],"position":0}})"},
      {R"({"do":"remove","entity":"counter/a"})", R"({"accepted":{"version":2,"position":2}})"},
      {read_all(R"("counter/b","address/c","counter/a")"),
       R"({"position":2,"entities":[{"entity":"counter/b","state":{"value":2},"version":1,"exists":true},)"
       R"({"entity":"address/c","state":null,"version":0,"exists":false},)"
       R"({"entity":"counter/a","state":null,"version":2,"exists":false}]})"},
  });
}

TEST(ExecReadAll, ReplayToItsPositionGivesTheSameStates) {
  const process_directory directory;
  const std::string data = directory / "data";
  std::string input;
  for (int i = 0; i < 40; ++i) {
    input += transact(add("counter/a", i) + "," + add("counter/b", 2 * i)) + '\n';
    if (i == 20) input += read_all(R"("counter/a","counter/b")") + '\n';
  }
  const auto result = run_process(cairn_program(), exec_with({"--data", data}), input);
  ASSERT_EQ(result.lines.size(), 41U) << result.errors;
  const auto& read = result.lines[21];
  EXPECT_EQ(member_of(read, "/position"), "41");
  EXPECT_EQ(member_of(read, "/entities/1/state"), R"({"value":420})");
  process_options replay;
  replay.arguments = {"replay", "--data",     data,
                      "--json", "--position", member_of(read, "/position")};
  const auto replayed = run_process(cairn_program(), replay);
  ASSERT_EQ(replayed.lines.size(), 2U) << replayed.errors;
  for (const int i : {0, 1}) {
    const std::string entity = "/entities/" + std::to_string(i);
    EXPECT_EQ(member_of(replayed.lines[i], "/state"), member_of(read, entity + "/state"));
    EXPECT_EQ(member_of(replayed.lines[i], "/version"), member_of(read, entity + "/version"));
  }
}

TEST(ExecReadAll, IsDurableAcrossRestartsAsWell) {
  const process_directory directory;
  const std::vector<std::string> arguments = {"--data", directory / "data"};
  expect_dialogue({{transact(add("counter/b", 2) + "," + add("counter/a", 1), R"(,"id":"t")"),
                    R"({"accepted":{"items":[{"version":1},{"version":1}],"position":0}})"}},
                  arguments);
  expect_dialogue(
      {{transact(add("counter/b", 2) + "," + add("counter/a", 1), R"(,"id":"t")"),
        R"({"accepted":{"items":[{"version":1},{"version":1}],"position":0,"duplicate":true}})"},
       {read_all(R"("counter/b","counter/a")"),
        R"({"position":1,"entities":[{"entity":"counter/b","state":{"value":2},"version":1,"exists":true},)"
        R"({"entity":"counter/a","state":{"value":1},"version":1,"exists":true}]})"}},
      arguments);
}
