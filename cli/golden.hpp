#pragma once

#include "cli/commands.hpp"

#include <string>

namespace cairn::cli {

/// `types --write FILE`: the golden file of the program's types.
int write_golden(const CLI::App* command, const session& session, const std::string& file);

/// `types --check FILE`: what differs between the golden file and the program.
int check_golden(const CLI::App* command, const session& session, const std::string& file,
                 bool as_json);

} // namespace cairn::cli
