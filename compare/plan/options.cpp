#include "compare/plan/options.hpp"

#include "compare/plan/strategy.hpp"
#include "compare/stock_fields.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace cairn::compare {

namespace {

std::vector<std::string> preset_names() {
  std::vector<std::string> names;
  for (const auto& one : presets()) names.push_back(one.name);
  return names;
}

std::vector<std::string> strategy_names() {
  std::vector<std::string> names;
  for (const auto* one : all_strategies()) names.emplace_back(one->name());
  return names;
}

void declare_workload(CLI::App& program, command_options& options) {
  constexpr std::uint64_t entities_max = 10'000'000;
  constexpr std::uint64_t clients_max = 1'000'000;
  constexpr double theta_max = 1.2;
  constexpr double think_ms_max = 3'600'000; // an hour
  const auto declare = [&](const char* name, auto& into, const char* what, const char* unit) {
    return program.add_option(name, into, what)->type_name(unit)->group("Workload");
  };
  declare("--preset", options.preset, "What it resembles; the options below change single things",
          "NAME")
      ->check(CLI::IsMember(preset_names()));
  declare("--entities", options.entities, "How many there are", "N")
      ->check(CLI::Range(std::uint64_t{1}, entities_max));
  declare("--clients", options.clients, "How many act at once", "N")
      ->check(CLI::Range(std::uint64_t{1}, clients_max));
  declare("--theta", options.theta, "Skew, 0 (all alike) to 1.2", "X")
      ->check(CLI::Range(0.0, theta_max));
  declare("--think-ms", options.think_ms, "Mean time between seeing and sending", "MS")
      ->check(CLI::Range(0.0, think_ms_max));
  declare("--reads", options.read_share, "Share of plain reads, 0 to 1", "X")
      ->check(CLI::Range(0.0, 1.0));
  declare("--rate", options.rate_per_s, "Open loop: commands begun a second; 0: closed loop", "N")
      ->check(CLI::NonNegativeNumber);
  declare("--parts", options.parts, "Parts of an entity, of which a command changes one", "N")
      ->check(CLI::Range(1U, parts_max));
  declare("--state-bytes", options.state_bytes, "Payload of a state", "N")
      ->check(CLI::Range(0U, 500'000U));
  declare("--event-bytes", options.event_bytes, "Payload of an event", "N")
      ->check(CLI::Range(0U, 500'000U));
  declare("--seed", options.seed, "Of everything that is drawn", "N");
}

void declare_run(CLI::App& program, command_options& options) {
  auto& how = options.how;
  program.add_option("--strategy", how.strategies, "Only this one; may be given several times")
      ->type_name("NAME")
      ->check(CLI::IsMember(strategy_names()))
      ->group("Run");
  program
      .add_option_function<double>(
          "--seconds",
          [&options](const double& given) {
            options.how.seconds = given;
            options.seconds_given = true;
          },
          "Measured, of each repetition")
      ->type_name("N")
      ->check(CLI::Range(0.05, 3'600.0))
      ->group("Run");
  program.add_option("--repetitions", how.repetitions, "Of each cell, interleaved; default 3")
      ->type_name("N")
      ->check(CLI::Range(1U, 1'000U))
      ->group("Run");
  program.add_option("--attempts", how.attempts_max, "Of one command, before it is given up")
      ->type_name("N")
      ->check(CLI::Range(1U, 1'000'000'000U))
      ->group("Run");
  program.add_option("--commands", how.commands, "Accepted commands of a simulated cell")
      ->type_name("N")
      ->check(CLI::Range(std::uint64_t{100}, std::uint64_t{100'000'000}))
      ->group("Run");
  auto* data =
      program.add_option("--data", how.data, "Where the journals are made, for the time of a run")
          ->type_name("DIR")
          ->group("Run");
  program.add_flag("--memory", how.memory, "Journals in memory: nothing is synced")
      ->excludes(data)
      ->group("Run");
}

void declare_costs(CLI::App& program, command_options& options) {
  program.add_option("--cores", options.cores, "Cores of the simulated machine")
      ->type_name("N")
      ->check(CLI::Range(1U, 1'024U))
      ->group("Cost model");
  const auto declare = [&](const char* name, std::optional<double>& into, const char* what) {
    program.add_option(name, into, what)
        ->type_name("US")
        ->check(CLI::NonNegativeNumber)
        ->group("Cost model");
  };
  declare("--decide-us", options.decide_us, "A command at its entity");
  declare("--refuse-us", options.refuse_us, "A stale command");
  declare("--read-us", options.read_us, "A read at its entity");
  declare("--lease-us", options.lease_us, "Taking a lease, and letting it go, each");
  declare("--load-us", options.load_us, "Store's clients: the head and a copy of the state");
  declare("--fold-us", options.fold_us, "Store's clients: one change");
  declare("--commit-us", options.commit_us, "The committing thread, each change");
  declare("--batch-us", options.batch_us, "The committing thread, each batch");
  declare("--sync-us", options.sync_us, "The disk, each batch");
  declare("--round-trip-us", options.round_trip_us, "Between client and entity");
  program
      .add_flag("--lease-queue", options.lease_queue,
                "Who finds a lease taken waits in line, as for a database's lock")
      ->group("Cost model");
  program.add_flag("--constant-think", options.constant_think, "Think times are the mean itself")
      ->group("Cost model");
}

} // namespace

void declare_options(CLI::App& program, command_options& options) {
  program.add_flag(
      "--quick", options.quick,
      "Clients, skew and think time, measured and simulated, in less than two minutes");
  declare_workload(program, options);
  declare_run(program, options);
  declare_costs(program, options);
  const auto declare = [&](const char* name, std::string& into, const char* what) {
    return program.add_option(name, into, what)->type_name("FILE")->group("Output");
  };
  program.add_flag("--json", options.json, "Everything as one JSON object on standard output")
      ->group("Output");
  declare("--csv", options.csv, "A line for each repetition; - is the standard output");
  declare("--html", options.html, "A page with charts, self-contained");
}

workload workload_of(const command_options& options) {
  const auto& all = presets();
  workload made = *std::find_if(all.begin(), all.end(),
                                [&](const workload& one) { return one.name == options.preset; });
  made.entities = options.entities.value_or(made.entities);
  made.clients = options.clients.value_or(made.clients);
  made.theta = options.theta.value_or(made.theta);
  made.think_ms = options.think_ms.value_or(made.think_ms);
  made.read_share = options.read_share.value_or(made.read_share);
  made.rate_per_s = options.rate_per_s.value_or(made.rate_per_s);
  made.parts = options.parts.value_or(made.parts);
  made.state_bytes = options.state_bytes.value_or(made.state_bytes);
  made.event_bytes = options.event_bytes.value_or(made.event_bytes);
  made.seed = options.seed;
  return made;
}

cost_model costs_over(cost_model base, const command_options& options) {
  base.cores = options.cores.value_or(base.cores);
  base.decide_us = options.decide_us.value_or(base.decide_us);
  base.refuse_us = options.refuse_us.value_or(base.refuse_us);
  base.read_us = options.read_us.value_or(base.read_us);
  base.lease_us = options.lease_us.value_or(base.lease_us);
  base.load_us = options.load_us.value_or(base.load_us);
  base.fold_us = options.fold_us.value_or(base.fold_us);
  base.commit_us = options.commit_us.value_or(base.commit_us);
  base.batch_us = options.batch_us.value_or(base.batch_us);
  base.sync_us = options.sync_us.value_or(base.sync_us);
  base.round_trip_us = options.round_trip_us.value_or(base.round_trip_us);
  base.constant = options.constant_think;
  base.lease_queue = options.lease_queue;
  return base;
}

} // namespace cairn::compare
