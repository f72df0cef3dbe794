#include <cairn/journal.hpp>

#include "cli/journal/commands.hpp"
#include "cli/journal/tools.hpp"

#include <CLI/CLI.hpp>

#include <iostream>

namespace cairn::cli {

namespace {

constexpr auto verify_help = R"(
Reads everything: positions and versions without gaps, units whole, previous positions, times, bodies,
payloads, heads, snapshots and their hashes. Names the first damage. Whether replaying the events gives
the snapshots' states, `replay --verify` of the program with the entity types tells.

Exit status: 0 the journal is good, 1 it is damaged, 2 it could not be opened.

Example:
  cairn journal verify --data data
)";

struct verify_options {
  std::string data;
  bool json = false;
};

std::string as_json(const verify_report& report, const status& result) {
  std::string out = result.ok() ? R"({"good":true)" : R"({"good":false,"error":)";
  if (!result.ok()) {
    out += json_text(error_word(result.error));
    out += ",\"message\":" + json_text(result.message);
  }
  const std::pair<const char*, std::uint64_t> counts[] = {
      {"changes", report.changes},     {"units", report.units},
      {"events", report.events},       {"payload_bytes", report.payload_bytes},
      {"entities", report.entities},   {"removed", report.removed},
      {"snapshots", report.snapshots}, {"states", report.states}};
  for (const auto& [name, count] : counts)
    out.append(",\"").append(name).append("\":").append(std::to_string(count));
  return out + '}';
}

void print(const verify_report& report) {
  std::cout << "checked: " << with_commas(report.changes) << " changes in "
            << with_commas(report.units) << " units, " << with_commas(report.events) << " events, "
            << with_commas(report.payload_bytes) << " bytes of JSON\n         "
            << with_commas(report.entities) << " entities (" << with_commas(report.removed)
            << " removed) and their heads, " << with_commas(report.snapshots) << " snapshots ("
            << with_commas(report.states) << " with a state)\n";
}

status verify(const std::string& directory, verify_report& report,
              std::vector<std::string>& notices) {
  status failure;
  const auto source = open_to_read(directory, failure);
  if (source == nullptr) return failure;
  notices = source->notices();
  const auto total = source->end().next;
  progress_line progress("verified");
  return verify_journal(*source, report, [&](position_type done) { progress.show(done, total); });
}

exit_status run_verify(const CLI::App* command, const verify_options& options) {
  end_at_once_on_signals();
  verify_report report;
  std::vector<std::string> notices;
  const auto result = verify(options.data, report, notices);
  for (const auto& notice : notices) complain(command, notice);
  if (exit_status_of(result) == exit_not_started) return conclude(command, result);
  if (options.json) {
    std::cout << as_json(report, result) << std::endl;
    return exit_status_of(result);
  }
  print(report);
  if (result.ok()) std::cout << "the journal is good" << std::endl;
  std::cout.flush();
  return conclude(command, result);
}

} // namespace

void add_journal_verify(CLI::App& journal, session& session) {
  auto options = std::make_shared<verify_options>();
  auto* command = journal.add_subcommand("verify", "Check everything that the bytes can show");
  command->add_option("--data", options->data, "The journal's directory")
      ->type_name("DIR")
      ->required();
  command->add_flag("--json", options->json, "One JSON object");
  command->footer(verify_help);
  command->callback([=, &session] { session.status = run_verify(command, *options); });
}

} // namespace cairn::cli
