#pragma once

#include <cairn/compare.hpp>
#include <cairn/entity.hpp>

#include "compare/plan/statistics.hpp"
#include "compare/plan/strategy.hpp"
#include "compare/plan/zipf.hpp"

#include <cstdint>
#include <vector>

namespace cairn::compare {

/// What happened to commands. Reads that are nobody's command are not in it.
struct book {
  std::uint64_t accepted = 0;
  std::uint64_t conflicts = 0;
  std::uint64_t retries = 0;
  std::uint64_t given_up = 0;
  std::uint64_t requests = 0; ///< Reads, commands, leases.
  std::uint64_t useful = 0;   ///< Of them: of attempts that were accepted.
  std::uint64_t retries_max = 0;

  void add(const book& other) noexcept;
};

/// What all clients of a run share.
struct rules {
  const compare::strategy* strategy = nullptr;
  const compare::workload* load = nullptr;
  const zipf* choice = nullptr;
  std::uint64_t attempts_max = 0;
};

/// One client on its way through its commands: what real and simulated clients do alike.
/// Times in nanoseconds, by whatever clock its runner has.
class session {
public:
  session(const rules& shared, std::uint64_t client);

  /// Begins with the next thing that the client wants, due at `due`.
  void want(std::int64_t due);

  /// What to do after `now`. `measured` non-null: within the time that is measured, count there.
  step advance(moment now, std::int64_t at, latency_histogram* measured);

  std::uint64_t entity() const noexcept { return entity_; }
  const intent& wanted() const noexcept { return wanted_; }
  std::int64_t think_ns(bool constant);
  /// How long to wait before a lease is asked for again: about as long as its holder may think, at random.
  std::int64_t wait_ns();

  /// Of the whole run, and of the measured time.
  const book& all() const noexcept { return all_; }
  const book& measured() const noexcept { return measured_; }

private:
  template <class Change>
  void count(bool measured, Change change);

  const rules* shared_;
  random_source random_;
  bool reads_ = false;
  std::uint64_t entity_ = 0;
  intent wanted_;
  std::int64_t due_ = 0;
  std::uint64_t retries_ = 0;
  std::uint64_t attempt_requests_ = 0;
  book all_;
  book measured_;
};

/// The figures of a run, of the measured part of its sessions' books.
/// Units: seconds.
figures make_figures(const std::vector<const session*>& clients, const latency_histogram& latencies,
                     double seconds, double cpu_s, std::uint64_t batches, std::uint64_t syncs);

} // namespace cairn::compare
