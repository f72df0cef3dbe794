// Durable, checked commands per second, as a ratio to bare CAF request/response in the same run.
//
//   bench_durable_commands [--seconds N] [--rounds N] [--data DIR] [--memory] [--only uniform|hot] [--batch N] [--threads N]
//
// The ceiling: 4,096 requester actors with one outstanding request each to 10,000 entities that only count,
// default scheduler, no persistence. The product: 4,096 commands in flight, each with the version that its
// client saw, to the same number of entities, answered when durable; then the same to a single entity, where
// a pipelined client knows the next version. Rounds are interleaved; medians are printed. `cairn bench` measures the
// same and more; this is for a profiler, and for settings that it has no option for.

#include "bench/suite/ceiling_actor.hpp"
#include "bench/suite/commands.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <filesystem>
#include <string>
#include <vector>

namespace {

namespace bench = cairn::bench;

double commands_per_s(bench::world_load load, std::size_t entities, const bench::conditions& how) {
  load.entities = entities;
  const auto found = bench::run_load(load, how);
  std::printf("    %zu entities: %.0f commands/s, %.2f us CPU each, %.0f changes a batch\n",
              entities, found.done.per_s, found.done.cpu_us_each, found.changes_per_batch);
  return found.done.per_s;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void measure(const bench::world_load& load, int rounds, const bench::conditions& how) {
  std::printf("allocator: %s\n", CAIRN_ALLOCATOR);
  std::vector<double> ceiling;
  std::vector<double> uniform;
  std::vector<double> hot;
  for (int round = 0; round < rounds; ++round) {
    const auto bare = bench::caf_requests(load.in_flight, load.entities, how);
    std::printf("round %d: bare CAF %.0f requests/s, %.2f us CPU each\n", round + 1, bare.per_s,
                bare.cpu_us_each);
    ceiling.push_back(bare.per_s);
    uniform.push_back(commands_per_s(load, load.entities, how));
    hot.push_back(commands_per_s(load, 1, how));
  }
  std::printf("median: bare CAF %.0f/s, uniform %.0f/s = %.2f x, hot %.0f/s = %.2f x uniform\n",
              median(ceiling), median(uniform), median(uniform) / median(ceiling), median(hot),
              median(hot) / median(uniform));
}

} // namespace

int main(int argc, char** argv) {
  bench::world_load load;
  bench::conditions how;
  how.seconds = 2;
  how.data = (std::filesystem::temp_directory_path() / "cairn-bench").string();
  int rounds = 3;
  std::string only;
  for (int i = 1; i < argc; ++i) {
    const auto is = [&](const char* name) {
      return std::strcmp(argv[i], name) == 0 && i + 1 < argc;
    };
    if (is("--seconds")) {
      how.seconds = std::atof(argv[++i]);
    } else if (is("--rounds")) {
      rounds = std::max(std::atoi(argv[++i]), 1);
    } else if (is("--data")) {
      how.data = argv[++i];
    } else if (is("--threads")) {
      load.entity_threads = static_cast<unsigned>(std::atoi(argv[++i]));
    } else if (is("--batch")) {
      load.batch_changes_max = static_cast<std::size_t>(std::atoi(argv[++i]));
    } else if (is("--only")) {
      only = argv[++i];
    } else if (std::strcmp(argv[i], "--memory") == 0) {
      load.memory = true;
    } else {
      std::fprintf(stderr,
                   "usage: %s [--seconds N] [--rounds N] [--data DIR] [--memory] [--only "
                   "uniform|hot] [--batch N] [--threads N]\n",
                   argv[0]);
      return 2;
    }
  }
  try {
    if (only.empty()) {
      measure(load, rounds, how);
    } else {
      commands_per_s(load, only == "hot" ? 1 : load.entities, how);
    }
  } catch (const std::exception& failed) {
    std::fprintf(stderr, "%s\n", failed.what());
    return 1;
  }
}
