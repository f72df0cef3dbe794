#include <cairn/compare.hpp>
#include <cairn/error.hpp>

#include "compare/plan/progress.hpp"
#include "compare/plan/statistics.hpp"
#include "compare/plan/strategy.hpp"
#include "compare/real/machine_load.hpp"
#include "compare/real/run.hpp"

#include <chrono>
#include <string>

namespace cairn::compare {

namespace {

/// Long enough for whoever else wants the core to get it.
constexpr std::chrono::milliseconds look_for{20};

/// The strategies of one workload with their cells.
struct row {
  std::vector<const strategy*> strategies;
  std::vector<cell> cells;
};

row make_row(const subject& on, const workload& load, const settings& how) {
  row made;
  for (const auto* one : all_strategies()) {
    if (!is_asked_for(*one, how) || !applies(*one, on, load)) continue;
    made.strategies.push_back(one);
    cell empty;
    empty.strategy = one->name();
    empty.load = load;
    made.cells.push_back(std::move(empty));
  }
  return made;
}

/// False: it was interrupted.
bool repeat(const subject& on, const strategy& follow, cell& into, std::uint32_t repetition,
            const settings& how) {
  run_request asked{&on, &follow, into.load, false};
  // Each repetition draws other commands, and all strategies of one repetition the same.
  asked.load.seed += repetition;
  if (how.cpu_share) how.cpu_share(cpu_share(look_for));
  try {
    std::string problem;
    if (const auto made = run_once(asked, how, problem)) {
      into.repetitions.push_back(*made);
    } else if (problem.empty()) {
      return false;
    } else {
      into.error = problem;
    }
  } catch (const startup_error& error) {
    into.error = error.message();
  }
  return true;
}

} // namespace

std::vector<cell> measure(const subject& on, const std::vector<workload>& loads,
                          const settings& how) {
  std::vector<row> rows;
  std::size_t runs = 0;
  for (const auto& load : loads) {
    rows.push_back(make_row(on, load, how));
    runs += rows.back().cells.size() * how.repetitions;
  }
  progress told(how, "measured", runs);
  const auto start = std::chrono::steady_clock::now();
  bool goes_on = true;
  for (std::uint32_t repetition = 0; goes_on && repetition < how.repetitions; ++repetition) {
    const double passed =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (repetition > 0 && how.budget_s > 0 && passed / repetition * (repetition + 1) > how.budget_s)
      break;
    for (auto& [strategies, cells] : rows) {
      // A B C, A B C: what the machine does meanwhile falls on all of them.
      for (std::size_t i = 0; goes_on && i < cells.size(); ++i) {
        if (cells[i].error.empty()) {
          goes_on = repeat(on, *strategies[i], cells[i], repetition, how);
        }
        told.step(std::string(strategies[i]->name()) + ", " + cells[i].load.name);
      }
    }
  }
  std::vector<cell> done;
  for (auto& one : rows) {
    for (auto& measured : one.cells) {
      if (measured.repetitions.empty() && measured.error.empty()) continue; // not reached
      if (!measured.error.empty()) measured.repetitions.clear();
      summarize(measured);
      done.push_back(std::move(measured));
    }
  }
  return done;
}

} // namespace cairn::compare
