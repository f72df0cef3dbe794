#pragma once

#include "cli/commands.hpp"

namespace cairn::cli {

// The commands below `journal`; they need no entity types.
void add_journal_stat(CLI::App& journal, session& session);
void add_journal_verify(CLI::App& journal, session& session);
void add_journal_cat(CLI::App& journal, session& session);
void add_journal_export(CLI::App& journal, session& session);
void add_journal_import(CLI::App& journal, session& session);
void add_journal_agenda(CLI::App& journal, session& session);
void add_journal_backup(CLI::App& journal, session& session);

} // namespace cairn::cli
