#include "cli/journal/commands.hpp"

#include <CLI/CLI.hpp>

namespace cairn::cli {

namespace {

constexpr auto journal_help = R"(
None of them needs the program's entity types. stat, cat, verify, agenda, export and backup only read and
work beside a live program; import makes a new journal.

Exit status: 0 all is well, 1 something in the journal or the input is damaged, 2 it could not start.

Example:
  cairn journal export --data data --out data.jsonl && cairn journal import --data copy data.jsonl
)";

} // namespace

void add_journal_commands(CLI::App& program, session& session) {
  auto* journal = program.add_subcommand("journal", "Look into, check, copy and convert a journal");
  journal->require_subcommand(1);
  journal->footer(journal_help);
  add_journal_stat(*journal, session);
  add_journal_cat(*journal, session);
  add_journal_verify(*journal, session);
  add_journal_export(*journal, session);
  add_journal_import(*journal, session);
  add_journal_agenda(*journal, session);
  add_journal_backup(*journal, session);
}

} // namespace cairn::cli
