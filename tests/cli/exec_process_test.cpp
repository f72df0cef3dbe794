// The program from outside: restarts, one process per directory, signals, broken input and output,
// exit statuses.
#include "tests/cli/exec_dialogue.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <future>
#include <set>
#include <utility>

namespace {

/// How many adds were accepted, with versions 1 to that without a gap.
std::size_t accepted_versions(const std::vector<std::string>& lines) {
  std::set<std::size_t> versions;
  for (const auto& line : lines)
    versions.insert(std::stoul("0" + member_of(line, "/accepted/version")));
  versions.erase(0);
  EXPECT_TRUE(versions.empty() || *versions.rbegin() == versions.size());
  return versions.size();
}

std::string version_in(const std::string& directory, const std::string& entity) {
  const auto result =
      run_process(cairn_program(), exec_with({"--data", directory}), read_line_of(entity));
  EXPECT_EQ(result.status, 0) << result.errors;
  return result.lines.empty() ? "" : member_of(result.lines.front(), "/version");
}

} // namespace

TEST(ExecProcess, WhatOneRunAcceptedTheNextOneKnows) {
  const process_directory directory;
  for (const std::string durability : {"durable", "relaxed"}) {
    const std::vector<std::string> arguments = {"--data", directory / durability, "--durability",
                                                durability};
    expect_dialogue(
        {
            {add_line("counter/a", 5, R"(,"id":"c-1")"),
             R"({"accepted":{"version":1,"position":0}})"},
            {add_line("counter/b", 1), R"({"accepted":{"version":1,"position":1}})"},
            {R"({"do":"remove","entity":"counter/b"})",
             R"({"accepted":{"version":2,"position":2}})"},
        },
        arguments);
    expect_dialogue(
        {
            {add_line("counter/a", 5, R"(,"id":"c-1")"),
             R"({"accepted":{"version":1,"position":0,"duplicate":true}})"},
            {add_line("counter/a", 6, R"(,"id":"c-1")"),
             R"({"failed":{"error":"command_id_reused","fate":"not_written","message":"M"}})"},
            {add_line("counter/a", 1, R"(,"expect":{"at":1})"),
             R"({"accepted":{"version":2,"position":3}})"},
            {read_line_of("counter/b"), R"({"state":null,"version":2,"exists":false})"},
            {add_line("counter/b", 7, R"(,"expect":"absent")"),
             R"({"accepted":{"version":3,"position":4}})"},
        },
        arguments);
    expect_dialogue(
        {
            {read_line_of("counter/a"), R"({"state":{"value":6},"version":2,"exists":true})"},
            {read_line_of("counter/b"), R"({"state":{"value":7},"version":3,"exists":true})"},
        },
        arguments);
  }
}

TEST(ExecProcess, MemoryKeepsNothing) {
  for (int run = 0; run < 2; ++run) {
    expect_dialogue({{add_line("counter/a", 1), R"({"accepted":{"version":1,"position":0}})"}});
  }
}

TEST(ExecProcess, RepliesComeWhileTheInputStaysOpen) {
  for (const std::string concurrent : {"1", "100"}) {
    process_child child(cairn_program(), exec_with({"--concurrent", concurrent}));
    for (int i = 1; i <= 20; ++i) {
      child.write(add_line("counter/a", 1) + "\n");
      EXPECT_EQ(member_of(child.read_line().value(), "/accepted/version"), std::to_string(i));
    }
    child.write(add_line("counter/a", 1).substr(0, 10));
    child.write(add_line("counter/a", 1).substr(10) + "\n" + read_line_of("counter/a") + "\n");
    EXPECT_EQ(member_of(child.read_line().value(), "/accepted/version"), "21");
    EXPECT_EQ(member_of(child.read_line().value(), "/version"), "21");
    child.close_input();
    EXPECT_EQ(child.wait(), 0);
  }
}

TEST(ExecProcess, ADirectoryIsHeldByOneProcessAndTheSecondIsToldWhich) {
  const process_directory directory;
  const std::string data = directory / "data";
  process_child first(cairn_program(), exec_with({"--data", data}));
  first.write(add_line("counter/a", 1) + "\n");
  ASSERT_TRUE(first.read_line());

  const auto second =
      run_process(cairn_program(), exec_with({"--data", data}), add_line("counter/a", 1));
  EXPECT_EQ(second.status, 2);
  EXPECT_TRUE(second.lines.empty());
  EXPECT_NE(second.errors.find("cairn exec: " + data + " is held by process " +
                               std::to_string(first.pid())),
            std::string::npos)
      << second.errors;
  EXPECT_EQ(std::count(second.errors.begin(), second.errors.end(), '\n'), 1) << second.errors;

  first.close_input();
  EXPECT_EQ(first.wait(), 0);
  EXPECT_EQ(version_in(data, "counter/a"), "1");
}

TEST(ExecProcess, ADirectoryThatCannotBeUsedIsNamed) {
  const process_directory directory;
  const std::string file = directory / "file";
  std::ofstream(file) << "something else\n";
  for (const std::string& data : {file, file + "/data"}) {
    const auto result =
        run_process(cairn_program(), exec_with({"--data", data}), add_line("counter/a", 1));
    EXPECT_EQ(result.status, 2);
    EXPECT_TRUE(result.lines.empty());
    EXPECT_TRUE(result.errors.starts_with("cairn exec: " + file)) << result.errors;
    EXPECT_EQ(std::count(result.errors.begin(), result.errors.end(), '\n'), 1) << result.errors;
  }
}

TEST(ExecProcess, ASignalWhileItWaitsEndsItCleanly) {
  for (const int signal : {SIGINT, SIGTERM}) {
    const process_directory directory;
    const std::string data = directory / "data";
    process_child child(cairn_program(), exec_with({"--data", data}));
    child.write(add_line("counter/a", 1) + "\n");
    ASSERT_TRUE(child.read_line());
    child.signal(signal);
    EXPECT_EQ(child.wait(), 130);
    EXPECT_EQ(child.errors(), "");
    EXPECT_EQ(version_in(data, "counter/a"), "1");
  }
}

TEST(ExecProcess, ASignalThatAnotherThreadGetsEndsItToo) {
  process_child child(cairn_program(), exec_with());
  child.write(add_line("counter/a", 1) + "\n");
  ASSERT_TRUE(child.read_line());
  child.signal_other_thread(SIGTERM);
  EXPECT_EQ(child.wait(), 130);
}

TEST(ExecProcess, ASignalUnderLoadFinishesWhatIsUnderWay) {
  constexpr std::size_t lines = 200'000;
  std::string input;
  for (std::size_t i = 0; i < lines; ++i) input += add_line("counter/a", 1) + "\n";
  for (const std::string concurrent : {"1", "500"}) {
    const process_directory directory;
    const std::string data = directory / "data";
    process_child child(cairn_program(), exec_with({"--data", data, "--concurrent", concurrent}));
    const auto replies = child.converse(input, [&](std::size_t read) {
      if (read == 100) child.signal(SIGINT);
    });
    EXPECT_EQ(child.wait(), 130);
    EXPECT_LT(replies.size(), lines);
    // Everything that was started was replied to: the journal holds exactly what the replies say.
    EXPECT_EQ(version_in(data, "counter/a"), std::to_string(accepted_versions(replies)));
  }
}

TEST(ExecProcess, ASecondSignalKills) {
  process_child child(cairn_program(), exec_with({"--concurrent", "16"}));
  const std::string large(60'000, 'x');
  child.write(R"({"do":"send","entity":"address/a","command":"change_state","args":{"state":")" +
              large + "\"}}\n");
  ASSERT_TRUE(child.read_line());
  for (int i = 0; i < 10; ++i) child.write(read_line_of("address/a") + "\n");
  // The first reply is in the pipe, the second does not fit: it can only wait for a reader.
  ASSERT_TRUE(process_eventually([&] { return child.readable() > large.size() + 1000; }));
  child.signal(SIGINT);
  ASSERT_TRUE(process_eventually([&] { return !process_handles_interrupt(child); }));
  EXPECT_TRUE(child.runs());
  child.signal(SIGINT);
  EXPECT_EQ(child.wait(), 128 + SIGINT);
}

TEST(ExecProcess, AFullDiskBehindStandardOutputEndsItWithStatusTwo) {
  const process_directory directory;
  auto options = exec_with({"--data", directory / "data"});
  options.output_file = "/dev/full";
  const auto result = run_process(cairn_program(), options, add_line("counter/a", 1) + "\n");
  EXPECT_EQ(result.status, 2);
  EXPECT_EQ(result.errors,
            "cairn exec: cannot write replies to standard output: No space left on device\n");
  EXPECT_EQ(version_in(directory / "data", "counter/a"), "1");
}

TEST(ExecProcess, AReaderThatHasGoneEndsItWithStatusTwo) {
  const process_directory directory;
  const std::string data = directory / "data";
  process_child child(cairn_program(), exec_with({"--data", data, "--concurrent", "10"}));
  child.write(add_line("counter/a", 1) + "\n");
  ASSERT_TRUE(child.read_line());
  child.close_output();
  child.write(add_line("counter/a", 1) + "\n");
  EXPECT_EQ(child.wait(), 2); // its input is still open
  EXPECT_EQ(child.errors(), "cairn exec: cannot write replies to standard output: Broken pipe\n");
  EXPECT_EQ(version_in(data, "counter/a"), "2");
}

TEST(ExecProcess, BulkUpdatesOfColdEntitiesEndWithTheInput) {
  const process_directory directory;
  const auto arguments = exec_with({"--data", directory / "data"});
  ASSERT_EQ(run_process(cairn_program(), arguments, add_line("counter/a", 1) + "\n").status, 0);
  const auto result =
      run_process(cairn_program(), arguments,
                  R"({"do":"update_all","type":"counter","command":"add","args":{"n":1}})"
                  "\n");
  EXPECT_EQ(result.status, 0) << result.errors;
  ASSERT_EQ(result.lines.size(), 1U);
  EXPECT_EQ(member_of(result.lines[0], "/updated/changed"), "1") << result.lines[0];
}

TEST(ExecProcess, ASignalEndsItAlsoWhenNobodyReadsTheReplies) {
  const process_directory directory;
  process_child child(cairn_program(),
                      exec_with({"--concurrent", "1000", "--data", directory / "data"}));
  // More replies than a pipe holds, and fewer bytes of lines than the program reads ahead.
  std::string lines;
  for (int i = 0; i < 3'000; ++i) lines += add_line("counter/a", 1) + "\n";
  const auto writing = std::async(std::launch::async, [&] {
    try {
      child.write(lines);
    } catch (const std::exception&) { // it has ended, and reads no more
    }
  });
  std::size_t readable = 0;
  EXPECT_TRUE(process_eventually([&] { // until the pipe takes no more
    return std::exchange(readable, child.readable()) == child.readable() && readable > 32'000;
  })) << readable;
  child.signal(SIGTERM);
  EXPECT_TRUE(process_eventually([&] { return !child.runs(); }));
  EXPECT_EQ(child.wait(), 2);
  EXPECT_NE(child.errors().find("nobody reads the replies"), std::string::npos);
}

TEST(ExecProcess, ClosedStandardDescriptorsNeverBecomeTheJournal) {
  for (const int closed : {0, 1}) {
    const process_directory directory;
    auto options = exec_with({"--data", directory / "data"});
    options.closed = {closed};
    const auto result = run_process(cairn_program(), options, add_line("counter/a", 1) + "\n");
    EXPECT_EQ(result.status, 2);
    EXPECT_NE(
        result.errors.find(closed == 0 ? "cannot read standard input" : "cannot write replies"),
        std::string::npos)
        << result.errors;
    EXPECT_EQ(version_in(directory / "data", "counter/a"), closed == 0 ? "0" : "1");
  }
}

TEST(ExecProcess, AStoreThatFailsEndsInStatusTwo) {
  const process_directory directory;
  const std::string data = directory / "data";
  EXPECT_EQ(version_in(data, "counter/a"), "0"); // makes the journal's files
  std::string input;
  for (int i = 0; i < 5000; ++i) {
    input += add_line("counter/a", 1, R"(,"meta":{"why":")" + std::string(200, 'x') + "\"}") + "\n";
  }
  auto options = exec_with({"--data", data, "--concurrent", "10"});
  options.file_bytes_max = 128U << 10U;
  const auto result = run_process(cairn_program(), options, input);
  EXPECT_EQ(result.status, 2);
  ASSERT_EQ(result.lines.size(), 5000U) << "every line is replied to, also behind the failure";
  EXPECT_EQ(member_of(result.lines.back(), "/failed/error"), R"("store_failed")");
  EXPECT_EQ(member_of(result.lines.back(), "/failed/fate"), R"("not_written")");
  const auto accepted = accepted_versions(result.lines);
  EXPECT_GT(accepted, 0U);
  EXPECT_GE(std::stoul(version_in(data, "counter/a")), accepted);
}

TEST(ExecCommandLine, WhatIsCalledWronglyEndsInStatusTwoAndOneClearLine) {
  struct wrong_call {
    std::vector<std::string> arguments;
    std::string said;
  };
  for (const auto& [arguments, said] : std::vector<wrong_call>{
           {{"exce"}, "cairn: unknown command \"exce\"; the commands are: exec types "},
           {{"--bogus"}, "cairn: The following argument was not expected: --bogus"},
           {{"exec"}, "cairn exec: --data DIR (or --memory) is required"},
           {{"exec", "--data", "x", "--memory"}, "cairn exec: --"},
           {{"exec", "--memory", "--concurrent", "0"}, "cairn exec: --concurrent:"},
           {{"exec", "--memory", "--concurrent", "65537"}, "cairn exec: --concurrent:"},
           {{"exec", "--memory", "--concurrent", "x"}, "cairn exec: "},
           {{"exec", "--data", "x", "--durability", "maybe"}, "cairn exec: --durability:"},
           {{"exec", "--memory", "more"},
            "cairn exec: The following argument was not expected: more"},
           {{"types", "--yaml"}, "cairn types: The following argument was not expected: --yaml"},
       }) {
    process_options options;
    options.arguments = arguments;
    const auto result = run_process(cairn_program(), options);
    EXPECT_EQ(result.status, 2) << said;
    EXPECT_TRUE(result.lines.empty()) << said;
    EXPECT_TRUE(result.errors.starts_with(said)) << result.errors;
    EXPECT_NE(result.errors.find("--help"), std::string::npos) << result.errors;
    EXPECT_EQ(std::count(result.errors.begin(), result.errors.end(), '\n'), 1) << result.errors;
  }
}

TEST(ExecCommandLine, HelpHasExamplesAndVersionIsOneLine) {
  for (const auto& arguments :
       std::vector<std::vector<std::string>>{{"--help"}, {"exec", "--help"}, {"types", "--help"}}) {
    process_options options;
    options.arguments = arguments;
    const auto result = run_process(cairn_program(), options);
    EXPECT_EQ(result.status, 0);
    EXPECT_EQ(result.errors, "");
    EXPECT_NE(joined(result.lines).find("Examples:"), std::string::npos) << joined(result.lines);
  }
  process_options options;
  options.arguments = {"--version"};
  const auto version = run_process(cairn_program(), options);
  EXPECT_EQ(version.status, 0);
  ASSERT_EQ(version.lines.size(), 1U);
  EXPECT_TRUE(version.lines[0].starts_with("cairn ")) << version.lines[0];
}

TEST(ExecCommandLine, WithoutACommandItShowsItsHelp) {
  const auto result = run_process(cairn_program(), {});
  EXPECT_EQ(result.status, 2);
  EXPECT_NE(result.errors.find("Usage:"), std::string::npos);
}
