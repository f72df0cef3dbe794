#pragma once

#include "bench/suite/closed_loop.hpp"

#include <cstddef>

namespace cairn::bench {

/// Bare CAF: requester actors with one request outstanding each, to entities that only count; default scheduler,
/// nothing is kept. Throws `interruption`.
rate caf_requests(std::size_t requesters, std::size_t entities, const conditions& how);

/// What an actor that counts takes after its first message, in bytes, of so many.
double bytes_per_bare_actor(std::size_t actors);

/// What the process holds in memory now, in bytes.
double resident_bytes();

} // namespace cairn::bench
