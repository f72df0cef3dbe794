#pragma once

#include "bench/suite/closed_loop.hpp"

#include <cstddef>

namespace cairn::bench {

/// How fast entities that are in the journal come into memory, each with so many changes, changed one after the other,
/// round and round: the hardest order, in which no two changes of one lie together.
struct cold_rates {
  double killed_per_s =
      0; ///< Sent to, after their program was killed: with the snapshots that changes made.
  double closed_per_s = 0;    ///< Sent to, after their program had ended well.
  double preloaded_per_s = 0; ///< By `world::preload`, after their program was killed.
};

/// Throws `interruption`; `std::runtime_error` when something does not end as it should.
cold_rates load_cold(std::size_t entities, std::size_t changes_each, const conditions& how);

} // namespace cairn::bench
