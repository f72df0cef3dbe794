#pragma once

#include <cstddef>
#include <cstdint>
#include <istream>
#include <memory>
#include <optional>
#include <string>

namespace chess {

/// What the program was asked to do.
struct options {
  std::string pgn; ///< Or, when empty:
  std::uint64_t sample = 0;
  std::string data; ///< Empty: write the sample instead of playing it.
  std::size_t clients = 256;
  double impatient = 0;
  bool json = false;
};

/// Nothing: go on. Else the exit status; help or the error has been written.
std::optional<int> parse_options(int argc, char** argv, options& chosen);

/// The file or the sample. Throws what says why it cannot be read.
std::unique_ptr<std::istream> open_input(const options& chosen);

/// Size of the input; 0: not known.
std::uint64_t bytes_of(const options& chosen);

} // namespace chess
