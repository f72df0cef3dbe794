#include "tests/compare/sample_report.hpp"

#include "compare/plan/plan.hpp"
#include "compare/plan/strategy.hpp"

#include <algorithm>

namespace cairn::compare {

report sample_report() {
  report made;
  made.kind = "quick";
  made.version = "1.2.3";
  made.machine = "a machine </script><!-- & \"quotes\"";
  made.command = "compare --quick";
  made.time = "2026-05-31T18:20:00Z";
  made.answer = {"An answer in a sentence."};
  made.repetitions = 3;
  made.check = {8, 4.0, 4.1, 0.025, 0.04, {}};
  for (const auto* one : all_strategies()) {
    made.strategies.push_back({std::string(one->name()), std::string(one->what()),
                               one->decides_on_seen(), one->loses_updates(), one->needs_parts()});
  }
  settings how;
  how.commands = 500;
  auto asked = quick_plan(1);
  asked.measured.push_back(presets().back());
  for (auto one : simulate(asked.measured, made.costs, how)) {
    one.simulated = false;
    made.cells.push_back(one);
  }
  for (auto& one : simulate(asked.simulated, made.costs, how)) made.cells.push_back(one);
  cell broken;
  broken.strategy = "optimistic";
  broken.error = "its \"accounts\", do not balance";
  made.cells.push_back(broken);
  return made;
}

} // namespace cairn::compare
