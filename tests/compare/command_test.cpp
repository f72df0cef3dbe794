#include "tests/support/process_child.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace cairn::compare {
namespace {

process_result compare(std::vector<std::string> arguments) {
  process_options options;
  options.arguments = {"compare"};
  options.arguments.insert(options.arguments.end(), arguments.begin(), arguments.end());
  return run_process(CAIRN_BINARY_DIR "/cairn", options);
}

TEST(CompareCommand, TheSameSimulationGivesTheSameBytes) {
  const std::vector<std::string> asked{
      "simulate",   "--clients", "32",      "--theta", "0.9",    "--entities", "500",
      "--think-ms", "2",         "--reads", "0.2",     "--seed", "7",          "--json"};
  const auto first = compare(asked);
  EXPECT_EQ(first.status, 0) << first.errors;
  ASSERT_FALSE(first.lines.empty());
  EXPECT_EQ(first.lines, compare(asked).lines);
  auto other = asked;
  *(std::find(other.begin(), other.end(), "--seed") + 1) = "8";
  EXPECT_NE(first.lines, compare(other).lines);
}

TEST(CompareCommand, WritesEveryFormAtOnce) {
  process_directory directory;
  const auto ended =
      compare({"--memory", "--seconds", "0.05", "--repetitions", "1", "--commands", "200",
               "--strategy", "single-writer", "--strategy", "overwrite", "--clients", "4", "--csv",
               directory / "a.csv", "--html", directory / "a.html"});
  EXPECT_EQ(ended.status, 0) << ended.errors;
  const auto text = [&](const char* name) {
    std::ifstream file(directory / name);
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  EXPECT_NE(text("a.csv").find("overwrite,1,1,counter,1,4"), std::string::npos);
  EXPECT_NE(text("a.csv").find("overwrite,0,1,counter,1,4"), std::string::npos);
  EXPECT_NE(text("a.html").find("Chart.js v3"), std::string::npos);
  ASSERT_FALSE(ended.lines.empty());
  EXPECT_NE(ended.lines.front().find("counter: 4 clients on one entity"), std::string::npos);
}

// `--json` is a flag and goes to standard output, as in every other command.
TEST(CompareCommand, WritesJsonToStandardOutputBesideFiles) {
  process_directory directory;
  const auto ended = compare({"--memory", "--seconds", "0.05", "--repetitions", "1", "--commands",
                              "200", "--strategy", "single-writer", "--strategy", "overwrite",
                              "--clients", "4", "--json", "--csv", directory / "a.csv"});
  EXPECT_EQ(ended.status, 0) << ended.errors;
  std::string text;
  for (const auto& line : ended.lines) text += line + "\n";
  EXPECT_EQ(boost::json::parse(text).at("cells").as_array().size(), 4U); // measured and simulated
  EXPECT_TRUE(std::filesystem::exists(directory / "a.csv"));
}

TEST(CompareCommand, AnInterruptionEndsItCleanlyWithWhatIsDone) {
  process_options options;
  options.arguments = {"compare", "--memory", "--seconds", "600", "--json"};
  process_child child(CAIRN_BINARY_DIR "/cairn", options);
  ASSERT_TRUE(process_eventually([&] { return process_handles_interrupt(child); }));
  child.signal(SIGINT);
  std::string text;
  for (const auto& line : child.converse("")) text += line + "\n";
  EXPECT_EQ(child.wait(), 130) << child.errors();
  EXPECT_FALSE(boost::json::parse(text).at("complete").as_bool());
}

TEST(CompareCommand, WhatIsWrongIsSaidWithStatusTwo) {
  for (const std::vector<std::string>& wrong : {std::vector<std::string>{"--preset", "nothing"},
                                                {"--theta", "1.3"},
                                                {"--strategy", "luck"},
                                                {"simulate", "--cores", "0"},
                                                {"trace"},
                                                {"trace", "any.json", "--html", "page.html"},
                                                {"trace", "any.json", "--strategy", "lease"},
                                                {"trace", "/nonexistent.json.gz"},
                                                {"simulate", "--csv", "/nonexistent/a.csv"},
                                                {"simulate", "--json", "a.json"},
                                                {"another"}}) {
    const auto ended = compare(wrong);
    EXPECT_EQ(ended.status, 2) << wrong.front();
    EXPECT_NE(ended.errors, "") << wrong.front();
  }
  EXPECT_EQ(compare({"--help"}).status, 0);
}

} // namespace
} // namespace cairn::compare
