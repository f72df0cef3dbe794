#include "founding.hpp"

#include "model/deposit.hpp"
#include "model/listing.hpp"
#include "model/market.hpp"
#include "model/player.hpp"
#include "model/season.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace arena {

namespace {

/// Calls `visit` with the key of each entity of a type.
template <class Visit>
cairn::status for_each_key(const cairn::world& world, std::string_view type, Visit visit) {
  constexpr std::size_t page_size = 10'000;
  std::vector<cairn::listed_head> page;
  std::string after;
  do {
    page.clear();
    if (auto listed = world.journal().heads(type, after, page_size, false, page); !listed.ok()) {
      return listed;
    }
    for (const auto& one : page) {
      visit(one.entity);
    }
    after = page.empty() ? "" : std::string(cairn::id_of(page.back().entity));
  } while (page.size() == page_size);
  return {};
}

cairn::status count(const cairn::world& world, std::string_view type, std::uint64_t& into) {
  return for_each_key(world, type, [&](const std::string& /*key*/) { ++into; });
}

cairn::status count_open_listings(cairn::world& world, std::uint64_t& into) {
  std::vector<std::string> markets;
  auto listed = for_each_key(world, market::entity::name,
                             [&](const std::string& key) { markets.push_back(key); });
  for (const auto& key : markets) {
    const auto seen = world.entity<market>(cairn::id_of(key)).read().get();
    if (!seen) {
      return {seen.failure->error, seen.failure->message};
    }
    into += seen.state.listings.size();
  }
  return listed;
}

/// Sends what `make(number)` gives to the entities of these numbers; one that exists already is as it should be.
template <class State, class Id, class Command>
cairn::status create(cairn::world& world, std::size_t count, std::size_t at_once, Id id_of_number,
                     const Command& command) {
  using outcome = typename cairn::entity_ref<State>::template checked<Command>;
  for (std::size_t first = 0; first < count; first += at_once) {
    std::vector<cairn::future<outcome>> sent;
    for (std::size_t i = first; i < std::min(first + at_once, count); ++i) {
      sent.push_back(world.entity<State>(id_of_number(i)).send(command, cairn::absent));
    }
    for (auto& one : sent) {
      const auto ended = one.get();
      if (const auto* broken = ended.failed()) {
        return {broken->error, broken->message};
      }
    }
  }
  return {};
}

} // namespace

cairn::status look_around(cairn::world& world, found_before& found) {
  found.changes = world.journal().end().next;
  found.notices = world.journal().notices();
  const auto last = world.entity<season>(season::only).read().get();
  if (!last) {
    return {last.failure->error, last.failure->message};
  }
  found.seasons = last.state.begun;
  found.was_killed = last.state.is_open();
  auto counted = count(world, player::entity::name, found.players);
  counted = counted.ok() ? count(world, deposit::entity::name, found.deposits) : counted;
  counted = counted.ok() ? count(world, listing::entity::name, found.listings) : counted;
  return counted.ok() ? count_open_listings(world, found.open_listings) : counted;
}

cairn::status found(cairn::world& world, const scale& size, std::size_t at_once) {
  auto made =
      create<deposit>(world, size.deposits(), at_once, deposit_id, deposit::open{ore_of_deposit});
  return made.ok()
             ? create<player>(world, size.bots, at_once, player_id, player::join{gold_of_player})
             : made;
}

} // namespace arena
