#pragma once

#include "bench/suite/closed_loop.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>

namespace cairn::bench {

/// Changes a second that the store alone takes: the bytes of the counter's changes, in batches of this many, each
/// synced. Throws `interruption`.
double store_changes_per_s(std::size_t changes_per_batch, const conditions& how);

/// How fast a journal of so many changes is replayed on all cores, and how fast one thread parses the same events
/// and does nothing else.
struct replay_rates {
  double changes_per_s = 0;
  double parsed_per_s = 0;
};
replay_rates replay(std::uint64_t changes, const conditions& how);

/// Copies what the files of an open journal hold: what a program leaves that is killed now, since it takes only its
/// memory along. While the store tidies up behind the last append there is no one moment to copy; that is waited
/// for. Throws `interruption`; `std::runtime_error` when the files do not come to rest.
void copy_as_killed(const std::filesystem::path& directory, const std::filesystem::path& killed,
                    const conditions& how);

/// How long a journal of so many changes takes to open: after it was closed, and after its program was killed.
struct opening {
  double after_close_s = 0;
  double after_kill_s = 0;
};
opening open_again(std::uint64_t changes, const conditions& how);

} // namespace cairn::bench
