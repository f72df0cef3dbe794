#include <cairn/entity.hpp>
#include <cairn/journal.hpp>

#include "cli/journal/commands.hpp"
#include "cli/journal/output.hpp"
#include "cli/journal/tools.hpp"

#include <CLI/CLI.hpp>

#include <cerrno>
#include <fstream>
#include <iostream>

namespace cairn::cli {

namespace {

constexpr auto cat_help = R"(
A line has what `cairn journal export` writes: position, entity, version, time, events, command, ...
A position inside a unit stands for the unit's first.

Examples:
  cairn journal cat --data data --from 1000 --limit 10
  cairn journal cat --data data --entity counter/a
)";

constexpr auto export_help = R"(
One change a line with everything in it, payloads byte for byte: `cairn journal import` makes the same
changes from it, at the same positions; snapshots are left out. The last line holds the number of changes
and a hash of the lines, so that a part is never taken for the whole. The file appears when it is whole.

Example:
  cairn journal export --data data --out data.jsonl
)";

constexpr auto import_help = R"(
Reads what `cairn journal export` wrote and makes the same changes, at the same positions, in a
directory that does not exist or is empty. An error names line, member and reason, and leaves nothing
there; a program that is killed leaves DIR.unfinished. Lines that were cut or changed do not agree with the
export's last line and are refused; --no-end takes them, and those of older versions, which have none.
The new journal is one of its own: it has a lineage of its own (`cairn journal stat`).

Examples:
  cairn journal import --data copy data.jsonl
  zcat data.jsonl.gz | cairn journal import --data copy
)";

struct lines_options {
  std::string data;
  std::string file;
  export_selection selection;
  bool no_end = false;
};

exit_status write_lines(const CLI::App* command, const lines_options& options) {
  status failure;
  const auto source = open_to_read(options.data, failure);
  if (source == nullptr) return conclude(command, failure);
  line_output out(options.file);
  if (failure = out.open(); !failure.ok()) return conclude(command, failure);
  progress_line progress("exported");
  const bool shown = !options.file.empty(); // lines on the terminal are progress enough
  const auto total = source->end().next;
  const auto exported = export_journal(
      *source, options.selection, [&](std::string_view lines) { return out.write(lines); },
      [&](position_type done) {
        if (shown) progress.show(done, total);
      });
  if (!exported.ok()) return conclude(command, exported);
  return conclude(command, out.finish());
}

exit_status read_lines(const CLI::App* command, const lines_options& options) {
  end_at_once_on_signals();
  std::ios::sync_with_stdio(false); // or standard input is read byte by byte
  std::ifstream file;
  if (!options.file.empty()) {
    file.open(options.file, std::ios::binary);
    if (!file) {
      return conclude(command, {journal_errc::cannot_open,
                                options.file + ": " + std::generic_category().message(errno)});
    }
  }
  progress_line progress("imported");
  return conclude(command, import_directory(
                               options.file.empty() ? std::cin : file, options.data,
                               [&](position_type done) { progress.show(done); },
                               options.no_end ? export_end::ignored : export_end::required));
}

using action = exit_status (*)(const CLI::App*, const lines_options&);

std::shared_ptr<lines_options> add_command(CLI::App& journal, session& session, const char* name,
                                           const char* what, const char* help, action run) {
  auto options = std::make_shared<lines_options>();
  auto* command = journal.add_subcommand(name, what);
  command->add_option("--data", options->data, "The journal's directory")
      ->type_name("DIR")
      ->required();
  command->footer(help);
  command->callback([=, &session] { session.status = run(command, *options); });
  return options;
}

} // namespace

void add_journal_cat(CLI::App& journal, session& session) {
  auto options = add_command(journal, session, "cat", "Show changes, one JSON object a line",
                             cat_help, &write_lines);
  options->selection.end_line = false;
  auto* command = journal.get_subcommand("cat");
  command->add_option("--from", options->selection.from, "Begin at this position; default 0")
      ->type_name("POSITION")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--limit", options->selection.limit, "Show at most so many; default all")
      ->type_name("N")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--entity", options->selection.entity, "Show the changes of this entity only")
      ->type_name("TYPE/ID")
      ->check(&check_entity);
}

void add_journal_export(CLI::App& journal, session& session) {
  auto options = add_command(journal, session, "export", "Write all changes as JSON Lines",
                             export_help, &write_lines);
  journal.get_subcommand("export")
      ->add_option("--out", options->file, "Write into this file, not to standard output")
      ->type_name("FILE");
}

void add_journal_import(CLI::App& journal, session& session) {
  auto options = add_command(journal, session, "import", "Make a journal from exported lines",
                             import_help, &read_lines);
  auto* command = journal.get_subcommand("import");
  command->add_option("file", options->file, "The lines; default: standard input")
      ->type_name("FILE");
  command->add_flag("--no-end", options->no_end,
                    "Take lines without the end line, or other than it says");
}

} // namespace cairn::cli
