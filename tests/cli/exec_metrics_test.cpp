// The program watched from outside: metrics over HTTP agree with its replies while it runs, its log goes to standard
// error, and what is wrong with a port is said.

#include "tests/cli/exec_dialogue.hpp"
#include "tests/support/scrape.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
using cairn::testing::scrape;

/// Sockets that a process holds, by the number that the system's tables have.
std::set<std::string> sockets_of(pid_t process) {
  std::set<std::string> numbers;
  for (const auto& entry : fs::directory_iterator("/proc/" + std::to_string(process) + "/fd")) {
    std::error_code gone;
    const auto target = fs::read_symlink(entry.path(), gone).string();
    if (target.starts_with("socket:[")) {
      numbers.insert(target.substr(8, target.size() - 9));
    }
  }
  return numbers;
}

/// The port that a process listens on; 0: none.
std::uint16_t port_of(pid_t process) {
  const auto own = sockets_of(process);
  std::ifstream table("/proc/net/tcp");
  for (std::string line; std::getline(table, line);) {
    std::istringstream in(line);
    std::vector<std::string> words;
    for (std::string word; in >> word;) words.push_back(word);
    constexpr std::size_t local = 1;
    constexpr std::size_t state = 3;
    constexpr std::size_t number = 9;
    if (words.size() > number && words[state] == "0A" && own.contains(words[number])) {
      const auto& address = words[local];
      return static_cast<std::uint16_t>(
          std::stoul(address.substr(address.find(':') + 1), nullptr, 16));
    }
  }
  return 0;
}

/// The word that a reply begins with: `accepted`, `conflict`, …
std::string outcome_in(const std::string& reply) {
  return std::string(boost::json::parse(reply).as_object().begin()->key());
}

constexpr const char* conflict_line =
    R"({"do":"send","entity":"counter/a","command":"add","args":{"n":1},"expect":{"at":0}})";
constexpr const char* rejected_line =
    R"({"do":"send","entity":"counter/a","command":"add","args":{"n":-1000000}})";

} // namespace

TEST(ExecMetrics, AgreeWithTheRepliesWhileTheProgramRuns) {
  process_child program(cairn_program(), exec_with({"--metrics-port", "0"}));
  std::map<std::string, int> told;
  std::uint16_t port = 0;
  for (int round = 1; round <= 5; ++round) {
    for (int i = 0; i < 40; ++i) {
      const std::string line = i % 4 == 1   ? conflict_line
                               : i % 4 == 2 ? rejected_line
                                            : add_line("counter/a", 1);
      program.write(line + "\n");
      ++told[outcome_in(program.read_line().value_or(R"({"ended":0})"))];
    }
    port = port_of(program.pid());
    const auto seen = scrape(port);
    EXPECT_EQ(told["accepted"], 20 * round);
    for (const char* outcome : {"accepted", "conflict", "rejected"}) {
      EXPECT_EQ(
          seen["cairn_commands_total{type=\"counter\",outcome=\"" + std::string(outcome) + "\"}"],
          told[outcome]);
    }
    EXPECT_EQ(seen["cairn_conflicts_total{type=\"counter\",kind=\"stale\",of=\"command\"}"],
              told["conflict"]);
    EXPECT_EQ(seen["cairn_journal_position"], told["accepted"]);
    EXPECT_EQ(seen["cairn_batch_changes_sum"], told["accepted"]);
  }
  program.close_input();
  EXPECT_EQ(program.wait(), 0);
  EXPECT_EQ(program.errors(),
            "cairn exec: metrics on http://127.0.0.1:" + std::to_string(port) + "/metrics\n");
}

TEST(ExecMetrics, NoPortIsOpenUnlessAskedFor) {
  process_child program(cairn_program(), exec_with());
  program.write(add_line("counter/a", 1) + "\n");
  EXPECT_TRUE(program.read_line());
  EXPECT_EQ(port_of(program.pid()), 0);
  program.close_input();
  EXPECT_EQ(program.wait(), 0);
  EXPECT_EQ(program.errors(), "") << "and it says nothing";
}

TEST(ExecMetrics, APortThatIsTakenOrIsNoneIsRefused) {
  process_child first(cairn_program(), exec_with({"--metrics-port", "0"}));
  first.write(add_line("counter/a", 1) + "\n");
  EXPECT_TRUE(first.read_line());
  const auto port = std::to_string(port_of(first.pid()));
  const auto second = run_process(cairn_program(), exec_with({"--metrics-port", port}), "");
  EXPECT_EQ(second.status, 2);
  EXPECT_NE(second.errors.find("port " + port + " of 127.0.0.1"), std::string::npos)
      << second.errors;
  const auto none = run_process(cairn_program(), exec_with({"--metrics-port", "70000"}), "");
  EXPECT_EQ(none.status, 2);
  first.close_input();
  EXPECT_EQ(first.wait(), 0);
}

TEST(ExecMetrics, TheLogGoesToStandardErrorAtTheLevelThatWasAskedFor) {
  const auto run = [](const char* level) {
    const auto ended =
        run_process(cairn_program(), exec_with({"--log", level}), add_line("counter/a", 1) + "\n");
    EXPECT_EQ(ended.lines.size(), 1U) << "replies alone";
    std::vector<std::string> events;
    std::istringstream errors(ended.errors);
    for (std::string line; std::getline(errors, line);) events.push_back(member_of(line, "/event"));
    return events;
  };
  EXPECT_EQ(run("info"), (std::vector<std::string>{"\"opened\"", "\"closed\""}));
  EXPECT_TRUE(run("warning").empty());
  EXPECT_EQ(run_process(cairn_program(), exec_with({"--log", "loud"}), "").status, 2);
}
