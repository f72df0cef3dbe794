// Clients that meet at one entity, and lines that are under way together.
#include "tests/cli/exec_dialogue.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <map>

namespace {

std::string with_ref(std::string line, std::size_t ref) {
  return line.insert(1, "\"ref\":" + std::to_string(ref) + ",");
}

/// Replies by their integer ref.
std::map<std::size_t, std::string> by_ref(const std::vector<std::string>& lines) {
  std::map<std::size_t, std::string> replies;
  for (const auto& line : lines) replies[std::stoul(member_of(line, "/ref"))] = line;
  return replies;
}

std::size_t count(const std::vector<std::string>& lines, std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(lines.begin(), lines.end(),
                    [&](const std::string& line) { return line.find(text) != std::string::npos; }));
}

} // namespace

TEST(ExecConflicts, TheSecondOfTwoClientsReadsAgainAndRetries) {
  const std::string read = read_line_of("counter/a");
  expect_dialogue({
      {add_line("counter/a", 10), R"({"accepted":{"version":1,"position":0}})"},
      {read, R"({"state":{"value":10},"version":1,"exists":true})"},
      {read, R"({"state":{"value":10},"version":1,"exists":true})"},
      {add_line("counter/a", 1, R"(,"expect":{"at":1})"),
       R"({"accepted":{"version":2,"position":1}})"},
      {add_line("counter/a", 2, R"(,"expect":{"at":1})"),
       R"({"conflict":{"entity":"counter/a","kind":"stale","expected":1,"actual":2}})"},
      {read, R"({"state":{"value":11},"version":2,"exists":true})"},
      {add_line("counter/a", 2, R"(,"expect":{"at":2})"),
       R"({"accepted":{"version":3,"position":2}})"},
      {read, R"({"state":{"value":13},"version":3,"exists":true})"},
  });
}

TEST(ExecConflicts, TheSameHoldsForRemove) {
  const std::string remove = R"({"do":"remove","entity":"counter/a","expect":{"at":)";
  expect_dialogue({
      {add_line("counter/a", 10), R"({"accepted":{"version":1,"position":0}})"},
      {add_line("counter/a", 1, R"(,"expect":{"at":1})"),
       R"({"accepted":{"version":2,"position":1}})"},
      {remove + "1}}",
       R"({"conflict":{"entity":"counter/a","kind":"stale","expected":1,"actual":2}})"},
      {read_line_of("counter/a"), R"({"state":{"value":11},"version":2,"exists":true})"},
      {remove + "2}}", R"({"accepted":{"version":3,"position":2}})"},
      {read_line_of("counter/a"), R"({"state":null,"version":3,"exists":false})"},
  });
}

TEST(ExecConflicts, ACommandWithoutExpectationAdvancesTheVersion) {
  expect_dialogue({
      {add_line("counter/a", 1), R"({"accepted":{"version":1,"position":0}})"},
      {add_line("counter/a", 1, R"(,"expect":"any")"),
       R"({"accepted":{"version":2,"position":1}})"},
      {add_line("counter/a", 1, R"(,"expect":{"at":1})"),
       R"({"conflict":{"entity":"counter/a","kind":"stale","expected":1,"actual":2}})"},
  });
}

TEST(ExecConcurrent, OneOfTwoHundredCreationsWins) {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < 200; ++i) {
    lines.push_back(with_ref(add_line("counter/a", 1, R"(,"expect":{"at":0})"), i));
  }
  const process_directory directory;
  const auto result =
      run_process(cairn_program(), exec_with({"--concurrent", "200", "--data", directory / "data"}),
                  joined(lines));
  EXPECT_EQ(by_ref(result.lines).size(), 200U);
  EXPECT_EQ(count(result.lines, R"("accepted":{"version":1,"position":0})"), 1U);
  EXPECT_EQ(count(result.lines,
                  R"("conflict":{"entity":"counter/a","kind":"stale","expected":0,"actual":1})"),
            199U);
  EXPECT_EQ(result.status, 0) << result.errors;
}

TEST(ExecConcurrent, AHundredResendsInFlightExecuteOnce) {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < 100; ++i) {
    lines.push_back(with_ref(add_line("counter/a", 5, R"(,"id":"once")"), i));
  }
  lines.push_back(with_ref(read_line_of("counter/a"), 100));
  const process_directory directory;
  const auto result =
      run_process(cairn_program(), exec_with({"--concurrent", "101", "--data", directory / "data"}),
                  joined(lines));
  EXPECT_EQ(count(result.lines, R"("accepted":{"version":1,"position":0}})"), 1U);
  EXPECT_EQ(count(result.lines, R"("accepted":{"version":1,"position":0,"duplicate":true}})"), 99U);
  EXPECT_EQ(count(result.lines, R"("state":{"value":5},"version":1,"exists":true})"), 1U);
}

TEST(ExecConcurrent, LinesToOneEntityStartInOrderReadsAndHistoryToo) {
  // Thousands under way on a few entities: every command expects exactly what those before it led
  // to, and every read sees what was sent before it.
  constexpr std::size_t entities = 3;
  constexpr std::size_t rounds = 400;
  std::vector<std::string> lines;
  const auto put = [&](const std::string& line) { lines.push_back(with_ref(line, lines.size())); };
  for (std::size_t round = 0; round < rounds; ++round) {
    for (std::size_t e = 0; e < entities; ++e) {
      const std::string key = "counter/" + std::to_string(e);
      const std::string version = std::to_string(round);
      const std::string next = std::to_string(round + 1);
      put(add_line(key, 1, R"(,"expect":{"at":)" + version + "}"));
      put(read_line_of(key));
      put(R"({"do":"read","entity":")" + key + R"(","version":)" + next + "}");
      put(R"({"do":"history","entity":")" + key + R"(","from":)" + next + R"(,"limit":1})");
    }
  }
  const process_directory directory;
  const auto result =
      run_process(cairn_program(),
                  exec_with({"--concurrent", "5000", "--data", directory / "data"}), joined(lines));
  ASSERT_EQ(result.status, 0) << result.errors;
  const auto replies = by_ref(result.lines);
  ASSERT_EQ(replies.size(), lines.size());
  std::size_t ref = 0;
  for (std::size_t round = 0; round < rounds; ++round) {
    for (std::size_t e = 0; e < entities; ++e) {
      const std::string next = std::to_string(round + 1);
      ASSERT_EQ(member_of(replies.at(ref++), "/accepted/version"), next);
      const std::string state = "{\"value\":" + next + "}";
      ASSERT_EQ(member_of(replies.at(ref), "/state"), state) << replies.at(ref);
      ASSERT_EQ(member_of(replies.at(ref++), "/version"), next);
      ASSERT_EQ(member_of(replies.at(ref++), "/state"), state);
      ASSERT_EQ(member_of(replies.at(ref++), "/changes/0/version"), next);
    }
  }
}

TEST(ExecConcurrent, LinesBehindOneAboutSeveralEntitiesKeepTheirOrderToo) {
  // `b` is the second of the two in the order of their keys, so a command to it alone would get there first.
  constexpr std::size_t rounds = 200;
  std::vector<std::string> lines;
  const auto put = [&](const std::string& line) { lines.push_back(with_ref(line, lines.size())); };
  const auto item = [](const char* key, std::size_t version) {
    return std::string(R"({"entity":")") + key +
           R"(","command":"add","args":{"n":1},"expect":{"at":)" + std::to_string(version) + "}}";
  };
  for (std::size_t round = 0; round < rounds; ++round) {
    put(R"({"do":"transact","items":[)" + item("counter/b", 2 * round) + "," +
        item("counter/a", round) + "]}");
    put(add_line("counter/b", 1, R"(,"expect":{"at":)" + std::to_string(2 * round + 1) + "}"));
    put(R"({"do":"read_all","entities":["counter/a","counter/b"]})");
  }
  const process_directory directory;
  const auto result =
      run_process(cairn_program(),
                  exec_with({"--concurrent", "1000", "--data", directory / "data"}), joined(lines));
  ASSERT_EQ(result.status, 0) << result.errors;
  const auto replies = by_ref(result.lines);
  ASSERT_EQ(replies.size(), lines.size());
  for (std::size_t round = 0; round < rounds; ++round) {
    const std::string a = std::to_string(round + 1);
    const std::string b = std::to_string(2 * round + 1);
    const std::string after = std::to_string(2 * round + 2);
    ASSERT_EQ(member_of(replies.at(3 * round), "/accepted/items/0/version"), b);
    ASSERT_EQ(member_of(replies.at(3 * round), "/accepted/items/1/version"), a);
    ASSERT_EQ(member_of(replies.at(3 * round + 1), "/accepted/version"), after);
    const auto& both = replies.at(3 * round + 2);
    ASSERT_EQ(member_of(both, "/entities/0/version"), a) << both;
    ASSERT_EQ(member_of(both, "/entities/1/version"), after) << both;
  }
}

TEST(ExecConcurrent, WithoutItALineStartsAfterThePreviousReply) {
  // A list reads what is committed; it sees the command of the line before only if that is over.
  std::string input;
  constexpr int rounds = 200;
  for (int i = 0; i < rounds; ++i) {
    char id[16];
    std::snprintf(id, sizeof(id), "%06d", i);
    input += add_line(std::string("counter/") + id, 1) + "\n";
    input += R"({"do":"list","type":"counter","limit":10000})"
             "\n";
  }
  const process_directory directory;
  const auto result =
      run_process(cairn_program(), exec_with({"--data", directory / "data"}), input);
  ASSERT_EQ(result.lines.size(), static_cast<std::size_t>(2 * rounds));
  for (int i = 0; i < rounds; ++i) {
    const auto& listed = result.lines[static_cast<std::size_t>(2 * i + 1)];
    EXPECT_NE(member_of(listed, "/entities/" + std::to_string(i)), "") << i;
    EXPECT_EQ(member_of(listed, "/entities/" + std::to_string(i + 1)), "") << i;
  }
}

TEST(ExecConcurrent, ARefusedLineDoesNotHoldUpTheOthers) {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < 3000; ++i) {
    lines.push_back(i % 3 == 1 ? R"({"ref":)" + std::to_string(i) + "}"
                               : with_ref(add_line("counter/" + std::to_string(i % 7), 1), i));
  }
  const auto result =
      run_process(cairn_program(), exec_with({"--concurrent", "64"}), joined(lines));
  EXPECT_EQ(by_ref(result.lines).size(), 3000U);
  EXPECT_EQ(count(result.lines, "\"invalid\":"), 1000U);
  EXPECT_EQ(count(result.lines, "\"accepted\":"), 2000U);
  EXPECT_EQ(result.status, 1);
}

TEST(ExecConcurrent, EveryLineIsRepliedToWhateverTheNumberUnderWay) {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < 20'000; ++i) {
    lines.push_back(with_ref(add_line("counter/hot", 1), i));
  }
  for (const std::string concurrent : {"2", "1000", "65536"}) {
    const auto result =
        run_process(cairn_program(), exec_with({"--concurrent", concurrent}), joined(lines));
    EXPECT_EQ(by_ref(result.lines).size(), lines.size()) << concurrent;
    EXPECT_EQ(count(result.lines, "\"accepted\":"), lines.size()) << concurrent;
  }
}
