// `history` from a place in the journal: a position and the lineage that it is of.

#include "tests/cli/exec_dialogue.hpp"
#include "tests/cli/journal_program.hpp"
#include "tests/support/journal_support.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace {

using cairn::testing::run_shell;
using cairn::testing::temporary_directory;
using cairn::testing::write_file;

constexpr const char* unknown_lineage = "00112233445566778899aabbccddeeff";

std::string from(const std::string& position, const std::string& lineage) {
  return R"({"do":"history","entity":"counter/a","limit":2,"from":{"position":)" + position +
         ",\"lineage\":\"" + lineage + "\"}}\n";
}

TEST(ExecHistory, GoesOnAtAPositionOfItsLineage) {
  const temporary_directory directory;
  const auto exec = [&](const std::string& requests) {
    write_file(directory.path() / "requests", requests);
    const auto done = run_shell(directory.path(), "cairn exec --data data <requests");
    EXPECT_EQ(done.status, 0) << done.err;
    std::vector<std::string> replies;
    std::istringstream in(done.out);
    for (std::string line; std::getline(in, line);) replies.push_back(line);
    return replies;
  };
  exec(add_line("counter/a", 1) + "\n" + add_line("counter/b", 1) + "\n" +
       add_line("counter/a", 1) + "\n" + add_line("counter/a", 1) + "\n");
  const auto stat = run_shell(directory.path(), "cairn journal stat --json --data data").out;
  const auto lineage = member_of(stat, "/lineage").substr(1, 32);
  const auto replies = exec(from("0", lineage) + from("1", lineage) + from("3", lineage) +
                            from("4", lineage) + from("5", lineage) + from("0", unknown_lineage));
  ASSERT_EQ(replies.size(), 6U);
  const auto versions = [&](std::size_t reply) {
    return member_of(replies[reply], "/changes/0/version") + ' ' +
           member_of(replies[reply], "/changes/1/version") + ' ' +
           member_of(replies[reply], "/more");
  };
  EXPECT_EQ(versions(0), "1 2 true");
  EXPECT_EQ(versions(1), "2 3 false");
  EXPECT_EQ(versions(2), "3  false");
  EXPECT_EQ(replies[3], R"({"changes":[],"more":false})");
  for (std::size_t refused : {4U, 5U})
    EXPECT_EQ(without_messages(replies[refused]),
              R"({"failed":{"error":"ahead","fate":"not_written","message":"M"}})");
}

TEST(ExecHistory, AFormThatIsNoneIsInvalid) {
  const std::string start = R"({"ref":1,"do":"history","entity":"counter/a","from":)";
  const std::string lineage = std::string("\"lineage\":\"") + unknown_lineage + "\"";
  expect_invalid({
      {start + "{" + lineage + "}}", "from.position"},
      {start + "{\"position\":1}}", "from.lineage"},
      {start + "{\"position\":-1," + lineage + "}}", "from.position"},
      {start + R"({"position":1,"lineage":"00"}})", "from.lineage"},
      {start + "{\"position\":1,\"x\":1," + lineage + "}}", "from.x"},
      {start + "{}}", "from.position"},
  });
}

} // namespace
