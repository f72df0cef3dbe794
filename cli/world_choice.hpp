#pragma once

#include <cairn/world.hpp>

#include "cli/commands.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace cairn::cli {

/// The world that a command runs, as its options say it.
struct world_choice {
  std::string data;
  bool memory = false;
  std::string durability = "durable";
  std::uint64_t refusal_bytes_max = 0;
  std::optional<std::uint16_t> metrics_port;
  std::string log = "off";
  bool new_types = false;
};

/// Declares the options; `choice` outlives the command.
void add_world_options(CLI::App& command, world_choice& choice);

/// Errors: throws what CLI11 shows when neither a journal nor memory was chosen.
void check_world_options(const world_choice& choice);

/// Refuses a journal that is another program's, and says how to go on.
world_options world_for(const world_choice& choice, const session& shared);

/// Hosts the program's types, and says on standard error, as `command`, what the journal has noticed.
void begin_world(world& target, const session& shared, const std::string& command);

} // namespace cairn::cli
