#include "claims.hpp"

#include "words.hpp"

namespace arena {

namespace {

std::string words_of_replay(const proof& shown) {
  return grouped(shown.changes) + " changes give " + grouped(shown.entities) + " entities, " +
         (shown.replay_holds() ? "each as it was served"
                               : grouped(shown.differences.size()) + " not as they were served");
}

std::string words_of(const proof::gold_type& gold) {
  return grouped(gold.founded) + " was brought along; " + grouped(gold.held) + " is in purses";
}

std::string words_of(const proof::ore_type& ore) {
  return grouped(ore.founded) + " was in the ground; " + grouped(ore.in_deposits) + " is there (" +
         counted(ore.worked_out, "deposit") + " worked out), " + grouped(ore.in_bags) +
         " in bags, " + grouped(ore.in_listings) + " for sale";
}

std::string words_of(const proof::listings_type& listings) {
  return grouped(listings.offered) + " offered: " + grouped(listings.sold) + " sold, " +
         counted_or_none(listings.sold_twice) + " twice; " + grouped(listings.withdrawn) +
         " taken back, " + grouped(listings.open) + " open";
}

std::string words_of(const proof::messages_type& messages) {
  return grouped(messages.dug) + " loads were dug: " + grouped(messages.carried) +
         " carried home, " + grouped(messages.came_back) + " back from full bags; " +
         counted_or_none(messages.lost) + " lost, " + counted_or_none(messages.misdelivered) +
         " twice";
}

std::string words_of(const proof::timers_type& timers) {
  return grouped(timers.lowered) + " prices fell, " + counted_or_none(timers.mistimed) +
         " out of turn; " + grouped(timers.falling) + " are still to fall, " +
         counted_or_none(timers.overdue) + " overdue";
}

std::string words_of_units(const proof& shown) {
  return (shown.units_hold() ? "each of " : grouped(shown.unbalanced) + " not of ") +
         grouped(shown.units) + " moves gold and ore without making or losing any";
}

} // namespace

std::vector<claim> claims_of(const proof& shown) {
  return {{"replay", shown.replay_holds(), words_of_replay(shown)},
          {"gold", shown.gold_holds(), words_of(shown.gold)},
          {"ore", shown.ore_holds(), words_of(shown.ore)},
          {"listings", shown.listings_hold(), words_of(shown.listings)},
          {"messages", shown.messages_hold(), words_of(shown.messages)},
          {"timers", shown.timers_hold(), words_of(shown.timers)},
          {"units", shown.units_hold(), words_of_units(shown)}};
}

} // namespace arena
