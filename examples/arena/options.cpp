#include "options.hpp"

#include <CLI/CLI.hpp>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>

namespace arena {

namespace {

// All bots may be waiting at one entity, whose mailbox takes 16,384 requests unless told otherwise.
constexpr std::uint32_t bots_max = 10'000;
constexpr std::uint32_t think_ms_max = 60'000;

constexpr const char* description =
    R"(A small world on Cairn: players dig ore, carry it, sell it on markets, buy it and build with it, and some
hundred bots play them, each acting on what it has seen, which may be out of date by then. In the end
the program reopens its journal and proves from it that nothing was lost, made, or sold twice.)";

constexpr const char* footer = R"(
Started again on the same directory it goes on from there, also after --crash or a kill.

And, with these entity types, the commands of cairn:
  arena journal verify --data DIR        arena replay --data DIR [--entity player/bot-00007]
  arena journal stat --data DIR          arena types

Exit status: 0 the proof holds; 1 it does not; 2 it was called wrongly, could not start, or the journal
failed; 130 the proof holds after Ctrl-C or SIGTERM. --crash ends with SIGKILL.)";

std::string new_directory() {
  auto made = (std::filesystem::temp_directory_path() / "arena-XXXXXX").string();
  if (::mkdtemp(made.data()) == nullptr) {
    throw std::runtime_error("cannot make a directory like " + made);
  }
  return made;
}

} // namespace

std::optional<int> parse_options(int argc, char** argv, options& chosen) {
  CLI::App app(description, "arena");
  app.footer(footer);
  chosen.program = argv[0];
  app.add_option("--data", chosen.data,
                 "Where the journal is; made when missing (default: a new one in /tmp)")
      ->type_name("DIR");
  app.add_option("--seconds", chosen.seconds, "How long, by the world's clock; 0: until Ctrl-C")
      ->type_name("N")
      ->capture_default_str();
  app.add_option("--bots", chosen.bots, "Players, one bot each")
      ->type_name("N")
      ->capture_default_str()
      ->check(CLI::Range(std::uint32_t{1}, bots_max));
  auto* const think =
      app.add_option("--think", chosen.think_ms,
                     "How long a bot thinks before it does something, give or take a half")
          ->type_name("MS")
          ->capture_default_str()
          ->check(CLI::Range(std::uint32_t{0}, think_ms_max));
  app.add_option("--seed", chosen.seed, "Of the bots' choices")
      ->type_name("N")
      ->capture_default_str();
  auto* const step =
      app.add_flag("--step", chosen.step,
                   "One bot after the other, on a clock that is stepped: the same seed on a new "
                   "directory gives the same journal to the byte")
          ->excludes(think);
  auto* const crash =
      app.add_flag("--crash", chosen.crash, "End with SIGKILL on itself, in full flight")
          ->excludes(step);
  app.add_flag("--live", chosen.live,
               "Figures of each second on standard error, even if it is no terminal");
  app.add_flag("--json", chosen.json, "Write the report as one JSON object")->excludes(crash);
  auto* const port =
      app.add_option("--metrics-port", chosen.metrics_port,
                     "Answer Prometheus on this port of 127.0.0.1; 0: any that is free")
          ->type_name("N");
  app.add_option(
         "--linger", chosen.linger,
         "Keep that port open for so long once the bots have stopped and all has settled, so "
         "that the last figures are seen")
      ->type_name("SECONDS")
      ->check(CLI::Range(std::uint32_t{0}, std::uint32_t{3'600}))
      ->needs(port);
  try {
    app.parse(argc, argv);
    if (chosen.crash && chosen.seconds == 0) {
      throw CLI::ValidationError("--crash", "needs --seconds to say when");
    }
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : static_cast<int>(exit_status::could_not_start);
  }
  if (chosen.data.empty()) {
    chosen.data = new_directory();
  }
  return std::nullopt;
}

} // namespace arena
