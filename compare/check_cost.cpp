#include <cairn/compare.hpp>

#include "compare/progress.hpp"
#include "compare/run.hpp"
#include "compare/statistics.hpp"
#include "compare/strategy.hpp"

#include <string>
#include <vector>

namespace cairn::compare {

check_cost measure_check(const subject& on, std::uint32_t pairs, const settings& how) {
  // Each client knows the version of its own entity from its last reply, so the check always holds.
  constexpr std::uint64_t clients = 64;
  workload load;
  load.clients = clients;
  load.entities = clients;
  progress told(how, "pairs for the check's cost", pairs);
  std::vector<double> without;
  std::vector<double> with;
  std::vector<double> differences;
  for (std::uint32_t pair = 0; pair < pairs; ++pair) {
    std::string problem;
    // Who goes first takes turns, so that a machine that gets slower favours neither.
    const bool plain_first = pair % 2 == 0;
    const auto* first = plain_first ? &single_writer() : &checked_single_writer();
    const auto* second = plain_first ? &checked_single_writer() : &single_writer();
    const auto one = run_once({&on, first, load, true}, how, problem);
    const auto other = one ? run_once({&on, second, load, true}, how, problem) : std::nullopt;
    if (!one || !other) break;
    const double plain = (plain_first ? one : other)->cpu_us_per_accept;
    const double checked = (plain_first ? other : one)->cpu_us_per_accept;
    without.push_back(plain);
    with.push_back(checked);
    differences.push_back((checked - plain) / plain);
    told.step("single writer");
  }
  check_cost found;
  if (differences.size() < 2) return found;
  found.pairs = static_cast<std::uint32_t>(differences.size());
  found.without_us = median(without);
  found.with_us = median(with);
  found.difference = mean(differences);
  found.upper_bound_95 = upper_bound_95(differences);
  return found;
}

} // namespace cairn::compare
