#pragma once

#include <cairn/detail/tools/replay.hpp>

#include "entities/live_entity.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::persistence {

/// What the snapshots say that a replay must pass through.
class expected_states {
public:
  struct state {
    version_type version = 0;
    std::uint64_t hash = 0;
    bool removed = false;
  };

  /// Reads the snapshots of `entity`, or of all entities when it is empty, that have today's shape.
  status load(const journal& source, const std::vector<const entity_type*>& types,
              std::string_view entity);

  /// In order of version; null: there are none.
  const std::vector<state>* find(std::string_view entity) const;

  std::uint64_t skipped() const noexcept { return skipped_; }

private:
  status add(const snapshot& next, const entity_type& type);

  boost::unordered_flat_map<std::string, std::vector<state>> states_;
  std::uint64_t skipped_ = 0;
};

/// Entities being replayed: all, or a partition of them.
/// Thread: one at a time.
class replayed_entities {
public:
  /// `expected` may be null: nothing is compared.
  explicit replayed_entities(const expected_states* expected) noexcept : expected_(expected) {}

  /// Applies the next change of an entity of `type`.
  /// Errors: as `replay_journal`.
  status apply(const record& next, const entity_type& type);

  /// Appends them all to `entities`, in byte order, and forgets them.
  /// Errors: `entity_error` for a state that JSON cannot hold.
  status finish(std::vector<replayed_entity>& entities);

  position_type applied() const noexcept { return applied_; }
  std::uint64_t compared() const noexcept { return compared_; }
  const std::optional<replay_divergence>& divergence() const noexcept { return divergence_; }

private:
  struct entry {
    entry(std::string_view name, const entity_type& type) : key(name), live(type) {}

    std::string key;
    live_entity live;
    const std::vector<expected_states::state>* expected = nullptr;
    std::size_t next_expected = 0;
    version_type agreed = 0;
  };

  entry& find(std::string_view entity, const entity_type& type);
  status try_apply(const record& next, const entity_type& type);
  status apply_events(const record& next, live_entity& live);
  status compare(const record& at, entry& replayed);

  const expected_states* expected_;
  std::deque<entry> entries_; // stay in place
  boost::unordered_flat_map<std::string_view, entry*> index_;
  std::string state_; // used again
  position_type applied_ = 0;
  std::uint64_t compared_ = 0;
  std::optional<replay_divergence> divergence_;
};

/// Null when `types` has none of this name.
const entity_type* find_type(const std::vector<const entity_type*>& types, std::string_view name);

} // namespace cairn::persistence
