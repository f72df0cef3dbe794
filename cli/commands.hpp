#pragma once

#include <cairn/entity_type.hpp>

#include <string_view>
#include <vector>

namespace CLI { // NOLINT(readability-identifier-naming): CLI11 calls itself so
class App;
}

namespace cairn::cli {

/// What all commands share. A command's `add_…` declares it on the program's command line and sets `status`
/// from its callback.
struct session {
  std::vector<const entity_type*> types;
  int status = 0; ///< exit status; see cairn/cli.hpp

  /// Null when the program does not know the type.
  const entity_type* find_type(std::string_view name) const noexcept;
};

void add_conflicts_command(CLI::App& program, session& session);
void add_compare_command(CLI::App& program, session& session);
void add_exec_command(CLI::App& program, session& session);
void add_journal_commands(CLI::App& program, session& session);
void add_replay_command(CLI::App& program, session& session);
void add_types_command(CLI::App& program, session& session);

/// True once SIGINT or SIGTERM has asked the program to end.
bool interrupted() noexcept;

} // namespace cairn::cli
