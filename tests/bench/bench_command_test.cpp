// `cairn bench` as a program: what it writes and how it ends.
#include "tests/support/process_child.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace cairn::bench {
namespace {

process_options bench(const std::vector<std::string>& arguments) {
  process_options options;
  options.arguments = {"bench"};
  options.arguments.insert(options.arguments.end(), arguments.begin(), arguments.end());
  return options;
}

process_result run_bench(const std::vector<std::string>& arguments) {
  return run_process(CAIRN_BINARY_DIR "/cairn", bench(arguments));
}

boost::json::value report_of(const process_result& ended) {
  EXPECT_EQ(ended.lines.size(), 1U);
  return ended.lines.empty() ? boost::json::value() : boost::json::parse(ended.lines.front());
}

/// Every kind of benchmark that is quick, one round: each request must end as it should, or it fails.
TEST(BenchCommand, MeasuresWhatItNames) {
  process_directory directory;
  std::set<std::string> names;
  for (const char* only : {"uniform", "hot", "of_2", "merged", "duplicate", "conflict",
                           "slow_disk.16", "ceiling", "latency", "open.1e5", "replay", "load"}) {
    const auto ended = run_bench({"--quick", "--json", "--rounds", "1", "--seconds", "0.05",
                                  "--data", directory / "data", "--only", only});
    ASSERT_EQ(ended.status, 0) << only << ": " << ended.errors;
    const auto report = report_of(ended);
    EXPECT_TRUE(report.at("complete").as_bool());
    for (const auto& one : report.at("figures").as_array()) {
      names.emplace(one.at("name").as_string());
      if (one.at("unit").as_string() == "1/s" || one.at("unit").as_string() == "s") {
        EXPECT_GT(one.at("median").to_number<double>(), 0) << one.at("name");
      }
    }
  }
  for (const char* wanted : {"durable.uniform.commands_per_s",
                             "durable.uniform.cpu_us",
                             "durable.hot.commands_per_s",
                             "unchecked.uniform.commands_per_s",
                             "memory.uniform.commands_per_s",
                             "read.uniform.reads_per_s",
                             "transact.of_2.transactions_per_s",
                             "merged.commands_per_s",
                             "duplicate.commands_per_s",
                             "conflict.commands_per_s",
                             "durable.slow_disk.16.commands_per_s",
                             "ceiling.caf_requests_per_s",
                             "ceiling.store_changes_per_s",
                             "latency.half_load.p99_us",
                             "open.1e5.after_close_s",
                             "open.1e5.after_kill_s",
                             "ceiling.json_parse_per_s",
                             "replay.changes_per_s",
                             "load.entities_per_s",
                             "load.after_kill_entities_per_s",
                             "load.preloaded_entities_per_s"}) {
    EXPECT_TRUE(names.contains(wanted)) << wanted;
  }
  EXPECT_TRUE(std::filesystem::is_empty(directory / "data")) << "its journals are gone";
}

// An entity is an actor and more; measured in one process, the second would find the memory of the first.
TEST(BenchCommand, AnEntityTakesMoreMemoryThanABareActor) {
  process_directory directory;
  const auto ended = run_bench(
      {"--quick", "--json", "--data", directory / "data", "--only", "resident,nothing at all"});
  ASSERT_EQ(ended.status, 0) << ended.errors;
  const auto report = report_of(ended);
  const auto& figures = report.at("figures").as_array();
  ASSERT_EQ(figures.size(), 2U);
  EXPECT_EQ(figures[0].at("name").as_string(), "ceiling.bytes_per_bare_actor");
  EXPECT_EQ(figures[1].at("name").as_string(), "resident.bytes_per_entity");
  const double bare = figures[0].at("median").to_number<double>();
  EXPECT_GT(bare, 500);
  EXPECT_GT(figures[1].at("median").to_number<double>(), bare);
}

TEST(BenchCommand, AnInterruptionEndsItCleanlyWithWhatIsDone) {
  process_directory directory;
  process_child child(CAIRN_BINARY_DIR "/cairn",
                      bench({"--only", "durable.uniform", "--seconds", "60", "--json", "--data",
                             directory / "data"}));
  ASSERT_TRUE(process_eventually([&] {
    return std::filesystem::exists(directory / "data") &&
           !std::filesystem::is_empty(directory / "data");
  }));
  child.signal(SIGINT);
  process_result ended;
  ended.lines = child.converse("");
  EXPECT_EQ(child.wait(), 130) << child.errors();
  EXPECT_FALSE(report_of(ended).at("complete").as_bool());
  EXPECT_TRUE(std::filesystem::is_empty(directory / "data"));
}

TEST(BenchCommand, WhatIsWrongIsSaidWithStatusTwo) {
  for (const std::vector<std::string>& wrong :
       {std::vector<std::string>{"--only", "nothing at all"},
        {"--seconds", "0"},
        {"--rounds", "0"},
        {"--fast"},
        {"--only", "hot", "--data", "/proc/nowhere"}}) {
    const auto ended = run_bench(wrong);
    EXPECT_EQ(ended.status, 2) << wrong.front();
    EXPECT_FALSE(ended.errors.empty()) << wrong.front();
  }
}

} // namespace
} // namespace cairn::bench
