// What the other ways to send cost, as ratios to plain checked commands of the same run: transactions of two
// entities, stale commands that are merged, commands whose id is known, commands that conflict.
//
//   bench_ways_out [--seconds N] [--rounds N] [--data DIR] [--clients N] [--only WAY]
//
// Each client keeps one request in flight and has entities of its own, so that only the way itself is measured.
// Rounds are interleaved; medians are printed, with the lowest and highest round.

#include "bench/suite/commands.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace bench = cairn::bench;

constexpr std::array<std::pair<const char*, bench::way>, 5> ways{{
    {"single", bench::way::checked},
    {"transaction of 2", bench::way::transactions},
    {"merged", bench::way::merged},
    {"duplicate", bench::way::duplicates},
    {"conflict", bench::way::conflicts},
}};

void measure(bench::world_load load, int rounds, const bench::conditions& how) {
  std::array<std::vector<double>, ways.size()> rates;
  std::printf("allocator: %s, %zu clients, %zu entities\n", CAIRN_ALLOCATOR, load.in_flight,
              load.entities);
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < ways.size(); ++i) {
      load.what = ways[i].second;
      rates[i].push_back(bench::run_load(load, how).done.per_s);
    }
  }
  for (auto& of_way : rates) std::sort(of_way.begin(), of_way.end());
  const double single = rates[0][rates[0].size() / 2];
  for (std::size_t i = 0; i < rates.size(); ++i) {
    const double median = rates[i][rates[i].size() / 2];
    std::printf("%-17s %9.0f/s (%.0f to %.0f) = %.2f x single\n", ways[i].first, median,
                rates[i].front(), rates[i].back(), median / single);
  }
}

} // namespace

int main(int argc, char** argv) {
  bench::world_load load;
  bench::conditions how;
  how.data = (std::filesystem::temp_directory_path() / "cairn-bench-ways").string();
  int rounds = 3;
  std::string only;
  for (int i = 1; i < argc; ++i) {
    const auto is = [&](const char* name) {
      return std::strcmp(argv[i], name) == 0 && i + 1 < argc;
    };
    if (is("--seconds")) {
      how.seconds = std::atof(argv[++i]);
    } else if (is("--rounds")) {
      rounds = std::atoi(argv[++i]);
    } else if (is("--clients")) {
      load.in_flight = static_cast<std::size_t>(std::atoi(argv[++i]));
    } else if (is("--data")) {
      how.data = argv[++i];
    } else if (is("--only")) {
      only = argv[++i];
    } else {
      std::fprintf(stderr,
                   "usage: %s [--seconds N] [--rounds N] [--data DIR] [--clients N] [--only WAY]\n",
                   argv[0]);
      return 2;
    }
  }
  if (rounds < 1 || load.in_flight < 1 || load.in_flight * 2 > load.entities) {
    std::fprintf(stderr, "1 round at least, and from 1 to %zu clients\n", load.entities / 2);
    return 2;
  }
  try {
    for (const auto& [name, what] : ways) {
      if (only != name) continue; // for a profiler
      load.what = what;
      std::printf("%s: %.0f/s\n", name, bench::run_load(load, how).done.per_s);
      return 0;
    }
    measure(load, rounds, how);
  } catch (const std::exception& failed) {
    std::fprintf(stderr, "%s\n", failed.what());
    return 1;
  }
}
