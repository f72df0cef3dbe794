#pragma once

#include <cairn/cairn.hpp>

#include "scale.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace arena {

/// What stood in the directory when it was opened.
struct found_before {
  std::uint64_t changes = 0;
  std::uint64_t seasons = 0; ///< Runs.
  bool was_killed = false;   ///< The last of them did not end by itself.
  std::uint64_t players = 0;
  std::uint64_t deposits = 0;
  std::uint64_t listings = 0; ///< All that ever were.
  std::uint64_t open_listings = 0;
  std::uint64_t timers = 0;         ///< That were pending.
  std::uint64_t messages = 0;       ///< That had not arrived.
  std::vector<std::string> notices; ///< Of the journal, when it was opened.
};

cairn::status look_around(cairn::world& world, found_before& found);

/// Opens the deposits and has the players join that are not there yet. Each is expected to be absent, so that a run that
/// was killed in between makes nothing twice.
/// Shape: `at_once` commands under way.
cairn::status found(cairn::world& world, const scale& size, std::size_t at_once);

} // namespace arena
