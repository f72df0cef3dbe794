#pragma once

#include <cairn/change.hpp>
#include <cairn/entity_type.hpp>
#include <cairn/journal.hpp>

#include "entities/live_entity.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cairn {

/// Appends the body of a snapshot of `entity` (docs/journal-format.md, "Body of a snapshot").
/// False: the state has no JSON; `wrong` says where.
bool encode_snapshot(std::string& out, const live_entity& entity, json::problem& wrong);

/// What a snapshot's body holds.
struct snapshot_content {
  unsigned char format = 0;
  std::uint64_t fingerprint = 0;
  std::uint64_t state_hash = 0; ///< XXH3, 64 bits, of the state's JSON
  bool removed = false;
  std::string_view state_json;
  std::vector<std::pair<std::string_view, version_type>> aspects; ///< When each last changed.
  detail::timer_table timers;
  std::string_view ids;  ///< Encoded; see `restore_ids`.
  std::string_view rest; ///< Everything behind the state, encoded.
};

/// Errors: `damaged`, `unknown_format`; the message does not name the place.
status decode_snapshot(std::string_view body, snapshot_content& content);

/// XXH3, 64 bits, of a state's JSON, as snapshots keep it.
std::uint64_t hash_state(std::string_view state_json) noexcept;

/// Applies one stored change to `entity`, which must stand at the version before it.
/// Errors: `damaged`, `unknown_event`, `invalid_event`; the message names entity, version and position.
status replay_change(const record& stored, live_entity& entity);

/// Rebuilds the entity `key` as it was after version `at_most`, from the newest snapshot that fits and
/// the changes behind it.
/// Thread: any.
/// Errors: those of the journal and of `replay_change`.
status recover_entity(const journal& source, const entity_type& type, std::string_view key,
                      version_type at_most, std::unique_ptr<live_entity>& recovered);

} // namespace cairn
