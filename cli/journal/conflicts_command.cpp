#include <cairn/journal.hpp>

#include "cli/commands.hpp"
#include "cli/journal/conflicts_report.hpp"
#include "cli/journal/tools.hpp"

#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cairn::cli {

namespace {

constexpr auto conflicts_help = R"(
Reads the log of refused commands that `cairn exec --record-refusals BYTES`, or a program with
world_options::refusal_bytes_max, keeps beside the journal; beside a live program too, and never writing.
A client is the `principal` of a command's meta. The log is bounded: the oldest refusals may be gone.

Exit status: 0, 2 when there is no journal or the log cannot be read.

Examples:
  cairn conflicts --data data
  cairn conflicts --data data --top 3 --since 2026-05-31T18:00:00Z --json
)";

constexpr std::size_t top_max = 100'000;

struct conflicts_options {
  std::string data;
  std::string since;
  std::string until;
  std::size_t top = 10;
  bool json = false;
};

exit_status run_conflicts(const CLI::App* command, const conflicts_options& options) {
  end_at_once_on_signals();
  const auto since = parse_iso_time(options.since).value_or(INT64_MIN);
  const auto until = parse_iso_time(options.until).value_or(INT64_MAX);
  conflicts_report report;
  bool found = false;
  std::vector<std::string> notices;
  const auto read = read_refusals(
      options.data,
      [&](const refusal& refused) {
        if (refused.time_us >= since && refused.time_us <= until) report.add(refused);
      },
      found, notices);
  if (!read.ok()) return conclude(command, read);
  if (!found) {
    status failure;
    if (open_to_read(options.data, failure) == nullptr) return conclude(command, failure);
    complain(command, options.data +
                          " has no log of refusals; `cairn exec --record-refusals "
                          "BYTES` or world_options::refusal_bytes_max has one kept");
  }
  for (const auto& notice : notices) complain(command, notice);
  std::cout << (options.json ? report.as_json(options.top) + '\n' : report.as_text(options.top));
  std::cout.flush();
  return std::cout.good() ? exit_good : exit_not_started;
}

} // namespace

void add_conflicts_command(CLI::App& program, session& session) {
  auto options = std::make_shared<conflicts_options>();
  auto* command = program.add_subcommand("conflicts", "Show which refused commands contend most");
  command->add_option("--data", options->data, "The journal's directory")
      ->type_name("DIR")
      ->required();
  command->add_option("--top", options->top, "So many of each; default 10")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{1}, top_max));
  command->add_option("--since", options->since, "Refused at this time or later, in UTC")
      ->type_name("TIME")
      ->check(&check_time);
  command->add_option("--until", options->until, "Refused at this time or before, in UTC")
      ->type_name("TIME")
      ->check(&check_time);
  command->add_flag("--json", options->json, "One JSON object");
  command->footer(conflicts_help);
  command->callback([=, &session] { session.status = run_conflicts(command, *options); });
}

} // namespace cairn::cli
