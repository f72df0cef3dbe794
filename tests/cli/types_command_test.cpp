// `cairn types`, and the commands as a library for types of another program.
#include <cairn/cairn.hpp>
#include <cairn/cli.hpp>

#include "tests/cli/exec_dialogue.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iostream>
#include <sstream>

namespace {

struct ship {
  std::int64_t fuel = 0;
  struct burn {
    std::int64_t amount = 0;
    std::optional<std::string> reason;
  };
  struct burnt {
    std::int64_t amount = 0;
  };
  cairn::decision<cairn::replies<std::int64_t>, burnt> decide(const burn& command) const {
    return {burnt{command.amount}, cairn::reply{fuel - command.amount}};
  }
  void apply(const burnt& event) { fuel -= event.amount; }
  using entity =
      cairn::entity<"ship", cairn::commands<burn>, cairn::events<cairn::named<"burnt", burnt, 3>>,
                    cairn::require_expectation, cairn::ids_remembered<7>,
                    cairn::snapshot_changes<0>, cairn::commutes<burn, burn>, cairn::merge_window<9>,
                    cairn::lease_ms_max<0>, cairn::record_commands>;
};

/// Runs a command in this process, with `ship` for a type; returns what it wrote to `std::cout`.
std::string run_here(std::vector<std::string> arguments, std::optional<int>& status) {
  std::vector<char*> argv;
  for (auto& argument : arguments) argv.push_back(argument.data());
  const std::ostringstream captured;
  auto* const before = std::cout.rdbuf(captured.rdbuf());
  status = cairn::cli::run_command<ship>(static_cast<int>(argv.size()), argv.data());
  std::cout.rdbuf(before);
  return captured.str();
}

} // namespace

TEST(TypesCommand, ShowsCommandsEventsAndPolicies) {
  process_options options;
  options.arguments = {"types", "--json"};
  const auto result = run_process(cairn_program(), options);
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(
      joined(result.lines),
      R"({"type":"address","commands":[{"name":"change_state","args":{"state":""},"replies":false,"depends_on":["state"],"merge":false,"commutes_with":[]},)"
      R"({"name":"change_county","args":{"county":""},"replies":false,"depends_on":["county"],"merge":false,"commutes_with":[]},)"
      R"({"name":"move","args":{"state":"","county":""},"replies":false,"depends_on":["state","county"],"merge":false,"commutes_with":[]}],)"
      R"("events":[{"name":"state_changed","schema":1,"touches":["state"]},{"name":"county_changed","schema":1,"touches":["county"]},{"name":"moved","schema":1,"touches":["state","county"]}],)"
      R"("expectation":"allowed","aspects":["state","county"],"ids_remembered":128,"snapshot_changes":100,"merge_window":1024,"lease_ms_max":600000,"records_commands":false,"reads_leniently":false,"check_versions":true})"
      "\n"
      R"({"type":"counter","commands":[{"name":"add","args":{"n":0},"replies":false,"merge":false,"commutes_with":[]},{"name":"set","args":{"value":0},"replies":false,"merge":false,"commutes_with":[]}],)"
      R"("events":[{"name":"added","schema":1},{"name":"value_set","schema":1}],)"
      R"("expectation":"allowed","aspects":[],"ids_remembered":128,"snapshot_changes":100,"merge_window":1024,"lease_ms_max":600000,"records_commands":false,"reads_leniently":false,"check_versions":true})"
      "\n");
}

TEST(TypesCommand, ForPeopleItShowsTheSame) {
  process_options options;
  options.arguments = {"types"};
  const auto result = run_process(cairn_program(), options);
  EXPECT_EQ(result.status, 0);
  const auto text = joined(result.lines);
  for (const std::string shown :
       {"counter\n", "    add {\"n\":0}\n", "    added, schema 1\n", "expectation: allowed\n",
        "every 100 changes\n", "aspects: none\n", "aspects: state, county\n",
        "depends on state, county\n", "    county_changed, schema 1, touches county\n",
        "longest lease: 600000 ms\n", "commands recorded: no\n", "world_options::check_versions"}) {
    EXPECT_NE(text.find(shown), std::string::npos) << shown << text;
  }
}

TEST(RunCommand, ServesTheTypesOfAnyProgram) {
  std::optional<int> status;
  EXPECT_EQ(
      run_here({"fleet", "types", "--json"}, status),
      R"({"type":"ship","commands":[{"name":"burn","args":{"amount":0},"replies":true,"merge":false,"commutes_with":["burn"]}],)"
      R"("events":[{"name":"burnt","schema":3}],"expectation":"required","aspects":[],"ids_remembered":7,"snapshot_changes":0,"merge_window":9,"lease_ms_max":0,"records_commands":true,"reads_leniently":false,"check_versions":true})"
      "\n");
  EXPECT_EQ(status, 0);
}

TEST(TypesCommand, ChecksThemAgainstAGoldenFile) {
  const process_directory scratch;
  const std::string file = scratch / "types.golden.json";
  std::optional<int> status;
  EXPECT_EQ(run_here({"fleet", "types", "--write", file}, status), "");
  EXPECT_EQ(status, 0);
  EXPECT_EQ(run_here({"fleet", "types", "--check", file}, status), "");
  EXPECT_EQ(status, 0);

  std::ostringstream kept;
  kept << std::ifstream(file).rdbuf();
  std::string text = kept.str();
  const auto at = text.find("\"burnt\"");
  ASSERT_NE(at, std::string::npos) << text;
  std::ofstream(file) << text.replace(at, 7, "\"spent\"");
  EXPECT_EQ(
      run_here({"fleet", "types", "--check", file, "--json"}, status),
      R"({"type":"ship","what":"event \"spent\"","was":"schema 3 {amount:i64;}","is":"",)"
      R"("cure":"alias","advice":"if it is \"burnt\" now, keep its name: cairn::named<\"spent\", burnt> in cairn::events"})"
      "\n"
      R"({"type":"ship","what":"event \"burnt\"","was":"","is":"schema 3 {amount:i64;}","cure":"accept","advice":"it is new"})"
      "\n");
  EXPECT_EQ(status, 1);
  EXPECT_EQ(run_here({"fleet", "types", "--check", scratch / "none"}, status), "");
  EXPECT_EQ(status, 2);
}

TEST(RunCommand, LeavesOtherArgumentsToTheProgram) {
  for (const auto& arguments :
       std::vector<std::vector<std::string>>{{"fleet"},
                                             {"fleet", "--help"},
                                             {"fleet", "--version"},
                                             {"fleet", "sail"},
                                             {"fleet", "--data", "types"}}) {
    std::optional<int> status = 7;
    EXPECT_EQ(run_here(arguments, status), "");
    EXPECT_EQ(status, std::nullopt);
  }
}

TEST(RunCommand, HelpOfACommandIsNamedAfterTheProgram) {
  std::optional<int> status;
  const auto help = run_here({"/usr/bin/fleet", "exec", "--help"}, status);
  EXPECT_EQ(status, 0);
  EXPECT_NE(help.find("fleet exec [OPTIONS]"), std::string::npos) << help;
}
