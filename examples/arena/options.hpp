#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace arena {

/// How the program ends.
enum class exit_status { holds = 0, refuted = 1, could_not_start = 2, interrupted = 130 };

/// What the program was asked to do.
struct options {
  std::string program;        ///< As it was called.
  std::string data;           ///< Never empty once parsed: a new directory where none was named.
  std::uint32_t seconds = 15; ///< 0: until Ctrl-C.
  std::uint32_t bots = 300;
  std::uint32_t think_ms = 20;
  std::uint64_t seed = 1;
  bool step = false;
  bool crash = false;
  bool live = false; ///< The figures of each second though standard error is no terminal.
  bool json = false;
  std::optional<std::uint16_t> metrics_port;
  std::uint32_t linger = 0; ///< Seconds for which the port stays open once all is settled.
};

/// Nothing: go on. Else the exit status; help or the error has been written.
std::optional<int> parse_options(int argc, char** argv, options& chosen);

} // namespace arena
