#include <cairn/compare.hpp>

#include "compare/plan/progress.hpp"
#include "compare/plan/statistics.hpp"
#include "compare/plan/strategy.hpp"
#include "compare/simulated/simulation.hpp"

#include <optional>
#include <string>
#include <utility>

namespace cairn::compare {

namespace {

/// A cell of many conflicts ends here rather than after its commands.
constexpr std::uint64_t events_for_each_command = 40;

/// Nothing: it was interrupted.
std::optional<cell> simulate_cell(const strategy& follow, const workload& load,
                                  const cost_model& costs, const settings& how) {
  cell made;
  made.strategy = follow.name();
  made.load = load;
  made.simulated = true;
  const auto found =
      simulation(follow, load, costs, how.attempts_max)
          .run(how.commands, how.commands * events_for_each_command, how.interrupted);
  if (!found) return std::nullopt;
  if (found->lost < 0 || (found->lost > 0 && !follow.loses_updates())) {
    made.error = std::to_string(found->lost) + " updates were lost";
    return made;
  }
  made.repetitions.push_back(*found);
  summarize(made);
  return made;
}

} // namespace

std::vector<cell> simulate(const std::vector<workload>& loads, const cost_model& costs,
                           const settings& how) {
  std::vector<cell> done;
  progress told(how, "simulated", loads.size());
  for (const auto& load : loads) {
    for (const auto* one : all_strategies()) {
      if (!is_asked_for(*one, how) || (one->needs_parts() && load.parts < 2)) continue;
      auto made = simulate_cell(*one, load, costs, how);
      if (!made) return done;
      done.push_back(std::move(*made));
    }
    told.step(load.name);
  }
  return done;
}

} // namespace cairn::compare
