#pragma once

#include <cairn/cairn.hpp>

#include "standings.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace arena {

/// What the journal shows once the world is closed.
struct proof {
  struct gold_type {
    std::int64_t founded = 0; ///< By events.
    std::int64_t held = 0;    ///< By the states of players.
  };
  struct ore_type {
    std::int64_t founded = 0; ///< By events.
    std::int64_t in_deposits = 0;
    std::int64_t in_bags = 0;
    std::int64_t in_listings = 0;
    std::uint64_t worked_out = 0; ///< Deposits in which nothing is left.
  };
  struct listings_type {
    std::uint64_t offered = 0;
    std::uint64_t sold = 0;
    std::uint64_t withdrawn = 0;
    std::uint64_t open = 0;    ///< By their states.
    std::uint64_t hanging = 0; ///< By the states of markets.
    std::uint64_t sold_twice = 0;
  };

  struct messages_type {
    std::uint64_t dug = 0;
    std::uint64_t carried = 0;
    std::uint64_t came_back = 0;
    std::uint64_t misdelivered = 0;
    std::uint64_t lost = 0;
    std::uint64_t waiting = 0; ///< By the journal's agenda; those that came back too.
  };
  struct timers_type {
    std::uint64_t lowered = 0;
    std::uint64_t mistimed = 0;
    std::uint64_t falling = 0; ///< By events.
    std::uint64_t overdue = 0;
    std::uint64_t waiting = 0; ///< By the journal's agenda.
  };

  std::uint64_t changes = 0;
  std::uint64_t units = 0;
  std::uint64_t entities = 0;
  std::vector<std::string> differences; ///< Between what was served and what the journal gives.
  gold_type gold;
  ore_type ore;
  listings_type listings;
  messages_type messages;
  timers_type timers;
  std::uint64_t unbalanced = 0;      ///< Units.
  std::vector<std::string> problems; ///< That the ledger found.
  bool holds = false;

  bool replay_holds() const { return differences.empty(); }
  bool gold_holds() const { return gold.founded == gold.held; }
  bool ore_holds() const { return ore.founded == ore.in_deposits + ore.in_bags + ore.in_listings; }
  bool listings_hold() const {
    return listings.sold_twice == 0 && listings.open == listings.hanging &&
           listings.open == listings.offered - listings.sold - listings.withdrawn;
  }
  bool messages_hold() const {
    return messages.misdelivered == 0 && messages.lost == 0 && messages.waiting == 0 &&
           messages.dug == messages.carried + messages.came_back;
  }
  bool timers_hold() const {
    return timers.mistimed == 0 && timers.overdue == 0 && timers.waiting == timers.falling;
  }
  bool units_hold() const { return unbalanced == 0; }
};

/// Reads the journal twice: once to replay every entity and compare it with what was `served`, once to book what its
/// events move.
cairn::status prove(const cairn::journal& source, const standings& served, proof& shown);

} // namespace arena
