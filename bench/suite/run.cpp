#include <cairn/bench.hpp>
#include <cairn/compare.hpp>

#include "bench/suite/apart.hpp"
#include "bench/suite/ceiling_actor.hpp"
#include "bench/suite/cold.hpp"
#include "bench/suite/commands.hpp"
#include "bench/suite/figures.hpp"
#include "bench/suite/journals.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cairn::bench {

namespace {

constexpr auto help_text =
    R"(Every figure is the median of interleaved rounds, and what counts are the ratios: to bare CAF, to
the store alone, to bare parsing, measured in the same rounds. docs/performance.md explains each.

Exit status: 0 done; 1 a run failed; 2 called wrongly, or nothing could be written; 130 interrupted.

Examples:
  cairn bench --quick
  cairn bench --json > figures.json
  cairn bench --only durable --seconds 3 --rounds 5
)";

constexpr std::size_t usual_entities = 10'000;
constexpr std::size_t usual_in_flight = 4'096;

/// Exit status of who was asked to end by a signal and has.
constexpr int status_interrupted = 130;

struct options {
  bool json = false;
  bool quick = false;
  std::vector<std::string> only;
  std::string data;
  double seconds = 1;
  std::uint32_t rounds = 3;
};

/// One thing to measure; adds one sample of each of its figures. `once`: it takes long and varies little.
struct benchmark {
  std::string name;
  bool once;
  std::function<void(report&, const conditions&)> run;
};

void add_load(std::vector<benchmark>& all, const std::string& name, const char* what,
              const world_load& load) {
  all.push_back(
      {name, false, [name, what, load](report& to, const conditions& how) {
         const auto found = run_load(load, how);
         add_sample(to, name + "." + what + "_per_s", "1/s", found.done.per_s);
         add_sample(to, name + ".cpu_us", "us CPU each", found.done.cpu_us_each);
         if (allocations_so_far != nullptr) {
           add_sample(to, name + ".allocations", "allocations each", found.done.allocations_each);
         }
         if (found.changes_per_batch > 0 && !load.memory) {
           add_sample(to, name + ".changes_per_batch", "changes", found.changes_per_batch);
         }
       }});
}

void add_ceilings(std::vector<benchmark>& all) {
  all.push_back({"ceiling.caf", false, [](report& to, const conditions& how) {
                   const auto found = caf_requests(usual_in_flight, usual_entities, how);
                   add_sample(to, "ceiling.caf_requests_per_s", "1/s", found.per_s);
                   add_sample(to, "ceiling.caf_cpu_us", "us CPU each", found.cpu_us_each);
                 }});
  all.push_back({"ceiling.store", false, [](report& to, const conditions& how) {
                   // Batches as large as the commands of this round made them; 1,000 where none ran.
                   const auto* batches = find(to, "durable.uniform.changes_per_batch");
                   const double size = batches != nullptr ? batches->samples.back() : 1'000;
                   add_sample(
                       to, "ceiling.store_changes_per_s", "1/s",
                       store_changes_per_s(static_cast<std::size_t>(std::max(size, 1.0)), how));
                 }});
}

void add_loads(std::vector<benchmark>& all) {
  using namespace std::chrono_literals;
  const world_load usual{way::checked, usual_entities, usual_in_flight, false, {}};
  auto load = usual;
  add_load(all, "durable.uniform", "commands", load);
  load.entities = 1;
  add_load(all, "durable.hot", "commands", load);
  load = usual;
  load.what = way::unchecked;
  add_load(all, "unchecked.uniform", "commands", load);
  load = usual;
  load.memory = true;
  add_load(all, "memory.uniform", "commands", load);
  load = usual;
  load.what = way::reads;
  add_load(all, "read.uniform", "reads", load);
  load.what = way::transactions;
  add_load(all, "transact.of_2", "transactions", load);
  load.what = way::merged;
  add_load(all, "merged", "commands", load);
  load.what = way::duplicates;
  add_load(all, "duplicate", "commands", load);
  load.what = way::conflicts;
  add_load(all, "conflict", "commands", load);
  for (const std::size_t in_flight : {16, 256, 4'096}) {
    load = usual;
    load.in_flight = in_flight;
    load.sync_us = 5ms;
    add_load(all, fmt::format("durable.slow_disk.{}", in_flight), "commands", load);
  }
}

void add_latency(std::vector<benchmark>& all) {
  all.push_back({"latency", false, [](report& to, const conditions& how) {
                   const auto* uniform = find(to, "durable.uniform.commands_per_s");
                   const double full =
                       uniform != nullptr ? uniform->samples.back() : run_load({}, how).done.per_s;
                   const auto found = run_open_loop(full / 2, usual_entities, how);
                   add_sample(to, "latency.half_load.p50_us", "us", found.p50);
                   add_sample(to, "latency.half_load.p99_us", "us", found.p99);
                   add_sample(to, "latency.half_load.p999_us", "us", found.p999);
                 }});
}

void add_journals(std::vector<benchmark>& all, bool quick) {
  const std::uint64_t replayed = quick ? 200'000 : 1'000'000;
  all.push_back({"replay", false, [replayed](report& to, const conditions& how) {
                   const auto found = replay(replayed, how);
                   add_sample(to, "ceiling.json_parse_per_s", "1/s", found.parsed_per_s);
                   add_sample(to, "replay.changes_per_s", "1/s", found.changes_per_s);
                 }});
  const auto add_opening = [&all](const char* name, std::uint64_t changes, bool once) {
    all.push_back(
        {fmt::format("open.{}", name), once, [name, changes](report& to, const conditions& how) {
           const auto found = open_again(changes, how);
           add_sample(to, fmt::format("open.{}.after_close_s", name), "s", found.after_close_s);
           add_sample(to, fmt::format("open.{}.after_kill_s", name), "s", found.after_kill_s);
         }});
  };
  add_opening("1e5", 100'000, false);
  add_opening("1e6", 1'000'000, quick);
  if (!quick) add_opening("1e7", 10'000'000, true);
}

void add_cold(std::vector<benchmark>& all, bool quick) {
  constexpr std::size_t changes_each = 195; // between two of the snapshots that changes make
  const std::size_t entities = quick ? 2'000 : usual_entities;
  all.push_back({"load", quick, [entities](report& to, const conditions& how) {
                   const auto found = load_cold(entities, changes_each, how);
                   add_sample(to, "load.entities_per_s", "1/s", found.closed_per_s);
                   add_sample(to, "load.after_kill_entities_per_s", "1/s", found.killed_per_s);
                   add_sample(to, "load.preloaded_entities_per_s", "1/s", found.preloaded_per_s);
                 }});
}

void add_memory(std::vector<benchmark>& all, bool quick) {
  const std::size_t entities = quick ? 100'000 : 1'000'000;
  all.push_back({"resident", true, [entities](report& to, const conditions& how) {
                   // Each in a process of its own: what one gives back, the other would find as if it took nothing.
                   add_sample(to, "ceiling.bytes_per_bare_actor", "bytes",
                              apart([entities] { return bytes_per_bare_actor(entities); }));
                   add_sample(to, "resident.bytes_per_entity", "bytes",
                              apart([entities, &how] { return bytes_per_entity(entities, how); }));
                 }});
}

void add_curve(std::vector<benchmark>& all) {
  for (const std::size_t entities : {100, 1'000, 10'000, 100'000, 1'000'000}) {
    for (const std::size_t in_flight : {1, 16, 256, 4'096, 16'384}) {
      add_load(all, fmt::format("curve.{}_entities.{}_in_flight", entities, in_flight), "commands",
               {way::unchecked, entities, in_flight, false, {}});
      all.back().once = true;
    }
  }
}

void add_check(std::vector<benchmark>& all, bool quick) {
  const std::uint32_t pairs = quick ? 5 : 20;
  all.push_back({"check", true, [pairs](report& to, const conditions& how) {
                   compare::settings settings;
                   settings.seconds = 1;
                   settings.warm_up_s = 0.1;
                   settings.data = how.data;
                   settings.interrupted = how.interrupted;
                   const auto found =
                       compare::measure_check(compare::built_in_subject(), pairs, settings);
                   if (how.interrupted && how.interrupted()) throw interruption{};
                   if (found.pairs < 2)
                     throw std::runtime_error("the check's cost: " + found.error);
                   add_sample(to, "check.cpu_difference", "share", found.difference);
                   add_sample(to, "check.cpu_upper_bound_95", "share", found.upper_bound_95);
                 }});
}

std::vector<benchmark> make_plan(const options& asked, report& told) {
  std::vector<benchmark> all;
  add_loads(all);
  add_ceilings(all);
  add_latency(all);
  add_journals(all, asked.quick);
  add_cold(all, asked.quick);
  if (asked.quick && asked.only.empty()) {
    told.left_out = {"opening 10^7 changes", "loading 10,000 entities (2,000 were loaded)",
                     "the curve over entities and commands in flight",
                     "10^6 resident entities (10^5 were measured)",
                     "20 pairs for the cost of the check (5 were run)"};
  }
  add_check(all, asked.quick);
  if (!asked.quick) add_curve(all);
  // First: a process with threads cannot take a copy of itself.
  std::vector<benchmark> ordered;
  add_memory(ordered, asked.quick);
  for (auto& one : all) ordered.push_back(std::move(one));
  std::erase_if(ordered, [&asked](const benchmark& one) {
    return !asked.only.empty() &&
           std::none_of(asked.only.begin(), asked.only.end(), [&one](const std::string& part) {
             return one.name.find(part) != std::string::npos;
           });
  });
  return ordered;
}

/// Runs round after round, each benchmark once a round. False: one failed, which was said.
bool run_plan(const std::vector<benchmark>& plan, const options& asked, const conditions& how,
              report& made) {
  try {
    for (std::uint32_t round = 0; round < asked.rounds; ++round) {
      for (const auto& one : plan) {
        if (one.once && round > 0) continue;
        std::fprintf(stderr, "round %u of %u: %s\n", round + 1, asked.rounds, one.name.c_str());
        one.run(made, how);
      }
    }
  } catch (const interruption&) {
    made.complete = false;
  } catch (const std::exception& failed) {
    std::fprintf(stderr, "bench: %s\n", failed.what());
    return false;
  }
  return true;
}

/// A directory of its own in `base`; empty: it cannot be made.
std::string make_directory(const std::string& base) {
  namespace fs = std::filesystem;
  const fs::path in = base.empty() ? fs::temp_directory_path() : fs::path(base);
  std::error_code error;
  fs::create_directories(in, error);
  std::string made = (in / "cairn-bench-XXXXXX").string();
  return error || ::mkdtemp(made.data()) == nullptr ? std::string() : made;
}

/// Reads the command line. A number: with it the program ends here.
std::optional<int> read_options(int argc, const char* const* argv, options& asked) {
  CLI::App program("How fast Cairn is on this machine, as ratios to ceilings of the same run",
                   "bench");
  program.footer(help_text);
  program.add_flag("--json", asked.json, "One JSON document with every sample");
  auto* quick =
      program.add_flag("--quick", asked.quick, "In about a minute; says what it left out");
  program.add_option("--only", asked.only, "What has one of these in its name")
      ->type_name("TEXT,...")
      ->delimiter(',');
  program.add_option("--data", asked.data, "Where the journals are made, for the time of the run")
      ->type_name("DIR");
  auto* seconds = program.add_option("--seconds", asked.seconds, "Of each sample; default 1")
                      ->type_name("N")
                      ->check(CLI::Range(0.05, 600.0));
  program.add_option("--rounds", asked.rounds, "Interleaved repetitions; default 3")
      ->type_name("N")
      ->check(CLI::Range(1U, 1'000U));
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return program.exit(error) == 0 ? 0 : 2;
  }
  if (quick->count() > 0 && seconds->count() == 0) asked.seconds = 0.4;
  std::erase(asked.only, "");
  return std::nullopt;
}

/// False: it cannot be written, which was said.
bool print(const std::string& text) {
  const bool written =
      std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  if (!written) std::fprintf(stderr, "bench: the report cannot be written\n");
  return written;
}

} // namespace

void count_allocations_with(std::uint64_t (*so_far)() noexcept) { allocations_so_far = so_far; }

int run(int argc, const char* const* argv, std::function<bool()> interrupted) {
  options asked;
  if (const auto ended = read_options(argc, argv, asked)) return *ended;

  report made;
  made.version = CAIRN_VERSION;
  made.machine = compare::describe_machine();
  made.allocator = CAIRN_ALLOCATOR;
  made.time = compare::current_time();
  made.rounds = asked.rounds;
  made.seconds = asked.seconds;
  for (int i = 0; i < argc; ++i) made.command += (i > 0 ? " " : "") + std::string(argv[i]);
  const auto plan = make_plan(asked, made);
  if (plan.empty()) {
    std::fprintf(stderr, "bench: no benchmark has \"%s\" in its name\n",
                 fmt::format("{}", fmt::join(asked.only, "\" or \"")).c_str());
    return 2;
  }
  conditions how{asked.seconds, make_directory(asked.data), std::move(interrupted)};
  if (how.data.empty()) {
    std::fprintf(stderr, "bench: cannot make a directory in %s\n",
                 asked.data.empty() ? "the temporary directory" : asked.data.c_str());
    return 2;
  }
  compare::settings where;
  where.data = how.data;
  made.journal = compare::describe_journal(where);
  const bool good = run_plan(plan, asked, how, made);
  std::error_code ignored;
  std::filesystem::remove_all(how.data, ignored);
  summarize(made);
  if (!print(asked.json ? to_json(made) : to_table(made))) return 2;
  if (!made.complete) return status_interrupted;
  return good ? 0 : 1;
}

} // namespace cairn::bench
