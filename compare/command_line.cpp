#include <cairn/compare.hpp>

#include "compare/plan/options.hpp"
#include "compare/plan/plan.hpp"
#include "compare/plan/strategy.hpp"
#include "compare/report/answer.hpp"
#include "compare/report/output.hpp"
#include "compare/report/terminal.hpp"
#include "compare/trace/command.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <iostream>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

namespace cairn::compare {

namespace {

constexpr auto help_text = R"(
Exit status: 0 all went well; 1 the accounts of a cell do not balance; 130 it was interrupted; 2 called
wrongly, or something could not be read or written.

Examples:
  cairn compare --quick --html compare.html
  cairn compare --preset inventory --clients 200
  cairn compare simulate --clients 10000 --entities 1000 --cores 64 --sync-us 2000 --think-ms 5
  cairn compare trace friendsforever.json.gz
)";

/// One call of the command line.
class command {
public:
  command(const subject& on, command_options& options) : on_(&on), options_(&options) {
    made_.version = CAIRN_VERSION;
    made_.machine = describe_machine();
    for (const auto* one : all_strategies()) {
      made_.strategies.push_back({std::string(one->name()), std::string(one->what()),
                                  one->decides_on_seen(), one->loses_updates(),
                                  one->needs_parts()});
    }
  }

  report& made() noexcept { return made_; }

  void compare_workload() {
    begin("workload");
    const std::vector<workload> one{workload_of(*options_)};
    run_measured(one);
    run_simulated(one);
    finish();
  }

  void compare_plan(const char* kind, const plan& asked) {
    if (!options_->seconds_given) {
      options_->how.seconds = asked.seconds;
      options_->how.warm_up_s = asked.seconds / 3;
    }
    options_->how.budget_s = asked.budget_s;
    begin(kind);
    run_measured(asked.measured);
    if (!interrupted()) made_.check = measure_check(*on_, asked.check_pairs, options_->how);
    // Of a whole map a part of the commands shows as much.
    options_->how.commands = std::min<std::uint64_t>(options_->how.commands, map_commands);
    run_simulated(asked.simulated);
    finish();
  }

  void simulate_only() {
    made_.kind = "simulate";
    made_.costs = costs_over(
        options_->measure_costs ? measure_costs(*on_, options_->how) : cost_model{}, *options_);
    made_.cells = simulate({workload_of(*options_)}, made_.costs, options_->how);
    // Nothing of this machine and moment: the same arguments give the same bytes.
    made_.machine = "simulated";
    finish();
  }

  void check_only() {
    begin("check");
    made_.check = measure_check(*on_, options_->pairs, options_->how);
    finish();
  }

private:
  static constexpr std::uint64_t map_commands = 4'000;

  bool interrupted() const { return options_->how.interrupted && options_->how.interrupted(); }

  void begin(const char* kind) {
    made_.kind = kind;
    made_.time = current_time();
    made_.journal = describe_journal(options_->how);
    made_.seconds = options_->how.seconds;
    made_.repetitions = options_->how.repetitions;
  }

  void run_measured(const std::vector<workload>& loads) {
    made_.costs = costs_over(measure_costs(*on_, options_->how), *options_);
    std::vector<double> shares;
    options_->how.cpu_share = [&shares](double share) { shares.push_back(share); };
    made_.cells = measure(*on_, loads, options_->how);
    options_->how.cpu_share = nullptr;
    made_.load = judge_load(std::move(shares));
  }

  void run_simulated(const std::vector<workload>& loads) {
    if (interrupted()) return;
    auto simulated = simulate(loads, made_.costs, options_->how);
    made_.cells.insert(made_.cells.end(), std::make_move_iterator(simulated.begin()),
                       std::make_move_iterator(simulated.end()));
  }

  void finish() {
    made_.complete = !interrupted();
    made_.answer = make_answer(made_.cells, made_.load);
  }

  const subject* on_;
  command_options* options_;
  report made_;
};

/// Writes the report to wherever it was asked for. Errors: 2.
int write(const report& made, const command_options& options) {
  int worst = 0;
  const auto put = [&](const std::string& to, const auto& text_of) {
    if (!to.empty() && !write_text(to, text_of(made))) worst = 2;
  };
  put(options.csv, to_csv);
  put(options.html, to_html);
  if (options.json) {
    put("-", to_json);
  } else if (options.csv != "-" && options.html != "-") {
    put("-", to_table);
  }
  if (worst != 0) return worst;
  if (!made.complete) return exit_interrupted;
  const bool good = std::all_of(made.cells.begin(), made.cells.end(),
                                [](const cell& one) { return one.error.empty(); });
  return good && made.check.error.empty() ? 0 : 1;
}

/// Errors: 2.
int replay_trace(const command_options& options) {
  if (!options.html.empty() || options.quick || !options.how.strategies.empty()) {
    std::cerr
        << "compare trace: a session runs under every strategy that applies, and is written as a "
           "table, with --json or with --csv; --html, --quick and --strategy are not for it"
        << std::endl;
    return 2;
  }
  return run_trace(options.trace, options.json, options.csv, options.how.interrupted);
}

} // namespace

int run(int argc, const char* const* argv, const subject& on, std::function<bool()> interrupted) {
  command_options options;
  CLI::App program("Single writer against optimistic checks and others, on one runtime and store",
                   "compare");
  program.footer(help_text);
  declare_options(program, options);
  auto* sweep =
      program.add_subcommand("sweep", "The full comparison, presets included")->fallthrough();
  auto* simulated =
      program.add_subcommand("simulate", "A workload in simulated time only")->fallthrough();
  simulated->add_flag("--measure-costs", options.measure_costs,
                      "The cost model of this machine rather than the stated one");
  auto* check = program.add_subcommand("check", "What checking a version costs")->fallthrough();
  check->add_option("--pairs", options.pairs, "Interleaved pairs of runs; default 20")
      ->type_name("N")
      ->check(CLI::Range(2U, 1'000U));
  auto* trace = program.add_subcommand("trace", "Recorded concurrent editing")->fallthrough();
  trace
      ->add_option("FILE", options.trace,
                   "As of github.com/josephg/editing-traces, .json or .json.gz")
      ->required();
  program.require_subcommand(0, 1);
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return program.exit(error) == 0 ? 0 : 2;
  }
  std::optional<signals_ask> signals;
  if (!interrupted) {
    signals.emplace();
    interrupted = &signals_ask::asked;
  }
  progress_line shown;
  options.how.interrupted = std::move(interrupted);
  options.how.progress = [&](std::string_view text) { shown.show(text); };

  if (trace->parsed()) return replay_trace(options);
  command asked(on, options);
  asked.made().command = command_text(argc, argv);
  if (simulated->parsed()) {
    asked.simulate_only();
  } else if (check->parsed()) {
    asked.check_only();
  } else if (sweep->parsed()) {
    asked.compare_plan("sweep", sweep_plan(options.seed));
  } else if (options.quick) {
    asked.compare_plan("quick", quick_plan(options.seed));
  } else {
    asked.compare_workload();
  }
  shown.end();
  return write(asked.made(), options);
}

} // namespace cairn::compare
