// A program that compares on an entity type of its own, which docs/compare.md shows.
#include "tests/support/process_child.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>
#include <string>

namespace cairn::compare {
namespace {

std::string text_of(const std::string& file) {
  std::ifstream from(file);
  return std::string(std::istreambuf_iterator<char>(from), {});
}

TEST(OwnSubject, TheProgramComparesUnderEachStrategyThatItsTypeAllows) {
  process_options options;
  options.arguments = {"--memory", "--seconds", "0.05", "--repetitions", "1", "--commands",
                       "200",      "--clients", "4",    "--json"};
  const auto ended = run_process(CAIRN_BINARY_DIR "/own_comparison", options);
  ASSERT_EQ(ended.status, 0) << ended.errors;
  ASSERT_EQ(ended.lines.size(), 1U);
  std::set<std::string> measured;
  const auto told = boost::json::parse(ended.lines.front());
  for (const auto& cell : told.at("cells").as_array()) {
    if (cell.at("simulated").as_bool()) continue;
    EXPECT_EQ(cell.at("error").as_string(), "");
    measured.insert(std::string(cell.at("strategy").as_string()));
  }
  // Selling commutes; nothing declares aspects.
  EXPECT_EQ(measured, (std::set<std::string>{"single-writer", "optimistic", "optimistic-informed",
                                             "merge", "lease", "store-optimistic", "overwrite"}));
}

TEST(OwnSubject, TheDocumentShowsTheProgram) {
  const auto document = text_of(CAIRN_SOURCE_DIR "/docs/compare.md");
  const auto start = document.find("```cpp\n");
  ASSERT_NE(start, std::string::npos);
  const auto code = document.substr(start + 7, document.find("```", start + 7) - start - 7);
  EXPECT_NE(text_of(CAIRN_SOURCE_DIR "/examples/own_comparison/main.cpp").find(code),
            std::string::npos);
}

} // namespace
} // namespace cairn::compare
