#include <cairn/journal.hpp>

#include "cli/journal/commands.hpp"
#include "cli/journal/tools.hpp"

#include <CLI/CLI.hpp>

#include <iostream>

namespace cairn::cli {

namespace {

constexpr auto backup_help = R"(
Copies all that is committed when it starts, changes and snapshots, into a new journal in a directory
that does not exist or is empty; beside a live program too. The copy appears when it is whole.

Example:
  cairn journal backup --data data --to backup-monday
)";

struct backup_options {
  std::string data;
  std::string to;
};

exit_status run_backup(const CLI::App* command, const backup_options& options) {
  end_at_once_on_signals();
  status failure;
  const auto source = open_to_read(options.data, failure);
  if (source == nullptr) return conclude(command, failure);
  const auto total = source->end().next;
  status copied;
  {
    progress_line progress("copied");
    copied = backup_directory(*source, options.to,
                              [&](position_type done) { progress.show(done, total); });
  }
  if (copied.ok())
    std::cout << with_commas(total) << " changes copied to " << options.to << std::endl;
  return conclude(command, copied);
}

} // namespace

void add_journal_backup(CLI::App& journal, session& session) {
  auto options = std::make_shared<backup_options>();
  auto* command = journal.add_subcommand("backup", "Copy a journal");
  command->add_option("--data", options->data, "The journal's directory")
      ->type_name("DIR")
      ->required();
  command->add_option("--to", options->to, "The directory of the copy")
      ->type_name("DIR")
      ->required();
  command->footer(backup_help);
  command->callback([=, &session] { session.status = run_backup(command, *options); });
}

} // namespace cairn::cli
