#pragma once

#include <cairn/cairn.hpp>

#include "model/deposit.hpp"
#include "model/listing.hpp"
#include "model/market.hpp"
#include "model/player.hpp"
#include "scale.hpp"
#include "tally.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace arena {

/// What all bots share.
struct grounds {
  cairn::world& world;
  scale size;
  tally& counts;
};

/// Plays one player: observes, thinks, acts on what it observed, which may be out of date by then.
/// Thread: one step at a time, on any thread; a step ends when its reply has come.
class bot {
public:
  /// Called once for each step, when its reply is there, perhaps before `step` returns. Must neither block nor throw.
  using on_rest = std::function<void(bot&)>;

  bot(const grounds& shared, std::size_t number, std::uint64_t seed, on_rest rested);
  bot(const bot&) = delete;
  bot& operator=(const bot&) = delete;

  /// Does the next thing that has a reply: one read, one command or one transaction.
  void step() { (this->*next_)(); }

  /// How long it thinks before its next step: `about`, give or take a half.
  std::chrono::microseconds think(std::chrono::microseconds about);

private:
  using stage = void (bot::*)();

  void choose();

  void look_at_deposit();
  void dig_what_was_seen();
  void dig_without_looking();

  void look_at_bag(stage then);
  void sell();
  void build();

  void look_at_market();
  void look_at_listing();
  void buy_or_take_back();
  void buy();
  void take_back();

  template <class State>
  void read(const cairn::entity_ref<State>& from, cairn::reading<State>& into, stage then);
  void commit(cairn::transaction& made, way what);
  void rest(stage then);

  cairn::entity_ref<deposit> some_deposit();
  std::int64_t between(std::int64_t low, std::int64_t high);

  grounds shared_;
  std::string id_;
  cairn::entity_ref<player> self_;
  cairn::random_source random_;
  on_rest rested_;
  stage next_ = &bot::choose;

  // What it goes by, as far as it has got:
  cairn::reading<player> bag_;
  std::string deposit_;
  cairn::reading<deposit> vein_;
  unsigned digs_ = 0; ///< Of this turn, at what was seen.
  std::string market_;
  cairn::reading<market> square_;
  std::string listing_;
  cairn::reading<listing> offered_;
};

} // namespace arena
