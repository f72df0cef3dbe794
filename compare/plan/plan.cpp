#include "compare/plan/plan.hpp"

#include "compare/plan/strategy.hpp"

#include <algorithm>
#include <initializer_list>
#include <string>

namespace cairn::compare {

namespace {

constexpr std::uint64_t many_entities = 10'000;
constexpr std::uint64_t usual_clients = 64;

workload make(const char* name, std::uint64_t seed) {
  workload one;
  one.name = name;
  one.seed = seed;
  one.clients = usual_clients;
  return one;
}

/// One entity that all want, without think time.
void vary_clients(std::vector<workload>& into, std::uint64_t seed,
                  std::initializer_list<std::uint64_t> clients) {
  for (const auto count : clients) {
    into.push_back(make("clients", seed));
    into.back().clients = count;
  }
}

void vary_skew(std::vector<workload>& into, std::uint64_t seed,
               std::initializer_list<double> thetas) {
  for (const double theta : thetas) {
    into.push_back(make("skew", seed));
    into.back().entities = many_entities;
    into.back().theta = theta;
  }
}

/// Many entities, all clients alike.
void vary_think(std::vector<workload>& into, std::uint64_t seed,
                std::initializer_list<double> thinks_ms) {
  for (const double think_ms : thinks_ms) {
    into.push_back(make("think", seed));
    into.back().entities = many_entities;
    into.back().think_ms = think_ms;
  }
}

void vary_map(std::vector<workload>& into, std::uint64_t seed,
              std::initializer_list<double> thinks_ms,
              std::initializer_list<std::uint64_t> entities) {
  for (const double think_ms : thinks_ms) {
    for (const auto count : entities) {
      into.push_back(make("map", seed));
      into.back().think_ms = think_ms;
      into.back().entities = count;
      into.back().parts = 4; // so that aspects have something to tell apart
    }
  }
}

} // namespace

plan quick_plan(std::uint64_t seed) {
  plan made;
  vary_clients(made.measured, seed, {1, 8, 64});
  vary_skew(made.measured, seed, {0.6, 0.9});
  vary_think(made.measured, seed, {0, 50});
  made.seconds = 0.2;
  made.budget_s =
      75; // of the two minutes; the rest is for the cost model, the check and the simulation
  made.simulated = made.measured;
  vary_map(made.simulated, seed, {0, 0.1, 0.3, 1, 3, 10, 30, 100},
           {1, 4, 16, 64, 256, 1'024, 4'096});
  made.check_pairs = 8;
  return made;
}

plan sweep_plan(std::uint64_t seed) {
  plan made;
  vary_clients(made.measured, seed, {1, 2, 4, 8, 16, 32, 64, 128, 256});
  vary_skew(made.measured, seed, {0, 0.3, 0.6, 0.9, 1.0, 1.2});
  vary_think(made.measured, seed, {0, 0.5, 5, 50, 200});
  vary_map(made.measured, seed, {0, 1, 10, 100}, {1, 8, 64, 4'096});
  for (auto preset : presets()) {
    preset.seed = seed;
    made.measured.push_back(preset);
  }
  made.simulated = made.measured;
  std::erase_if(made.simulated, [](const workload& one) { return one.name == "map"; });
  vary_map(made.simulated, seed, {0, 0.1, 0.3, 1, 3, 10, 30, 100, 300},
           {1, 4, 16, 64, 256, 1'024, 4'096});
  made.check_pairs = 20;
  made.budget_s = 3'600;
  return made;
}

} // namespace cairn::compare
