// One command to all entities that match, as the request contract has it, through the real program.
#include "tests/cli/exec_dialogue.hpp"

#include <gtest/gtest.h>

namespace {

std::string update(const std::string& where, int n, const std::string& more = {}) {
  return R"({"do":"update_all","type":"counter")" + (where.empty() ? "" : ",\"where\":" + where) +
         R"(,"command":"add","args":{"n":)" + std::to_string(n) + "}" + more + "}";
}

std::string where(const std::string& op, const std::string& value,
                  const std::string& path = "/value") {
  return R"({"path":")" + path + R"(","op":")" + op + R"(","value":)" + value + "}";
}

std::string updated(int matched, int changed, int rejected, const std::string& more = {}) {
  return R"({"updated":{"matched":)" + std::to_string(matched) +
         ",\"changed\":" + std::to_string(changed) + ",\"rejected\":" + std::to_string(rejected) +
         more + "}}";
}

/// Counters `a`, `b`, … of these values, and what that is answered with.
std::vector<exec_step> counters(const std::vector<int>& values) {
  std::vector<exec_step> steps;
  for (std::size_t i = 0; i < values.size(); ++i) {
    steps.push_back({add_line(std::string("counter/") + static_cast<char>('a' + i), values[i]),
                     R"({"accepted":{"version":1,"position":)" + std::to_string(i) + "}}"});
  }
  return steps;
}

void append(std::vector<exec_step>& steps, const std::vector<exec_step>& more) {
  steps.insert(steps.end(), more.begin(), more.end());
}

std::string counter_at(int value, int version) {
  return R"({"state":{"value":)" + std::to_string(value) + R"(},"version":)" +
         std::to_string(version) + R"(,"exists":true})";
}

} // namespace

TEST(ExecUpdate, ChangesEachThatMatchesByOneVersionAndAStaleHolderConflicts) {
  auto steps = counters({4, 5, 6});
  append(steps,
         {{update(where("ge", "5"), 10, R"(,"atomic":false,"meta":{"who":"x"})"), updated(2, 2, 0)},
          {read_line_of("counter/a"), counter_at(4, 1)},
          {read_line_of("counter/b"), counter_at(15, 2)},
          {read_line_of("counter/c"), counter_at(16, 2)},
          {add_line("counter/b", 1, R"(,"expect":{"at":1})"),
           R"({"conflict":{"entity":"counter/b","kind":"stale","expected":1,"actual":2}})"}});
  expect_dialogue(steps);
}

TEST(ExecUpdate, ComparesNumbers) {
  auto steps = counters({4, 5, 6});
  append(steps, {{update(where("eq", "5"), 0), updated(1, 1, 0)},
                 {update(where("ne", "5"), 0), updated(2, 2, 0)},
                 {update(where("lt", "5"), 0), updated(1, 1, 0)},
                 {update(where("le", "5"), 0), updated(2, 2, 0)},
                 {update(where("gt", "5"), 0), updated(1, 1, 0)},
                 {update(where("ge", "5"), 0), updated(2, 2, 0)},
                 {update(where("eq", "5.0"), 0), updated(1, 1, 0)},
                 {update(where("gt", "4.5"), 0), updated(2, 2, 0)},
                 {update(where("lt", "18446744073709551615"), 0), updated(3, 3, 0)},
                 {update(where("gt", "-1e300"), 0), updated(3, 3, 0)}});
  expect_dialogue(steps);
}

TEST(ExecUpdate, WhatLeadsNowhereOrToAnotherKindDoesNotMatch) {
  auto steps = counters({4, 5});
  for (const std::string op : {"eq", "ne", "lt", "le", "gt", "ge"}) {
    for (const std::string path : {"/other", "/value/0", "/Value", "", "/"}) {
      append(steps, {{update(where(op, "5", path), 1), updated(0, 0, 0)}});
    }
    append(steps, {{update(where(op, "\"5\""), 1), updated(0, 0, 0)},
                   {update(where(op, "true"), 1), updated(0, 0, 0)}});
  }
  expect_dialogue(steps);
}

TEST(ExecUpdate, ComparesStringsByBytes) {
  const auto move = [](const std::string& id, const std::string& state, int position) {
    return exec_step{R"({"do":"send","entity":"address/)" + id +
                         R"(","command":"move","args":{"county":"x","state":")" + state + "\"}}",
                     R"({"accepted":{"version":1,"position":)" + std::to_string(position) + "}}"};
  };
  const auto relabel = [](const std::string& op, const std::string& value) {
    return R"({"do":"update_all","type":"address","command":"change_county","args":{"county":"y"},"where":)" +
           where(op, value, "/state") + "}";
  };
  expect_dialogue({
      move("a", "Iowa", 0),
      move("b", "Ohio", 1),
      move("c", "Île", 2),
      {relabel("eq", "\"Ohio\""), updated(1, 1, 0)},
      {relabel("lt", "\"Ohio\""), updated(1, 1, 0)},
      {relabel("gt", "\"Ohio\""), updated(1, 1, 0)},
      {relabel("ge", "\"\""), updated(3, 3, 0)},
      {relabel("ne", "\"Utah\""), updated(3, 3, 0)},
      {relabel("eq", "7"), updated(0, 0, 0)},
  });
}

TEST(ExecUpdate, WithoutAConditionAllThatExistMatch) {
  auto steps = counters({4, 5, 6});
  append(steps,
         {{R"({"do":"remove","entity":"counter/b"})", R"({"accepted":{"version":2,"position":3}})"},
          {update("", 1), updated(2, 2, 0)},
          {update("null", 1, R"(,"atomic":null,"meta":null)"), updated(2, 2, 0)},
          {read_line_of("counter/b"), R"({"state":null,"version":2,"exists":false})"},
          {R"({"do":"update_all","type":"address","command":"change_state","args":{"state":"x"}})",
           updated(0, 0, 0)}});
  expect_dialogue(steps);
}

TEST(ExecUpdate, WhatTheRulesRejectIsCounted) {
  auto steps = counters({4, 5, 6});
  append(steps, {{update("", -5), updated(3, 2, 1)},
                 {read_line_of("counter/a"), counter_at(4, 1)},
                 {read_line_of("counter/b"), counter_at(0, 2)}});
  expect_dialogue(steps);
}

TEST(ExecUpdate, AtomicIsOneTransaction) {
  auto steps = counters({4, 5, 6});
  append(
      steps,
      {{update(where("ge", "5"), 1, R"(,"atomic":true)"), updated(2, 2, 0)},
       {update(where("ge", "50"), 1, R"(,"atomic":true)"), updated(0, 0, 0)},
       {update(where("lt", "5"), -5, R"(,"atomic":true)"),
        R"({"rejected":{"items":[{"index":0,"entity":"counter/a","reason":"the value would be below 0"}]}})"},
       {update("", -5, R"(,"atomic":true)"),
        R"({"rejected":{"items":[{"index":0,"entity":"counter/a","reason":"the value would be below 0"}]}})"},
       {read_line_of("counter/c"), counter_at(7, 2)},
       {read_line_of("counter/a"), counter_at(4, 1)}});
  expect_dialogue(steps);
}

TEST(ExecUpdate, AtomicBeyondATransactionsLimitIsTooLarge) {
  std::string input;
  constexpr int entities = 1'001;
  for (int i = 0; i < entities; ++i) input += add_line("counter/" + std::to_string(i), i) + '\n';
  const auto result = run_process(
      cairn_program(), exec_with({"--concurrent", "1"}),
      input + joined({update("", 1, R"(,"atomic":true)"),
                      update(where("ge", "1"), 1, R"(,"atomic":true)"), update("", 1)}));
  ASSERT_EQ(result.lines.size(), entities + 3U);
  EXPECT_EQ(without_messages(result.lines[entities]),
            R"({"failed":{"error":"too_large","fate":"not_written","message":"M"}})");
  EXPECT_EQ(result.lines[entities + 1], updated(1'000, 1'000, 0));
  EXPECT_EQ(result.lines[entities + 2], updated(entities, entities, 0));
  EXPECT_EQ(result.status, 0);
}

TEST(ExecUpdate, LeasedEntitiesAreCountedAndAtomicConflicts) {
  auto steps = counters({4, 5});
  append(steps, {{R"({"do":"lease","entity":"counter/a","for_ms":600000})",
                  R"({"lease":{"token":"K","until":"T"}})"},
                 {update("", 1), updated(1, 1, 0, ",\"leased\":1")}});
  expect_dialogue(steps);
  const auto result = run_process(
      cairn_program(), exec_with(),
      joined({add_line("counter/a", 1), R"({"do":"lease","entity":"counter/a","for_ms":600000})",
              update("", 1, R"(,"atomic":true)")}));
  ASSERT_EQ(result.lines.size(), 3U);
  EXPECT_EQ(member_of(result.lines[2], "/conflict/items/0/kind"), "\"leased\"");
  EXPECT_EQ(member_of(result.lines[2], "/conflict/items/0/entity"), "\"counter/a\"");
}

TEST(ExecUpdate, ManyUpdatesAndOtherLinesMayBeUnderWay) {
  std::string input;
  for (int i = 0; i < 200; ++i) input += add_line("counter/" + std::to_string(i), 1) + '\n';
  std::string more;
  for (int i = 0; i < 20; ++i) more += update("", 1) + '\n' + read_line_of("counter/x") + '\n';
  const auto result = run_process(cairn_program(), exec_with({"--concurrent", "64"}), input + more);
  EXPECT_EQ(result.lines.size(), 240U);
  EXPECT_EQ(result.status, 0);
}

TEST(ExecUpdateInvalid, AConditionHasPathOperatorAndValue) {
  const auto with_where = [](const std::string& condition) {
    return R"({"ref":1,"do":"update_all","type":"counter","command":"set","args":{"value":1},"where":)" +
           condition + "}";
  };
  expect_invalid({
      {with_where("true"), "where"},
      {with_where("[]"), "where"},
      {with_where("{}"), "where.path"},
      {with_where(R"({"path":"/value","value":1})"), "where.op"},
      {with_where(R"({"path":"/value","op":"eq"})"), "where.value"},
      {with_where(R"({"path":"/value","op":"eq","value":null})"), "where.value"},
      {with_where(R"({"path":"/value","op":"eq","value":[]})"), "where.value"},
      {with_where(R"({"path":"/value","op":"eq","value":{}})"), "where.value"},
      {with_where(R"({"path":7,"op":"eq","value":1})"), "where.path"},
      {with_where(R"({"path":"value","op":"eq","value":1})"), "where.path"},
      {with_where(R"({"path":"/a~2","op":"eq","value":1})"), "where.path"},
      {with_where(R"({"path":"/a~","op":"eq","value":1})"), "where.path"},
      {with_where(R"({"path":"/value","op":"=","value":1})"), "where.op"},
      {with_where(R"({"path":"/value","op":"EQ","value":1})"), "where.op"},
      {with_where(R"({"path":"/value","op":7,"value":1})"), "where.op"},
      {with_where(R"({"path":"/value","op":"eq","value":1,"or":2})"), "where.or"},
  });
}

TEST(ExecUpdateInvalid, WhatToSendIsKnownAndHasNoIdAndNoExpectation) {
  const auto update_with = [](const std::string& members) {
    return R"({"ref":1,"do":"update_all")" + members + "}";
  };
  const std::string add = R"(,"type":"counter","command":"add","args":{"n":1})";
  expect_invalid({
      {update_with(R"(,"command":"add","args":{"n":1})"), "type"},
      {update_with(R"(,"type":"wallet","command":"add","args":{"n":1})"), "type"},
      {update_with(R"(,"type":"counter/a","command":"add","args":{"n":1})"), "type"},
      {update_with(R"(,"type":"counter","args":{"n":1})"), "command"},
      {update_with(R"(,"type":"counter","command":"plus","args":{"n":1})"), "command"},
      {update_with(R"(,"type":"counter","command":"$remove")"), "command"},
      {update_with(R"(,"type":"counter","command":"add")"), "args.n"},
      {update_with(R"(,"type":"counter","command":"add","args":{"n":1.0})"), "args.n"},
      {update_with(add + R"(,"atomic":1)"), "atomic"},
      {update_with(add + R"(,"atomic":"true")"), "atomic"},
      {update_with(add + R"(,"id":"x")"), "id"},
      {update_with(add + R"(,"expect":"any")"), "expect"},
      {update_with(add + R"(,"lease":"x")"), "lease"},
      {update_with(add + R"(,"show":["state"])"), "show"},
      {update_with(add + R"(,"entity":"counter/a")"), "entity"},
      {update_with(add + R"(,"meta":{"who":7})"), "meta.who"},
  });
}
