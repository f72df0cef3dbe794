#include "bot.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace arena {

namespace {

// Out of 100 turns. What is neither is building.
constexpr std::uint64_t digs_seen = 35;
constexpr std::uint64_t digs_unseen = digs_seen + 12;
constexpr std::uint64_t sells = digs_unseen + 12;
constexpr std::uint64_t buys = sells + 28;
constexpr std::uint64_t all_turns = 100;

constexpr std::int64_t dig_max = 8;
constexpr unsigned digs_max = 3; ///< Before it looks elsewhere.
constexpr std::int64_t lot_min = 4;
constexpr std::int64_t lot_max = 12;
constexpr std::int64_t building_max = 20;
constexpr std::int64_t price_min = 2; ///< In gold for one ore.
constexpr std::int64_t price_max = 5;

} // namespace

bot::bot(const grounds& shared, std::size_t number, std::uint64_t seed, on_rest rested)
    : shared_(shared),
      id_(player_id(number)),
      self_(shared.world.entity<player>(id_)),
      random_(cairn::random_source(seed + number)()), // neighbouring seeds give unlike numbers
      rested_(std::move(rested)) {}

std::chrono::microseconds bot::think(std::chrono::microseconds about) {
  return about / 2 + std::chrono::microseconds(between(0, about.count()));
}

void bot::choose() {
  digs_ = 0;
  const auto drawn = random_.below(all_turns);
  if (drawn < digs_seen) {
    deposit_ = deposit_id(random_.below(shared_.size.deposits()));
    look_at_deposit();
  } else if (drawn < digs_unseen) {
    dig_without_looking();
  } else if (drawn < sells) {
    look_at_bag(&bot::sell);
  } else if (drawn < buys) {
    look_at_market();
  } else {
    look_at_bag(&bot::build);
  }
}

void bot::look_at_deposit() {
  read(shared_.world.entity<deposit>(deposit_), vein_, &bot::dig_what_was_seen);
}

/// Somebody else may have dug meanwhile: the conflict brings along what is left, and it decides anew on that. The ore
/// comes by itself, as a message.
void bot::dig_what_was_seen() {
  if (vein_.state.ore == 0) {
    return choose(); // worked out, as everybody can see
  }
  const std::int64_t ore = std::min(vein_.state.ore, between(1, dig_max));
  shared_.counts.count_sent(way::dig_seen);
  const auto sent = tally::clock::now();
  shared_.world.entity<deposit>(deposit_).post(
      deposit::dig{id_, ore}, cairn::at(vein_.version),
      [this, sent](const cairn::checked_outcome<>& outcome) {
        shared_.counts.count(way::dig_seen, sent, outcome);
        const auto* const met = outcome.conflict();
        const auto* const now = met != nullptr ? met->state<deposit>() : nullptr;
        if (now == nullptr || ++digs_ == digs_max) {
          return rest(&bot::choose);
        }
        vein_.state = *now;
        vein_.version = met->actual;
        rest(&bot::dig_what_was_seen);
      },
      {.show = {.state = true}});
}

/// Whoever digs for a fixed amount need not have seen anything: the deposit's own rule says no when there is less.
void bot::dig_without_looking() {
  shared_.counts.count_sent(way::dig_unseen);
  const auto sent = tally::clock::now();
  some_deposit().post(deposit::dig{id_, between(1, dig_max)},
                      [this, sent](const cairn::unchecked_outcome<>& outcome) {
                        shared_.counts.count(way::dig_unseen, sent, outcome);
                        rest(&bot::choose);
                      });
}

void bot::look_at_bag(stage then) { read(self_, bag_, then); }

void bot::sell() {
  if (bag_.state.ore < lot_min) {
    return choose();
  }
  const std::int64_t ore = between(lot_min, std::min(bag_.state.ore, lot_max));
  const std::int64_t price = ore * between(price_min, price_max);
  // No two of a seller's listings are packed at the same version of its bag.
  const std::string id = id_ + "-" + std::to_string(bag_.version);
  cairn::transaction selling(shared_.world);
  selling.send(self_, player::pack{id, ore}, cairn::at(bag_.version))
      .send(shared_.world.entity<listing>(id), listing::offer{id_, ore, price, ore}, cairn::absent)
      .send(shared_.world.entity<market>(market_id(random_.below(shared_.size.markets()))),
            market::hang{id});
  commit(selling, way::sell);
}

void bot::build() {
  if (bag_.state.ore == 0) {
    return choose();
  }
  const std::int64_t ore = std::min(bag_.state.ore, building_max);
  const auto on = some_deposit();
  cairn::transaction building(shared_.world);
  building
      .send(self_, player::build{std::string(cairn::id_of(on.key())), ore}, cairn::at(bag_.version))
      .send(on, deposit::crumble{ore});
  commit(building, way::build);
}

void bot::look_at_market() {
  market_ = market_id(random_.below(shared_.size.markets()));
  read(shared_.world.entity<market>(market_), square_, &bot::look_at_listing);
}

void bot::look_at_listing() {
  const auto& hanging = square_.state.listings;
  if (hanging.empty()) {
    return choose();
  }
  const auto drawn = static_cast<std::ptrdiff_t>(random_.below(hanging.size()));
  listing_ = *std::next(hanging.begin(), drawn);
  read(shared_.world.entity<listing>(listing_), offered_, &bot::buy_or_take_back);
}

void bot::buy_or_take_back() {
  const auto& seen = offered_.state;
  if (!seen.is_open()) {
    return choose(); // it was gone when it was looked at
  }
  if (seen.seller == id_) {
    return take_back();
  }
  if (seen.price > seen.ore * between(1, price_max)) {
    return choose(); // too dear: it will be cheaper in a while, or gone
  }
  buy();
}

/// Four entities, all or nothing. Only the listing must be as it was seen; whether the gold is there and the bag has
/// room, the buyer's own rules say on fresh state.
void bot::buy() {
  const auto& seen = offered_.state;
  cairn::transaction trade(shared_.world);
  trade.send(self_, player::buy{listing_, seen.price, seen.ore})
      .send(shared_.world.entity<player>(seen.seller), player::collect{listing_, seen.price})
      .send(shared_.world.entity<listing>(listing_), listing::sell{id_, seen.price},
            cairn::at(offered_.version))
      .send(shared_.world.entity<market>(market_), market::take_down{listing_});
  commit(trade, way::buy);
}

void bot::take_back() {
  cairn::transaction back(shared_.world);
  back.send(self_, player::unpack{listing_, offered_.state.ore})
      .send(shared_.world.entity<listing>(listing_), listing::withdraw{},
            cairn::at(offered_.version))
      .send(shared_.world.entity<market>(market_), market::take_down{listing_});
  commit(back, way::take_back);
}

template <class State>
void bot::read(const cairn::entity_ref<State>& from, cairn::reading<State>& into, stage then) {
  shared_.counts.count_read();
  from.post_read([this, &into, then](cairn::reading<State> seen) {
    if (!seen) {
      shared_.counts.fail(*seen.failure);
    }
    into = std::move(seen);
    rest(then);
  });
}

void bot::commit(cairn::transaction& made, way what) {
  shared_.counts.count_sent(what);
  const auto sent = tally::clock::now();
  made.commit([this, what, sent](const cairn::transaction_outcome& outcome) {
    shared_.counts.count(what, sent, outcome);
    rest(&bot::choose);
  });
}

void bot::rest(stage then) {
  next_ = then;
  rested_(*this);
}

cairn::entity_ref<deposit> bot::some_deposit() {
  return shared_.world.entity<deposit>(deposit_id(random_.below(shared_.size.deposits())));
}

std::int64_t bot::between(std::int64_t low, std::int64_t high) {
  return low + static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(high - low + 1)));
}

} // namespace arena
