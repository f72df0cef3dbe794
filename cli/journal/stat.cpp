#include <cairn/journal.hpp>

#include "cli/journal/commands.hpp"
#include "cli/journal/tools.hpp"

#include <CLI/CLI.hpp>

#include <filesystem>
#include <iomanip>
#include <iostream>

namespace cairn::cli {

namespace {

constexpr auto stat_help = R"(
Examples:
  cairn journal stat --data data
  cairn journal stat --data data --json
)";

struct stat_options {
  std::string data;
  bool json = false;
};

/// Files may come and go beside a live program: those that are gone count nothing.
std::uint64_t bytes_on_disk(const std::string& directory) {
  namespace fs = std::filesystem;
  std::uint64_t bytes = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator next(directory, error); !error && next != fs::end(next);
       next.increment(error)) {
    std::error_code gone;
    const auto size = next->is_regular_file(gone) ? next->file_size(gone) : 0;
    bytes += gone ? 0 : size;
  }
  return bytes;
}

std::string optional_time(const journal_summary& summary, std::int64_t time_us) {
  return summary.changes == 0 ? "null" : json_text(iso_time(time_us));
}

/// `"lineage":L,"ancestors":[{"lineage":L,"from":P,"to":P},...]`, oldest first.
std::string lineages_json(const std::vector<lineage_part>& parts) {
  if (parts.empty()) return R"("lineage":null,"ancestors":[])";
  std::string out = "\"lineage\":" + json_text(parts.back().lineage.text()) + ",\"ancestors\":[";
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    if (i > 0) out += ',';
    out += "{\"lineage\":" + json_text(parts[i].lineage.text()) +
           ",\"from\":" + std::to_string(parts[i].from) +
           ",\"to\":" + std::to_string(parts[i + 1].from) + '}';
  }
  return out + ']';
}

std::string as_json(const journal_summary& summary, std::uint64_t bytes,
                    const std::vector<std::string>& notices) {
  std::string out = "{\"format\":" + json_text(summary.format);
  out += ",\"changes\":" + std::to_string(summary.changes) + ",\"types\":{";
  for (const auto& [name, type] : summary.types) {
    if (out.back() != '{') out += ',';
    out += json_text(name) + ":{\"live\":" + std::to_string(type.live) +
           ",\"removed\":" + std::to_string(type.removed) + '}';
  }
  out += "},\"first_time\":" + optional_time(summary, summary.first_time_us);
  out += ",\"last_time\":" + optional_time(summary, summary.last_time_us);
  out += ",\"snapshots\":" + std::to_string(summary.snapshots);
  out += ",\"bytes\":" + std::to_string(bytes);
  out += ",\"change_bytes\":" + std::to_string(summary.body_bytes);
  out += ",\"snapshot_bytes\":" + std::to_string(summary.snapshot_bytes);
  out += ',' + lineages_json(summary.lineages) + ",\"notices\":[";
  for (const auto& notice : notices) {
    if (out.back() != '[') out += ',';
    out += json_text(notice);
  }
  return out + "]}";
}

void print_row(const std::string& name, const std::string& value) {
  constexpr int names_width = 12;
  std::cout << std::left << std::setw(names_width) << name << ' ' << value << '\n';
}

void print(const journal_summary& summary, std::uint64_t bytes,
           const std::vector<std::string>& notices) {
  print_row("format", summary.format);
  const auto& parts = summary.lineages;
  print_row("lineage",
            parts.empty() ? "none, until it is next written to" : parts.back().lineage.text());
  for (auto part = parts.rbegin(); part != parts.rend() && part + 1 != parts.rend(); ++part) {
    print_row("", "from position " + with_commas(part->from) + ", before that " +
                      (part + 1)->lineage.text());
  }
  print_row("changes", with_commas(summary.changes));
  if (summary.changes != 0) {
    print_row("first", iso_time(summary.first_time_us));
    print_row("last", iso_time(summary.last_time_us));
  }
  print_row("on disk", with_commas(bytes) + " bytes");
  print_row("changes take", with_commas(summary.body_bytes) + " bytes");
  print_row("snapshots",
            with_commas(summary.snapshots) + ", " + with_commas(summary.snapshot_bytes) + " bytes");
  print_row("entities", summary.types.empty() ? "none" : "");
  for (const auto& [name, type] : summary.types) {
    print_row("  " + name,
              with_commas(type.live) + " live, " + with_commas(type.removed) + " removed");
  }
  for (const auto& notice : notices) print_row("notice", notice);
}

exit_status run_stat(const CLI::App* command, const stat_options& options) {
  end_at_once_on_signals();
  status failure;
  const auto source = open_to_read(options.data, failure);
  if (source == nullptr) return conclude(command, failure);
  journal_summary summary;
  if (failure = summarize_journal(*source, summary); !failure.ok())
    return conclude(command, failure);
  const auto bytes = bytes_on_disk(options.data);
  if (options.json) {
    std::cout << as_json(summary, bytes, source->notices()) << '\n';
  } else {
    print(summary, bytes, source->notices());
  }
  std::cout.flush();
  return std::cout.good() ? exit_good : exit_not_started;
}

} // namespace

void add_journal_stat(CLI::App& journal, session& session) {
  auto options = std::make_shared<stat_options>();
  auto* command = journal.add_subcommand("stat", "Count what is in a journal");
  command->add_option("--data", options->data, "The journal's directory")
      ->type_name("DIR")
      ->required();
  command->add_flag("--json", options->json, "One JSON object");
  command->footer(stat_help);
  command->callback([=, &session] { session.status = run_stat(command, *options); });
}

} // namespace cairn::cli
