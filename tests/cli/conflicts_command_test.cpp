// `cairn conflicts` through the real program: who contends most, over time, beside a live program.

#include <cairn/journal.hpp>

#include "tests/cli/exec_dialogue.hpp"
#include "tests/cli/journal_program.hpp"
#include "tests/support/journal_support.hpp"

#include <gtest/gtest.h>

namespace cairn {
namespace {

namespace fs = std::filesystem;
using testing::read_file;
using testing::run_cairn;
using testing::write_file;

class ConflictsCommand : public ::testing::Test {
protected:
  testing::finished conflicts(const std::string& arguments) {
    return run_cairn(directory_.path(), "conflicts --data data " + arguments);
  }

  /// Answers requests with a log of refusals; returns how it ended.
  testing::finished exec(const std::vector<std::string>& requests,
                         const std::string& arguments = "--record-refusals 1000000") {
    write_file(directory_.path() / "requests", joined(requests));
    return testing::run_shell(directory_.path(),
                              "cairn exec --data data " + arguments + " < requests");
  }

  /// How many rejections there are; looks again until it is `wanted`, since a live program writes them on a thread of
  /// its own, behind its replies.
  std::string await_rejected(const std::string& wanted) {
    constexpr int looks_max = 200;
    std::string found;
    for (int look = 0; look < looks_max && found != wanted; ++look) {
      found = member_of(conflicts("--json").out, "/rejected");
    }
    return found;
  }

  /// A refusal of each of these times, a conflict when it is on a full second.
  void write_log(const std::vector<std::string>& times) {
    fs::create_directory(directory_.path() / "data");
    std::string lines;
    for (const auto& time : times) {
      refusal made;
      made.time_us = parse_iso_time(time).value();
      made.entity = "counter/a";
      made.command = "add";
      if (made.time_us % 1'000'000 == 0) made.conflict = conflict_kind::stale;
      write_refusal_json(lines, made);
      lines += '\n';
    }
    write_file(directory_.path() / "data" / "refusals.jsonl", lines);
  }

  testing::temporary_directory directory_;
};

const std::string stale = R"(,"expect":{"at":7},"meta":{"principal":"ann"})";

} // namespace

TEST_F(ConflictsCommand, RanksEntitiesCommandsAspectsAndClients) {
  const std::string move =
      R"({"do":"send","entity":"address/h","command":"move","args":{"state":"Ohio","county":"Knox"})";
  EXPECT_EQ(
      exec(
          {
              add_line("counter/a", 1, stale), // ahead
              add_line("counter/b", 1),
              add_line("counter/b", 1, R"(,"expect":{"at":0})"),
              add_line("counter/b", 1, R"(,"expect":{"at":0},"meta":{"principal":"bob"})"),
              add_line("counter/b", -9),
              add_line("counter/b", -9),
              move + "}",
              R"({"do":"send","entity":"address/h","command":"change_county","args":{"county":"x"}})",
              move + R"(,"expect":{"at":1}})",
          })
          .status,
      0);
  const auto shown = conflicts("--json");
  EXPECT_EQ(shown.status, 0) << shown.err;
  const auto member = [&](std::string_view pointer) { return member_of(shown.out, pointer); };
  EXPECT_EQ(member("/conflicts"), "4");
  EXPECT_EQ(member("/rejected"), "2");
  EXPECT_EQ(member("/kinds"), R"({"stale":3,"ahead":1})");
  EXPECT_EQ(
      member("/entities"),
      R"([{"entity":"counter/b","conflicts":2,"rejected":2},{"entity":"address/h","conflicts":1,"rejected":0},{"entity":"counter/a","conflicts":1,"rejected":0}])");
  EXPECT_EQ(
      member("/commands"),
      R"([{"type":"counter","command":"add","conflicts":3,"rejected":2},{"type":"address","command":"move","conflicts":1,"rejected":0}])");
  EXPECT_EQ(member("/aspects"),
            R"([{"type":"address","aspect":"county","conflicts":1,"rejected":0}])");
  EXPECT_EQ(
      member("/clients"),
      R"([{"client":null,"conflicts":2,"rejected":2},{"client":"ann","conflicts":1,"rejected":0},{"client":"bob","conflicts":1,"rejected":0}])");
  EXPECT_EQ(member_of(conflicts("--json --top 1").out, "/entities"),
            R"([{"entity":"counter/b","conflicts":2,"rejected":2}])");
  const auto text = conflicts("").out;
  for (const std::string part :
       {"4 conflicts, 2 rejected, from 2", "          3  stale\n",
        "          2          2  counter/b\n", "          1          0  address/move\n",
        "          2          2  (without a principal)\n", "from, per second\n"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "in\n" << text;
  }
}

TEST_F(ConflictsCommand, PiecesOfTimeAreAsLongAsTheyMustBeToBeFew) {
  write_log({"2026-05-31T18:20:00Z", "2026-05-31T18:20:00.5Z", "2026-05-31T18:20:02Z"});
  EXPECT_EQ(
      member_of(conflicts("--json").out, "/over_time"),
      R"([{"from":"2026-05-31T18:20:00.000000Z","conflicts":1,"rejected":1},{"from":"2026-05-31T18:20:01.000000Z","conflicts":0,"rejected":0},{"from":"2026-05-31T18:20:02.000000Z","conflicts":1,"rejected":0}])");
  EXPECT_EQ(member_of(conflicts("--json").out, "/over_time_s"), "1");
  EXPECT_EQ(member_of(conflicts("--json").out, "/first_time"), R"("2026-05-31T18:20:00.000000Z")");
  EXPECT_EQ(member_of(conflicts("--json").out, "/last_time"), R"("2026-05-31T18:20:02.000000Z")");
}

TEST_F(ConflictsCommand, ThereAreTwentyFourPiecesAtMost) {
  write_log({"2026-05-31T18:20:00Z", "2026-05-31T18:20:23Z"});
  EXPECT_EQ(member_of(conflicts("--json").out, "/over_time_s"), "1");
  write_log({"2026-05-31T18:20:00Z", "2026-05-31T18:20:24Z"});
  EXPECT_EQ(member_of(conflicts("--json").out, "/over_time_s"), "10");
}

// A world's clock may have been anywhere.
TEST_F(ConflictsCommand, AlsoWhenTheyCoverAllTimesThatThereAre) {
  write_log(
      {"-290308-12-21T19:59:05.224192Z", "2026-05-31T18:20:00Z", "+294247-01-10T04:00:54.775807Z"});
  const auto shown = conflicts("--json").out;
  EXPECT_EQ(member_of(shown, "/over_time/0"),
            R"({"from":"-290308-12-21T19:59:05.224192Z","conflicts":0,"rejected":1})");
  EXPECT_EQ(member_of(shown, "/over_time/24"), "");
  EXPECT_EQ(member_of(shown, "/last_time"), R"("+294247-01-10T04:00:54.775807Z")");
}

TEST_F(ConflictsCommand, LongerTimesAreSeenFromFurtherAway) {
  write_log({"2026-05-31T18:20:00Z", "2026-05-31T18:29:59Z", "2026-05-31T22:00:01Z",
             "2026-05-31T22:00:00.5Z"});
  const auto shown = conflicts("--json").out;
  EXPECT_EQ(member_of(shown, "/over_time_s"), "600");
  EXPECT_EQ(member_of(shown, "/over_time/0"),
            R"({"from":"2026-05-31T18:20:00.000000Z","conflicts":2,"rejected":0})");
  EXPECT_EQ(member_of(shown, "/over_time/22"),
            R"({"from":"2026-05-31T22:00:00.000000Z","conflicts":1,"rejected":1})");
  EXPECT_EQ(member_of(shown, "/over_time/23"), "");
  EXPECT_NE(conflicts("").out.find("from, per 10 minutes\n"), std::string::npos);
}

TEST_F(ConflictsCommand, ATimeAndWhatComesAfterOrBeforeItCanBeAskedFor) {
  write_log({"2026-05-31T18:20:00Z", "2026-05-31T18:20:01Z", "2026-05-31T18:20:02Z"});
  const auto count = [&](const std::string& arguments) {
    return member_of(conflicts("--json " + arguments).out, "/conflicts");
  };
  EXPECT_EQ(count(""), "3");
  EXPECT_EQ(count("--since 2026-05-31T18:20:01Z"), "2");
  EXPECT_EQ(count("--until 2026-05-31T18:20:01Z"), "2");
  EXPECT_EQ(count("--since 2026-05-31T18:20:01Z --until 2026-05-31T18:20:01Z"), "1");
  EXPECT_EQ(count("--since 2026-05-31T18:20:03Z"), "0");
  EXPECT_EQ(conflicts("--since 2026-05-31T18:20:03Z").out, "nothing was refused\n");
}

TEST_F(ConflictsCommand, WorksBesideALiveProgramAndWritesNothing) {
  const auto data = directory_.path() / "data";
  process_child live(cairn_program(),
                     exec_with({"--data", data.string(), "--record-refusals", "1000000"}));
  live.write(add_line("counter/a", -1) + "\n");
  ASSERT_TRUE(live.read_line());
  EXPECT_EQ(await_rejected("1"), "1");
  const auto before = testing::files_in(data);
  EXPECT_EQ(member_of(conflicts("--json").out, "/rejected"), "1");
  EXPECT_EQ(testing::files_in(data), before);
  live.write(add_line("counter/a", -1) + "\n");
  ASSERT_TRUE(live.read_line());
  EXPECT_EQ(await_rejected("2"), "2");
  live.close_input();
  EXPECT_EQ(live.wait(), 0);
}

TEST_F(ConflictsCommand, ATornLineIsReportedAndTheRestCounts) {
  write_log({"2026-05-31T18:20:00Z"});
  const auto path = directory_.path() / "data" / "refusals.jsonl";
  write_file(path, read_file(path) + R"({"time":"2026-05-)");
  const auto shown = conflicts("--json");
  EXPECT_EQ(shown.status, 0);
  EXPECT_EQ(member_of(shown.out, "/conflicts"), "1");
  EXPECT_NE(shown.err.find("cairn conflicts: "), std::string::npos);
  EXPECT_NE(shown.err.find("passed over 1 line"), std::string::npos);
}

TEST_F(ConflictsCommand, WithoutALogItSaysHowToKeepOne) {
  EXPECT_EQ(exec({add_line("counter/a", 1), add_line("counter/a", -9)}, "").status, 0);
  EXPECT_FALSE(fs::exists(directory_.path() / "data" / "refusals.jsonl"));
  const auto shown = conflicts("--json");
  EXPECT_EQ(shown.status, 0);
  EXPECT_EQ(
      shown.out,
      R"({"conflicts":0,"rejected":0,"first_time":null,"last_time":null,"kinds":{},"entities":[],"commands":[],"aspects":[],"clients":[],"over_time_s":1,"over_time":[]})"
      "\n");
  EXPECT_NE(shown.err.find("--record-refusals"), std::string::npos);
}

TEST_F(ConflictsCommand, NamesOfClientsReachATerminalWithoutControlCharacters) {
  const auto refused =
      add_line("counter/a", -9, R"(,"meta":{"principal":"\u001b[31mred\nforged \u007f"})");
  EXPECT_EQ(exec({add_line("counter/a", 1), refused}).status, 0);
  const auto shown = conflicts("");
  EXPECT_NE(shown.out.find("\\x1b[31mred\\x0aforged \\x7f"), std::string::npos) << shown.out;
  EXPECT_EQ(shown.out.find('\x1b'), std::string::npos);
}

TEST_F(ConflictsCommand, ThereMustBeAJournal) {
  EXPECT_EQ(conflicts("").status, 2);
  fs::create_directory(directory_.path() / "data");
  EXPECT_EQ(conflicts("").status, 2);
  write_file(directory_.path() / "data" / "letter", "Dear all");
  const auto shown = conflicts("");
  EXPECT_EQ(shown.status, 2);
  EXPECT_NE(shown.err.find("no journal"), std::string::npos) << shown.err;
}

TEST_F(ConflictsCommand, WhatItTakesIsChecked) {
  for (const std::string arguments :
       {"--top 0", "--since yesterday", "--until 2026", "--what", "more"}) {
    EXPECT_EQ(conflicts(arguments).status, 2) << arguments;
  }
  EXPECT_EQ(run_cairn(directory_.path(), "conflicts").status, 2);
  const auto help = run_cairn(directory_.path(), "conflicts --help");
  EXPECT_EQ(help.status, 0);
  EXPECT_NE(help.out.find("--record-refusals BYTES"), std::string::npos);
  EXPECT_EQ(exec({}, "--record-refusals 4095").status, 2);
  EXPECT_EQ(run_cairn(directory_.path(), "exec --memory --record-refusals 5000").status, 2);
}

} // namespace cairn
