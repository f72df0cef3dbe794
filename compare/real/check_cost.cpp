#include <cairn/compare.hpp>

#include "compare/plan/progress.hpp"
#include "compare/plan/statistics.hpp"
#include "compare/plan/strategy.hpp"
#include "compare/real/run.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <string>
#include <vector>

namespace cairn::compare {

namespace {

/// The single writer, with and without an expectation that always holds: each client has an entity of its own,
/// and knows its version from the last reply.
class switched_single_writer final : public strategy {
public:
  std::string_view name() const noexcept override { return "switched-single-writer"; }
  std::string_view what() const noexcept override {
    return "sends a relative command, by turns without and with an expectation that always holds";
  }
  bool decides_on_seen() const noexcept override { return false; }

  step next(moment now) const noexcept override {
    switch (now) {
      case moment::wanted:
        return think;
      case moment::thought:
        return send(form::relative,
                    checks_.load(std::memory_order_relaxed) ? check::version : check::none);
      default:
        return finish;
    }
  }

  void set_check(bool on) noexcept { checks_.store(on, std::memory_order_relaxed); }

private:
  std::atomic<bool> checks_{true};
};

/// What one way took, over all its slices of a pair.
struct spent {
  double cpu_s = 0;
  std::uint64_t changes = 0;

  double us_each() const noexcept { return cpu_s * 1e6 / static_cast<double>(changes); }
};

/// Lets both ways run by turns, in slices that are short against what else the machine does.
/// False: it was interrupted.
bool take_turns(switched_single_writer& follow, clients& running, const venue& at,
                const settings& how, std::array<spent, 2>& by_check) {
  constexpr double slice_s = 0.05;
  const auto rounds = std::max(1L, std::lround(how.seconds / slice_s / 2));
  for (long round = 0; round < rounds; ++round) {
    // Who comes first takes turns too: a machine that gets slower favours neither.
    for (const bool checked : {true, false, false, true}) {
      follow.set_check(checked);
      auto& into = by_check[checked ? 1 : 0];
      const double cpu = process_cpu_s();
      const auto changes = at.journal().end().next;
      if (!pass(slice_s, running, how)) return false;
      into.cpu_s += process_cpu_s() - cpu;
      into.changes += at.journal().end().next - changes;
    }
  }
  return true;
}

} // namespace

check_cost measure_check(const subject& on, std::uint32_t pairs, const settings& how) {
  constexpr std::uint64_t clients_with_own = 1'024;
  workload load;
  load.clients = clients_with_own;
  load.entities = clients_with_own;
  progress told(how, "pairs for the check's cost", pairs);
  switched_single_writer follow;
  std::vector<double> without;
  std::vector<double> with;
  std::vector<double> differences;
  check_cost found;
  for (std::uint32_t pair = 0; pair < pairs; ++pair) {
    std::array<spent, 2> both;
    const auto by_turns = [&](clients& running, const venue& at) {
      both = {}; // without, with
      return take_turns(follow, running, at, how, both);
    };
    if (!conduct({&on, &follow, load, true}, how, by_turns, found.error)) break;
    told.step("single writer");
    if (both[0].changes == 0 || both[1].changes == 0) continue; // the machine stood still
    without.push_back(both[0].us_each());
    with.push_back(both[1].us_each());
    differences.push_back((with.back() - without.back()) / without.back());
  }
  if (differences.size() < 2 || !found.error.empty()) return found;
  found.pairs = static_cast<std::uint32_t>(differences.size());
  found.without_us = median(without);
  found.with_us = median(with);
  found.difference = mean(differences);
  found.upper_bound_95 = upper_bound_95(differences);
  return found;
}

} // namespace cairn::compare
