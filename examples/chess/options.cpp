#include "options.hpp"

#include "report.hpp"
#include "sample.hpp"

#include <CLI/CLI.hpp>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <system_error>

namespace chess {

namespace {

// A world takes 65,536 requests in flight, and 16,384 at one entity, unless told otherwise; when
// all games of a round end with the same player, twice as many as games reach one entity.
constexpr std::size_t clients_max = 8'192;
constexpr std::uint64_t sample_max = 1'000'000;

constexpr const char* description =
    R"(Plays the games of a PGN file on Cairn, each move with the ply that its player has seen, and
proves in the end that the journal gives back what was served. Ended at any moment, by Ctrl-C or a
kill, and started again on the same directory, it goes on and comes to the same end.)";

constexpr const char* footer = R"(
A game is the entity game/ID, ID being the end of its tag Site if that is an address, else the
game's number in the file. A malformed game is reported and left out.

And, with these entity types, the commands of cairn:
  chess journal verify --data DIR        chess replay --data DIR [--entity game/ID]
  chess journal stat --data DIR          chess exec --data DIR

Exit status: 0 all went well; 1 the proof failed or a game could not be played; 2 it could not
start, or the journal failed; 130 ended by Ctrl-C or SIGTERM.)";

} // namespace

std::optional<int> parse_options(int argc, char** argv, options& chosen) {
  CLI::App app(description, "chess");
  app.footer(footer);
  auto* const pgn = app.add_option("--pgn", chosen.pgn, "The games to play")->type_name("FILE");
  app.add_option("--sample", chosen.sample,
                 "Play N made-up games, legal but pointless; without --data, write them as PGN")
      ->type_name("N")
      ->check(CLI::Range(std::uint64_t{1}, sample_max))
      ->excludes(pgn);
  app.add_option("--data", chosen.data, "Where the journal is; made when missing")
      ->type_name("DIR");
  app.add_option("--clients", chosen.clients, "Games at once")
      ->type_name("N")
      ->capture_default_str()
      ->check(CLI::Range(std::size_t{1}, clients_max));
  app.add_option("--impatient", chosen.impatient, "Share of the moves to send twice at once")
      ->type_name("P")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 1.0));
  app.add_flag("--json", chosen.json, "Write all figures as one JSON object");
  try {
    app.parse(argc, argv);
    if (chosen.pgn.empty() && chosen.sample == 0) {
      throw CLI::RequiredError("--pgn FILE or --sample N");
    }
    if (!chosen.pgn.empty() && chosen.data.empty()) {
      throw CLI::RequiredError("--data DIR");
    }
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : static_cast<int>(exit_status::could_not_start);
  }
  return std::nullopt;
}

std::unique_ptr<std::istream> open_input(const options& chosen) {
  if (chosen.pgn.empty()) {
    auto sample = std::make_unique<std::stringstream>();
    write_sample(*sample, chosen.sample);
    return sample;
  }
  std::error_code ignored;
  if (std::filesystem::is_directory(chosen.pgn, ignored)) {
    throw std::runtime_error(chosen.pgn + " is a directory, not a PGN file");
  }
  auto file = std::make_unique<std::ifstream>(chosen.pgn, std::ios::binary);
  if (!*file) {
    throw std::runtime_error(chosen.pgn + ": " + std::generic_category().message(errno));
  }
  return file;
}

std::uint64_t bytes_of(const options& chosen) {
  std::error_code unknown;
  const auto size = std::filesystem::file_size(chosen.pgn, unknown);
  return unknown ? 0 : size;
}

} // namespace chess
