#include <cairn/compare.hpp>

#include "compare/plan/strategy.hpp"
#include "compare/real/run.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <thread>

namespace cairn::compare {

namespace {

/// Clients that have an entity each, so that nothing conflicts; the fastest of a few runs, since what else the
/// machine does can only slow them.
std::optional<figures> run_apart(const subject& on, const strategy& follow, std::uint64_t clients,
                                 const settings& how) {
  constexpr int runs = 3;
  run_request asked{&on, &follow, {}, true};
  asked.load.clients = clients;
  asked.load.entities = clients;
  std::optional<figures> best;
  for (int i = 0; i < runs; ++i) {
    std::string problem;
    const auto one = run_once(asked, how, problem);
    if (one && (!best || one->accepted_per_s > best->accepted_per_s)) best = one;
  }
  return best;
}

} // namespace

cost_model measure_costs(const subject& on, const settings& how) {
  constexpr double least_us = 0.1; // a difference of measurements may come out below zero
  settings brief = how;
  brief.seconds = std::min(how.seconds, 0.2);
  brief.warm_up_s = brief.seconds / 3;
  cost_model costs;
  costs.cores = std::max(1U, std::thread::hardware_concurrency());

  // A batch for each command, then one for many: what differs is the batch's own.
  const auto alone = run_apart(on, *find_strategy("single-writer"), 1, brief);
  const auto many = run_apart(on, *find_strategy("single-writer"), 64, brief);
  if (!alone || !many || alone->accepted == 0 || many->accepted == 0) return costs;
  const double batch_size =
      std::max(1.5, many->accepted_per_s / std::max(1.0, many->batches_per_s));
  costs.batch_us = std::max(
      least_us, (alone->cpu_us_per_accept - many->cpu_us_per_accept) / (1 - 1 / batch_size));
  const double command_us =
      std::max(2 * least_us, many->cpu_us_per_accept - costs.batch_us / batch_size);
  // What runs at the entity and what at the journal cannot be told apart from outside: half each.
  costs.decide_us = command_us / 2;
  costs.commit_us = command_us / 2;
  costs.sync_us = std::max(least_us, alone->p50_us - alone->cpu_us_per_accept);

  if (const auto read = run_apart(on, *find_strategy("optimistic"), 64, brief);
      read && read->accepted > 0) {
    costs.read_us = std::max(least_us, read->cpu_us_per_accept - many->cpu_us_per_accept);
    costs.refuse_us = costs.read_us;
  }
  // A cycle is a lease taken, a read, a command and the lease let go.
  if (const auto leased = run_apart(on, *find_strategy("lease"), 64, brief);
      leased && leased->accepted > 0) {
    const double more_us = leased->cpu_us_per_accept - many->cpu_us_per_accept - costs.read_us;
    costs.lease_us = std::max(least_us, more_us / 2);
  }
  if (const auto load = run_apart(on, *find_strategy("store-optimistic"), 64, brief);
      load && load->accepted > 0) {
    const double more_us = load->cpu_us_per_accept - many->cpu_us_per_accept;
    costs.load_us = std::max(least_us, more_us / 2);
    costs.fold_us = std::max(least_us, more_us / 2);
  }
  return costs;
}

} // namespace cairn::compare
