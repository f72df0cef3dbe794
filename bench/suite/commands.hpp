#pragma once

#include <cairn/world.hpp>

#include "bench/suite/closed_loop.hpp"

#include <chrono>
#include <cstddef>
#include <string>

namespace cairn::bench {

/// What clients send.
enum class way {
  checked,      ///< A command at the version that its client saw.
  unchecked,    ///< The same without expectation.
  reads,        ///< A read.
  transactions, ///< Two commands to two entities, both or none.
  merged,       ///< Stale commands that commute with what they missed.
  duplicates,   ///< Commands whose id is known.
  conflicts,    ///< Stale commands.
};

/// A world and its load.
struct world_load {
  way what = way::checked;
  std::size_t entities = 10'000;
  std::size_t in_flight = 4'096;
  bool memory = false;                 ///< No journal on a disk.
  std::chrono::microseconds sync_us{}; ///< Added to each append, for a slow disk.
  std::size_t batch_changes_max = limits{}.batch_changes_max;
  unsigned entity_threads = 0; ///< As `world_options` has it.
};

/// What such a load does on a fresh journal, and how many changes went into a batch.
struct load_result {
  rate done;
  double changes_per_batch = 0;
};

/// Throws `interruption`; `std::runtime_error` when a request does not end as it should.
load_result run_load(const world_load& load, const conditions& how);

/// Latency from when a command was due to its reply, in microseconds.
struct latencies {
  double p50 = 0;
  double p99 = 0;
  double p999 = 0;
};

/// Open loop: checked commands, begun at `per_s` whether the last ones are answered or not.
/// Throws as above.
latencies run_open_loop(double per_s, std::size_t entities, const conditions& how);

/// Memory of an entity that is resident and has had one request, in bytes, of so many.
double bytes_per_entity(std::size_t entities, const conditions& how);

} // namespace cairn::bench
