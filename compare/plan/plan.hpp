#pragma once

#include <cairn/compare.hpp>

#include <cstdint>
#include <vector>

namespace cairn::compare {

/// Workloads that vary one thing at a time, under the name of what they vary: `clients`, `skew`, `think`. And
/// those of the crossover map, `map`: think time against clients for each entity.
struct plan {
  std::vector<workload> measured;
  std::vector<workload> simulated;
  std::uint32_t check_pairs = 0;
  double seconds = 1;  ///< Of each repetition.
  double budget_s = 0; ///< For all that is measured.
};

/// Answers in less than two minutes on two cores.
plan quick_plan(std::uint64_t seed);

/// Everything; takes as long as it takes.
plan sweep_plan(std::uint64_t seed);

} // namespace cairn::compare
