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
};

/// Answers in less than two minutes on two cores.
plan quick_plan(std::uint64_t seed);

/// Everything; takes as long as it takes.
plan sweep_plan(std::uint64_t seed);

/// How long each repetition may take so that `runs` of them fit into `budget_s`, start and replay included.
void fit_into(settings& how, double budget_s, std::size_t runs);

} // namespace cairn::compare
