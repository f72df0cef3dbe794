#include "compare/real/run.hpp"

#include "compare/real/audit.hpp"
#include "compare/real/clients.hpp"
#include "compare/real/scratch.hpp"
#include "compare/real/venue.hpp"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <memory>
#include <thread>
#include <utility>

namespace cairn::compare {

namespace {

/// What is wrong with the accounts, or nothing.
std::string balance(const audit& found, const strategy& follow) {
  if (!found.problem.empty()) return found.problem;
  if (found.lost < 0) return "the final states hold more than was accepted";
  if (found.lost > 0 && !follow.loses_updates()) {
    return std::to_string(found.lost) + " updates were lost";
  }
  return {};
}

} // namespace

bool applies(const strategy& one, const subject& on, const workload& load) {
  if (one.needs_parts() && load.parts < 2) return false;
  const step sent = one.next(moment::thought);
  return on.for_check(sent.against).offers(sent.how, sent.against);
}

double process_cpu_s() {
  timespec used{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

bool pass(double seconds, const clients& running, const settings& how) {
  using clock = std::chrono::steady_clock;
  constexpr std::chrono::milliseconds look{20}; // how long Ctrl-C may have to wait
  const auto end = clock::now() + std::chrono::duration_cast<clock::duration>(
                                      std::chrono::duration<double>(seconds));
  while (clock::now() < end) {
    if (running.failed() || (how.interrupted && how.interrupted())) return false;
    std::this_thread::sleep_for(std::min<clock::duration>(look, end - clock::now()));
  }
  return true;
}

std::optional<std::int64_t> conduct(const run_request& asked, const settings& how,
                                    const course& through, std::string& problem) {
  const scratch_journal scratch(how);
  const subject& on = asked.on->for_check(asked.follow->next(moment::thought).against);
  const auto venue = open_venue(asked.follow->where(), on, asked.load, scratch.source());
  std::uint64_t told = venue->warm_up(problem);
  if (!problem.empty()) return std::nullopt;
  bool whole = false;
  {
    clients running(*venue, *asked.follow, asked.load, {how.attempts_max, asked.own_entities});
    running.start();
    whole = pass(how.warm_up_s, running, how) && through(running, *venue);
    running.stop();
    problem = running.problem();
    told += running.told_accepted();
  }
  if (!whole || !problem.empty()) return std::nullopt;
  const auto served = venue->served(problem);
  audit found;
  if (how.memory) found = audit_run(on, served, venue->journal(), told);
  if (const auto closed = venue->close(); !closed.ok()) problem = closed.message;
  if (!how.memory) found = audit_run(on, served, *scratch.reopen(), told);
  if (problem.empty()) problem = balance(found, *asked.follow);
  return problem.empty() ? std::optional(found.lost) : std::nullopt;
}

std::optional<figures> run_once(const run_request& asked, const settings& how,
                                std::string& problem) {
  using clock = std::chrono::steady_clock;
  figures made;
  const auto measured = [&](clients& running, const venue& at) {
    const auto batches = at.batches();
    const double cpu = process_cpu_s();
    const auto start = clock::now();
    running.measure(true);
    const bool whole = pass(how.seconds, running, how);
    running.measure(false);
    const double seconds = std::chrono::duration<double>(clock::now() - start).count();
    const double used = process_cpu_s() - cpu;
    const auto written = at.batches() - batches;
    running.stop();
    // A durable journal syncs each batch, and nothing else.
    made = make_figures(running.sessions(), running.latencies(), seconds, used, written,
                        how.memory ? 0 : written);
    return whole;
  };
  const auto lost = conduct(asked, how, measured, problem);
  if (!lost) return std::nullopt;
  made.lost = *lost;
  return made;
}

} // namespace cairn::compare
