#include <cairn/cli.hpp>
#include <cairn/journal.hpp>

#include "cli/commands.hpp"
#include "cli/journal/output.hpp"
#include "cli/journal/tools.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <deque>
#include <iostream>

namespace cairn::cli {

namespace {

constexpr auto replay_help = R"(
Rebuilds states from the journal alone: all entities from the first change on, one entity from its newest
snapshot that fits. A position stands for the whole unit that it is in. With --verify every change is
replayed and every snapshot on the way compared; states are then shown with --json only.

Exit status: 0, 1 when replay and snapshots differ or the journal is damaged, 2 when it could not start.

Examples:
  cairn replay --data data --entity counter/a --version 3
  cairn replay --data data --time 2026-05-31T18:20:00Z --json
  cairn replay --data data --verify
  yourprogram replay --data data --verify --retired account
)";

constexpr std::size_t lines_bytes = 64 * 1024;
constexpr std::size_t shown_state_bytes = 100; // of each, where there are many

struct replay_options {
  std::string data;
  std::string entity;
  std::string time;
  std::vector<std::string> retired;
  version_type version = 0;
  position_type position = 0;
  CLI::Option* version_option = nullptr;
  CLI::Option* position_option = nullptr;
  bool verify = false;
  bool json = false;
};

replay_request request_of(const replay_options& options, const session& shared) {
  replay_request request;
  request.types = shared.types;
  request.types.insert(request.types.end(), shared.retired.begin(), shared.retired.end());
  request.entity = options.entity;
  if (options.version_option->count() > 0) request.version = options.version;
  if (options.position_option->count() > 0) request.position = options.position;
  if (!options.time.empty()) request.time_us = parse_iso_time(options.time);
  request.verify = options.verify;
  return request;
}

std::string json_line(const replayed_entity& shown) {
  return "{\"entity\":" + json_text(shown.entity) +
         ",\"version\":" + std::to_string(shown.version) +
         ",\"state\":" + (shown.state_json.empty() ? std::string("null") : shown.state_json) +
         (shown.problem.empty() ? "" : ",\"problem\":" + json_text(shown.problem)) + "}\n";
}

std::string shortened(const std::string& state) {
  if (state.size() <= shown_state_bytes) return state;
  std::size_t end = shown_state_bytes;
  while ((static_cast<unsigned char>(state[end]) & 0xC0U) == 0x80U) --end; // not inside a character
  return state.substr(0, end) + "...";
}

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

std::string human_line(const replayed_entity& shown, std::size_t width, bool whole) {
  const std::string state = shown.removed            ? "removed"
                            : shown.version == 0     ? "never existed"
                            : !shown.problem.empty() ? shown.problem
                            : whole                  ? shown.state_json
                                                     : shortened(shown.state_json);
  return padded(shown.entity, width) + "  version " + padded(std::to_string(shown.version), 4) +
         "  " + state + '\n';
}

bool show_entities(const replay_report& report, bool json, line_output& out) {
  std::size_t width = 0;
  for (const auto& next : report.entities) width = std::max(width, next.entity.size());
  width = std::min<std::size_t>(width, 40); // one long id should not push all states away
  std::string lines;
  for (const auto& next : report.entities) {
    lines += json ? json_line(next) : human_line(next, width, report.entities.size() == 1);
    if (lines.size() >= lines_bytes) {
      if (!out.write(lines)) return false;
      lines.clear();
    }
  }
  return out.write(lines);
}

std::string counted(std::uint64_t number, const char* one, const char* many) {
  return with_commas(number) + ' ' + (number == 1 ? one : many);
}

/// `3 entities after position 17, 18 changes replayed`
std::string summary(const replay_report& report) {
  return counted(report.entities.size(), "entity", "entities") +
         (report.end == 0 ? std::string(" before the first change")
                          : " after position " + with_commas(report.end - 1)) +
         ", " + counted(report.changes, "change", "changes") + " replayed" +
         (report.retired == 0 ? std::string("\n")
                              : ", " + counted(report.retired, "change", "changes") +
                                    " of retired types passed over\n");
}

std::string verdict(const replay_report& report) {
  std::string text = counted(report.compared, "snapshot", "snapshots") + " compared";
  if (report.skipped != 0)
    text += ", " + with_commas(report.skipped) + " of another shape of the state left out";
  return text + (report.divergence ? ": they differ\n" : ": all agree\n");
}

std::string divergence_text(const replay_divergence& found) {
  return "change " + std::to_string(found.position) + " (" + found.entity + " version " +
         std::to_string(found.version) +
         ") is the first after which the replay differs from the snapshot; the reason lies in "
         "versions " +
         std::to_string(found.agreed + 1) + " to " + std::to_string(found.version);
}

status run_request(const replay_options& options, const replay_request& request,
                   replay_report& report) {
  status failure;
  const auto source = open_to_read(options.data, failure);
  if (source == nullptr) return failure;
  progress_line progress("replayed");
  auto shown = request;
  shown.progress = [&](position_type done, position_type total) { progress.show(done, total); };
  return replay_journal(*source, shown, report);
}

exit_status show(const CLI::App* command, const replay_options& options,
                 const replay_report& report) {
  line_output out("");
  if (auto failure = out.open(); !failure.ok()) return conclude(command, failure);
  bool more = true;
  if (options.json || !options.verify) more = show_entities(report, options.json, out);
  if (more && !options.json && (options.entity.empty() || options.verify))
    more = out.write(summary(report));
  if (more && !options.json && options.verify) out.write(verdict(report));
  if (report.divergence) {
    complain(command, divergence_text(*report.divergence));
    return exit_refused;
  }
  return conclude(command, out.finish());
}

exit_status run_replay(const CLI::App* command, const replay_options& options,
                       const session& shared) {
  end_at_once_on_signals();
  auto request = request_of(options, shared);
  std::deque<entity_type> named; // descriptors stay where they are
  for (const auto& name : options.retired)
    request.types.push_back(&named.emplace_back(retired_type(name)));
  replay_report report;
  auto result = run_request(options, request, report);
  if (result.error == entity_errc::unknown_type) {
    result.message +=
        "; run the program that has it (`yourprogram replay ...`), or name an entity of "
        "another type with --entity; a type that the program once had it passes over with "
        "--retired";
  }
  if (!result.ok()) return conclude(command, result);
  if (request.position && report.end != *request.position + 1) {
    complain(command, "position " + std::to_string(*request.position) +
                          " lies inside a unit, which counts as a whole: replayed up to position " +
                          std::to_string(report.end - 1));
  }
  return show(command, options, report);
}

} // namespace

void add_replay_command(CLI::App& program, session& session) {
  auto options = std::make_shared<replay_options>();
  auto* command = program.add_subcommand("replay", "Rebuild states as they are or were");
  command->add_option("--data", options->data, "The journal's directory")
      ->type_name("DIR")
      ->required();
  auto* entity = command->add_option("--entity", options->entity, "This entity only; default all")
                     ->type_name("TYPE/ID")
                     ->check(&check_entity);
  options->version_option =
      command->add_option("--version", options->version, "After the change that made this version")
          ->type_name("V")
          ->check(CLI::NonNegativeNumber)
          ->needs(entity);
  options->position_option =
      command->add_option("--position", options->position, "After the change at this position")
          ->type_name("P")
          ->check(CLI::NonNegativeNumber)
          ->excludes(options->version_option);
  command->add_option("--time", options->time, "After all changes up to this time, in UTC")
      ->type_name("TIME")
      ->check(&check_time)
      ->excludes(options->version_option)
      ->excludes(options->position_option);
  command
      ->add_option("--retired", options->retired,
                   "Pass over changes of this type, which the program once had; may be repeated")
      ->type_name("TYPE");
  command->add_flag("--verify", options->verify, "Compare with every snapshot on the way");
  command->add_flag("--json", options->json,
                    "One JSON object a line, one line an entity, in byte order of its name");
  command->footer(replay_help);
  command->callback([=, &session] { session.status = run_replay(command, *options, session); });
}

} // namespace cairn::cli
