#pragma once

#include <cairn/detail/tools/own_types.hpp>

#include <optional>
#include <vector>

namespace CLI { // NOLINT(readability-identifier-naming): CLI11 calls itself so
class App;
}

/// The command `cairn` as a library: a program gets all of it for its own entity types with one line.
namespace cairn::cli {

struct session;

/// A command that not every program has, since it brings libraries of its own: `cairn::cli::serve` (`cairn/gateway.hpp`).
using extension = void (*)(CLI::App& program, session& shared);

/// Runs `argv[1]` if it names one of the commands of `cairn` (`bench`, `compare`, `conflicts`, `exec`,
/// `journal`, `replay`, `resend`, `types`) or of `more`, for entities of these types. Nothing: it does not, and the
/// program goes on with its own arguments.
/// After:  the value is the exit status: 0 all went well, 1 something in the input was refused or a check
///         failed, 2 the program could not start, was called wrongly, or the store failed, 130 it was ended
///         cleanly by SIGINT or SIGTERM.
/// Thread: the main one; installs handlers for SIGINT and SIGTERM while it runs.
std::optional<int> run_command(int argc, char** argv, std::vector<const entity_type*> types,
                               const std::vector<extension>& more = {});

/// Each of `Types` is a state that is an entity, or `cairn::retired<"name">`: a type that the program once had.
template <class... Types>
std::optional<int> run_command(int argc, char** argv, const std::vector<extension>& more = {}) {
  return run_command(argc, argv, own_types<Types...>(), more);
}

/// What the program `cairn` itself is: `run_command`, or help.
int run(int argc, char** argv, std::vector<const entity_type*> types,
        const std::vector<extension>& more = {});

} // namespace cairn::cli
