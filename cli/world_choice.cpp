#include "cli/world_choice.hpp"

#include <cairn/cli.hpp>
#include <cairn/journal.hpp>

#include <CLI/CLI.hpp>

#include <iostream>
#include <string_view>
#include <utility>

namespace cairn::cli {

namespace {

/// Less would not hold a refusal of each kind; nobody reads more.
constexpr std::uint64_t refusal_bytes_min = 4'096;
constexpr std::uint64_t refusal_bytes_limit = std::uint64_t{1} << 40U;

log_level level_named(std::string_view name) {
  for (const auto level :
       {log_level::error, log_level::warning, log_level::info, log_level::debug}) {
    if (to_string(level) == name) return level;
  }
  return log_level::off;
}

/// Refuses a journal that is another program's, and says how to go on.
journal_source own_journal(journal_source source, const world_choice& choice,
                           const session& shared) {
  if (choice.new_types) return source;
  return [own = owned_by(std::move(source), shared.own_types()), where = choice.data] {
    try {
      return own();
    } catch (const startup_error& error) {
      if (error.code() != entity_errc::unknown_type) throw;
      throw startup_error(error.code(), where + ": " + error.message() +
                                            "; with --new-types it writes all the same");
    }
  };
}

} // namespace

world_options world_for(const world_choice& choice, const session& shared) {
  world_options made;
  if (!choice.memory) {
    rocksdb_options store;
    store.durability = choice.durability == "relaxed" ? durability::relaxed : durability::durable;
    made.journal = own_journal(rocksdb(choice.data, store), choice, shared);
    made.refusal_bytes_max = choice.refusal_bytes_max;
  }
  made.metrics_port = choice.metrics_port;
  made.log.level = level_named(choice.log);
  return made;
}

void begin_world(world& target, const session& shared, const std::string& command) {
  for (const auto* type : shared.types) target.host(*type);
  for (const auto& notice : target.journal().notices()) {
    std::cerr << command << ": " << notice << std::endl;
  }
  if (const auto port = target.metrics_port()) {
    std::cerr << command << ": metrics on http://127.0.0.1:" << *port << "/metrics" << std::endl;
  }
}

void check_world_options(const world_choice& choice) {
  if (!choice.memory && choice.data.empty()) throw CLI::RequiredError("--data DIR (or --memory)");
}

void add_world_options(CLI::App& command, world_choice& choice) {
  command.add_option("--data", choice.data, "The journal's directory; made when missing")
      ->type_name("DIR");
  command.add_flag("--memory", choice.memory, "Keep everything in memory, gone at the end")
      ->excludes("--data");
  command
      .add_option(
          "--durability", choice.durability,
          "durable (default): replies come after a sync, nothing is lost; relaxed: a system crash "
          "or power cut may lose the last 50 ms")
      ->type_name("MODE")
      ->check(CLI::IsMember({"durable", "relaxed"}))
      ->excludes("--memory");
  command
      .add_option("--record-refusals", choice.refusal_bytes_max,
                  "Keep a log of refused commands beside the journal, up to so many bytes, for "
                  "`cairn conflicts`; default: none")
      ->type_name("BYTES")
      ->check(CLI::Range(refusal_bytes_min, refusal_bytes_limit))
      ->excludes("--memory");
  command
      .add_option("--metrics-port", choice.metrics_port,
                  "Answer GET /metrics on this port of 127.0.0.1 for Prometheus; 0: any that is "
                  "free, standard error says which. Default: none")
      ->type_name("PORT")
      ->check(CLI::Range(0, 65'535));
  command
      .add_flag("--new-types", choice.new_types,
                "Write types that the journal does not hold, though it holds some that this "
                "program does not "
                "know")
      ->excludes("--memory");
  command
      .add_option("--log", choice.log,
                  "What the world writes to standard error, as JSON Lines: off (default), error, "
                  "warning, info or debug")
      ->type_name("LEVEL")
      ->check(CLI::IsMember({"off", "error", "warning", "info", "debug"}));
}

} // namespace cairn::cli
