#include "proof.hpp"

#include "ledger.hpp"
#include "model/deposit.hpp"
#include "model/listing.hpp"
#include "model/market.hpp"
#include "model/player.hpp"

#include <string_view>

namespace arena {

namespace {

/// Calls `visit` with every state of its type.
template <class State, class Visit>
cairn::status for_each(const standings& all, Visit visit) {
  for (const auto& [key, stands] : all) {
    if (cairn::type_of(key) != State::entity::name || stands.state_json.empty()) {
      continue;
    }
    boost::json::value value;
    cairn::json::problem wrong;
    State state;
    if (!cairn::json::parse(stands.state_json, value, wrong) ||
        !cairn::json::decode(value, state, wrong)) {
      return {cairn::entity_errc::entity_error, key + ": " + wrong.text()};
    }
    visit(state);
  }
  return {};
}

/// Sums up what the states hold.
cairn::status sum(const standings& replayed, proof& shown) {
  auto read = for_each<deposit>(replayed, [&](const deposit& one) {
    shown.ore.in_deposits += one.ore;
    shown.ore.worked_out += one.ore == 0 ? 1 : 0;
  });
  if (read.ok()) {
    read = for_each<player>(replayed, [&](const player& one) {
      shown.gold.held += one.gold;
      shown.ore.in_bags += one.ore;
    });
  }
  if (read.ok()) {
    read = for_each<listing>(replayed, [&](const listing& one) {
      shown.ore.in_listings += one.is_open() ? one.ore : 0;
      shown.listings.open += one.is_open() ? 1 : 0;
    });
  }
  if (read.ok()) {
    read = for_each<market>(
        replayed, [&](const market& one) { shown.listings.hanging += one.listings.size(); });
  }
  return read;
}

void take(const ledger& booked, proof& shown) {
  const auto& sums = booked.sums();
  shown.changes = sums.changes;
  shown.units = sums.units;
  shown.gold.founded = sums.gold_founded;
  shown.ore.founded = sums.ore_founded;
  shown.listings.offered = sums.offered;
  shown.listings.sold = sums.sold;
  shown.listings.withdrawn = sums.withdrawn;
  shown.listings.sold_twice = sums.sold_twice;
  shown.messages = {sums.dug, sums.carried, sums.came_back, sums.misdelivered, sums.lost, 0};
  shown.timers = {sums.lowered, sums.mistimed, sums.falling, sums.overdue, 0};
  shown.unbalanced = sums.unbalanced;
  shown.problems = booked.problems();
}

} // namespace

cairn::status prove(const cairn::journal& source, const standings& served, proof& shown) {
  standings replayed;
  if (auto done = replay_all(source, replayed); !done.ok()) {
    return done;
  }
  ledger booked;
  if (auto done = book_journal(source, booked); !done.ok()) {
    return done;
  }
  shown.entities = replayed.size();
  shown.differences = differences(served, replayed);
  take(booked, shown);
  if (auto done = sum(replayed, shown); !done.ok()) {
    return done;
  }
  cairn::agenda_counts left;
  if (auto done = cairn::count_agenda(source, left); !done.ok()) {
    return done;
  }
  shown.messages.waiting = left.messages + left.undelivered;
  shown.timers.waiting = left.timers;
  shown.holds = shown.replay_holds() && shown.gold_holds() && shown.ore_holds() &&
                shown.listings_hold() && shown.messages_hold() && shown.timers_hold() &&
                shown.units_hold();
  return {};
}

} // namespace arena
