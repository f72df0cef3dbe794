#pragma once

#include "options.hpp"
#include "play/founding.hpp"
#include "play/tally.hpp"
#include "proof/proof.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace arena {

/// All that a run can tell.
struct figures {
  struct way_type {
    std::string name;
    std::uint64_t sent = 0;
    std::uint64_t accepted = 0;
    std::uint64_t conflicts = 0;
    std::uint64_t rejected = 0;
  };
  struct latency_type {
    std::int64_t p50 = 0;
    std::int64_t p95 = 0;
    std::int64_t p99 = 0;
  };

  std::string data;
  bool stepped = false;
  std::uint64_t seed = 0;
  std::uint64_t bots = 0;
  std::uint64_t deposits = 0;
  std::uint64_t markets = 0;
  double seconds = 0; ///< By the world's clock.
  found_before found;
  std::vector<way_type> ways;
  way_type all;
  std::uint64_t reads = 0;
  std::uint64_t changes = 0; ///< Of this run.
  std::uint64_t batches = 0;
  std::uint64_t resident = 0; ///< Entities in memory, when the bots had stopped.
  latency_type latency_us;
  bool interrupted = false;
  arena::proof proof;
};

void take_counts(const tallied& counted, figures& told);

/// Says on standard error what was found in the directory: nothing when it is new.
void report_found(const options& chosen, const found_before& found);

/// Says on standard error that the program is about to kill itself, and how to go on.
void report_crash(const options& chosen, std::uint64_t in_flight);

/// Writes figures and proof to standard output, and says how to exit.
int report(const options& chosen, const figures& told);

int report_failure(const std::string& why);

} // namespace arena
