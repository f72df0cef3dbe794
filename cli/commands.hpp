#pragma once

#include <cairn/entity.hpp>
#include <cairn/journal.hpp>

#include <functional>
#include <string>
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
  std::vector<const entity_type*> retired; ///< Those that the program says it once had.
  int status = 0;                          ///< exit status; see cairn/cli.hpp

  /// Null when the program does not know the type.
  const entity_type* find_type(std::string_view name) const noexcept;

  /// Both kinds: what the program says are its own.
  std::vector<const entity_type*> own_types() const;
};

/// What is wrong with an entity's key, for CLI11; empty: nothing.
inline std::string check_entity(const std::string& key) { return entity_key_problem(key); }

/// What is wrong with a time, for CLI11; empty: nothing.
inline std::string check_time(const std::string& text) {
  return parse_iso_time(text) ? "" : "expected a time like 2026-05-31T18:20:00Z";
}

/// A command that another library runs, with options of its own.
void add_leaf_command(CLI::App& program, session& session, const char* name, const char* what,
                      std::function<int(int, const char* const*)> run);

void add_bench_command(CLI::App& program, session& session);
void add_conflicts_command(CLI::App& program, session& session);
void add_compare_command(CLI::App& program, session& session);
void add_exec_command(CLI::App& program, session& session);
void add_journal_commands(CLI::App& program, session& session);
void add_replay_command(CLI::App& program, session& session);
void add_resend_command(CLI::App& program, session& session);
void add_types_command(CLI::App& program, session& session);

/// Exit status of a command that SIGINT or SIGTERM has asked to end, and that has ended cleanly.
inline constexpr int exit_interrupted = 130;

/// True once SIGINT or SIGTERM has asked the program to end.
bool interrupted() noexcept;

} // namespace cairn::cli
