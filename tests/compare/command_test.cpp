#include "tests/support/process_child.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include <algorithm>
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
      "simulate", "--clients", "32",  "--theta", "0.9", "--entities", "500", "--think-ms",
      "2",        "--reads",   "0.2", "--seed",  "7",   "--json",     "-"};
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
               "--strategy", "single-writer", "--strategy", "overwrite", "--clients", "4", "--json",
               directory / "a.json", "--csv", directory / "a.csv", "--html", directory / "a.html"});
  EXPECT_EQ(ended.status, 0) << ended.errors;
  const auto text = [&](const char* name) {
    std::ifstream file(directory / name);
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  const auto cells = boost::json::parse(text("a.json")).at("cells").as_array();
  EXPECT_EQ(cells.size(), 4U); // measured and simulated
  EXPECT_NE(text("a.csv").find("overwrite,0,1,counter,1,4"), std::string::npos);
  EXPECT_NE(text("a.html").find("Chart.js v3"), std::string::npos);
  ASSERT_FALSE(ended.lines.empty());
  EXPECT_NE(ended.lines.front().find("counter: 4 clients on one entity"), std::string::npos);
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
                                                {"simulate", "--json", "/nonexistent/a.json"},
                                                {"another"}}) {
    const auto ended = compare(wrong);
    EXPECT_EQ(ended.status, 2) << wrong.front();
    EXPECT_NE(ended.errors, "") << wrong.front();
  }
  EXPECT_EQ(compare({"--help"}).status, 0);
}

} // namespace
} // namespace cairn::compare
