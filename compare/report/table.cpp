#include "compare/report/answer.hpp"
#include "compare/report/output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>

namespace cairn::compare {

namespace {

std::string microseconds(double us) {
  if (us >= 1e6) return fmt::format("{:.2f} s", us / 1e6);
  if (us >= 1e3) return fmt::format("{:.1f} ms", us / 1e3);
  return fmt::format("{:.0f} us", us);
}

bool same_load(const workload& a, const workload& b) {
  return a.name == b.name && a.seed == b.seed && describe(a) == describe(b);
}

constexpr auto columns = "  {:<20} {:>11} {:>13} {:>9} {:>9} {:>8} {:>9} {:>9} {:>8} {:>8}\n";

std::string table_head() {
  return fmt::format(columns, "strategy", "accepted/s", "+- spread", "conflicts", "cpu us",
                     "useful", "p50", "p99", "lost", "slowest");
}

std::string line(const cell& shown) {
  const std::string name = (shown.simulated ? "~ " : "") + shown.strategy;
  if (!shown.error.empty()) return fmt::format("  {:<20} ERROR: {}\n", name, shown.error);
  const auto& at = shown.median;
  const double spread = (shown.high.accepted_per_s - shown.low.accepted_per_s) / 2;
  return fmt::format(
      columns, name, fmt::format("{:.0f}", at.accepted_per_s),
      shown.simulated                ? std::string("simulated")
      : shown.repetitions.size() < 2 ? std::string("one run")
                                     : fmt::format("{:.0f}", spread),
      fmt::format("{:.2f}", at.conflicts_per_accept), fmt::format("{:.2f}", at.cpu_us_per_accept),
      fmt::format("{:.0f} %", at.useful_share * 100), microseconds(at.p50_us),
      microseconds(at.p99_us), at.lost, fmt::format("{:.0f} %", at.slowest_share * 100));
}

/// The crossover map is for the page; a table of it tells nobody anything.
bool is_tabulated(const report& shown, const cell& one) {
  return one.load.name != "map" || shown.kind == "workload";
}

std::string check_line(const check_cost& check) {
  if (!check.error.empty()) return "The check itself: not measured, " + check.error + "\n";
  return fmt::format(
      "The check itself, {} pairs: {:.2f} us CPU a command without it, {:.2f} with it; difference "
      "{:+.1f} %, 95 % upper bound {:+.1f} %\n",
      check.pairs, check.without_us, check.with_us, check.difference * 100,
      check.upper_bound_95 * 100);
}

} // namespace

std::string to_table(const report& shown) {
  std::string text;
  std::vector<const workload*> told;
  for (const auto& first : shown.cells) {
    const bool again = std::any_of(told.begin(), told.end(), [&](const workload* load) {
      return same_load(*load, first.load);
    });
    if (again || !is_tabulated(shown, first)) continue;
    told.push_back(&first.load);
    text += fmt::format("{}: {}\n{}", first.load.name, describe(first.load), table_head());
    for (const auto& one : shown.cells) {
      if (same_load(one.load, first.load)) text += line(one);
    }
    text += "\n";
  }
  if (shown.check.pairs > 0 || !shown.check.error.empty()) text += check_line(shown.check) + "\n";
  text += fmt::format(
      "conflicts: for each accepted command; lost: accepted, but not in the final state; "
      "slowest: of an even share{}\n",
      std::any_of(shown.cells.begin(), shown.cells.end(),
                  [](const cell& one) { return one.simulated; })
          ? "; ~ in simulated time"
          : "");
  if (!shown.complete) text += "Interrupted: this is what was done until then.\n";
  for (const auto& sentence : shown.answer) text += "\n" + sentence + "\n";
  return text;
}

} // namespace cairn::compare
