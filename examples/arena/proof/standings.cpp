#include "standings.hpp"

#include <cairn/journal.hpp>

#include "model/deposit.hpp"
#include "model/listing.hpp"
#include "model/market.hpp"
#include "model/player.hpp"
#include "model/season.hpp"

#include <utility>

namespace arena {

namespace {

template <class State>
std::string to_json(const State& state) {
  std::string text;
  cairn::json::problem wrong;
  return cairn::json::encode(text, state, wrong) ? text : "not JSON: " + wrong.text();
}

/// A page of ids, then all of their entities at once.
template <class State>
cairn::status read_type(cairn::world& world, standings& served) {
  constexpr std::size_t page_size = 1'000;
  cairn::listing page;
  std::string after;
  do {
    page = {};
    if (auto listed = world.list(State::entity::name, after, page_size, page); !listed.ok()) {
      return listed;
    }
    std::vector<cairn::future<cairn::reading<State>>> readings;
    for (const auto& one : page.entities) {
      readings.push_back(world.entity<State>(cairn::id_of(one.entity)).read());
    }
    for (std::size_t i = 0; i < readings.size(); ++i) {
      const auto read = readings[i].get();
      if (!read) {
        return {read.failure->error, page.entities[i].entity + ": " + read.failure->message};
      }
      served[page.entities[i].entity] = {read.version, to_json(read.state)};
    }
    after = page.entities.empty() ? "" : std::string(cairn::id_of(page.entities.back().entity));
  } while (page.more);
  return {};
}

std::string describe(const standings& all, const std::string& key) {
  const auto found = all.find(key);
  if (found == all.end()) {
    return "nothing";
  }
  return "version " + std::to_string(found->second.version) + " " + found->second.state_json;
}

template <class... States>
cairn::status read_types(cairn::world& world, standings& served) {
  cairn::status read;
  (void)((read = read_type<States>(world, served), read.ok()) && ...);
  return read;
}

} // namespace

cairn::status read_all(cairn::world& world, standings& served) {
  return read_types<deposit, listing, market, player, season>(world, served);
}

cairn::status replay_all(const cairn::journal& source, standings& replayed) {
  cairn::replay_request request;
  request.types = entity_types();
  request.verify = true;
  cairn::replay_report report;
  if (auto done = cairn::replay_journal(source, request, report); !done.ok()) {
    return done;
  }
  if (const auto& wrong = report.divergence) {
    return {cairn::journal_errc::damaged, "the snapshot of " + wrong->entity + " at version " +
                                              std::to_string(wrong->version) +
                                              " has another state than the replay"};
  }
  for (auto& entity : report.entities) {
    replayed[std::move(entity.entity)] = {entity.version, std::move(entity.state_json)};
  }
  return {};
}

std::vector<std::string> differences(const standings& served, const standings& replayed) {
  standings either = served;
  either.insert(replayed.begin(), replayed.end());
  std::vector<std::string> found;
  for (const auto& [key, unused] : either) {
    const auto live = describe(served, key);
    const auto again = describe(replayed, key);
    if (live != again) {
      std::string difference = key;
      difference.append(": served ").append(live).append(", replayed ").append(again);
      found.push_back(std::move(difference));
    }
  }
  return found;
}

std::vector<const cairn::entity_type*> entity_types() {
  return {&cairn::type_descriptor<deposit>(), &cairn::type_descriptor<listing>(),
          &cairn::type_descriptor<market>(), &cairn::type_descriptor<player>(),
          &cairn::type_descriptor<season>()};
}

} // namespace arena
