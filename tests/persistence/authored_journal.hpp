#pragma once

#include <cairn/detail/change.hpp>
#include <cairn/detail/journal.hpp>
#include <cairn/entity.hpp>

#include "entities/live_entity.hpp"
#include "tests/support/sample_entities.hpp"

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace cairn::testing {

/// The sample types that these tests write.
inline const entity_type& counter() { return type_descriptor<sample::counter>(); }
inline const entity_type& dice() { return type_descriptor<sample::dice>(); }

/// Writes journals as a world would, without one: commands are decided on live entities, one after
/// the other, and their changes appended unit by unit. Any refusal fails the test.
class author {
public:
  explicit author(journal& to) : to_(to) {}

  /// Sends `command` with arguments as JSON; entities appear by themselves.
  author& send(const entity_type& type, std::string_view id, std::string_view command,
               std::string_view arguments, const cause& why = {});
  author& remove(const entity_type& type, std::string_view id);

  /// The next `size` changes are one unit.
  author& unit(std::uint32_t size);

  /// Snapshots the entity as it is; `state` non-empty stands in for the state's JSON.
  author& snapshot(std::string_view entity, std::string_view state = {});

  author& at_time(std::int64_t time_us);

  live_entity& entity(std::string_view key) { return *entities_.at(std::string(key)); }
  const std::map<std::string, std::unique_ptr<live_entity>>& entities() const { return entities_; }

  /// All entities as `replay --json` shows them.
  std::string states() const;

private:
  live_entity& find(const entity_type& type, const std::string& key);
  void remember(live_entity& changed, const cause& why) const;
  void add(live_entity& changed, const std::string& key, const cause& why, const execution& done);
  void append(append_batch& batch);

  journal& to_;
  std::map<std::string, std::unique_ptr<live_entity>> entities_;
  append_batch batch_;
  std::deque<std::string> texts_;
  std::int64_t time_us_ = 1'780'000'000'000'000;
  std::uint32_t unit_size_ = 1;
  random_source random_{7};
};

/// One line of `replay --json`.
std::string state_line(std::string_view entity, version_type version, std::string_view state_json);

} // namespace cairn::testing
