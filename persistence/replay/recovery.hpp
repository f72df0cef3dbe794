#pragma once

#include <cairn/detail/change.hpp>
#include <cairn/detail/entity_type.hpp>
#include <cairn/detail/journal.hpp>

#include "entities/live_entity.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cairn::persistence {

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

/// One entity on its way back from the journal: what its newest snapshot that fits gave, and which of its changes it
/// still waits for. They may be read for it alone, or come by while many are read.
/// Thread: one at a time.
class entity_recovery {
public:
  entity_recovery(const entity_type& type, std::string_view key);

  /// Looks up head and snapshot, for the entity as it was after version `at_most`. Call it first.
  /// Errors: those of the journal and of `decode_snapshot`, and what the state's own code throws.
  status begin(const journal& source, version_type at_most);

  const std::string& key() const noexcept { return key_; }

  /// Nothing more is to come.
  bool complete() const noexcept { return next_ > last_; }

  /// The version that `follow` takes next.
  version_type next() const noexcept { return next_; }
  version_type last() const noexcept { return last_; }

  /// The version of the snapshot that it began with; 0: none.
  version_type snapshot() const noexcept { return snapshot_; }

  /// A position that no change lies before that it waits for.
  status find_start(const journal& source, position_type& start) const;

  /// Takes the change that makes version `next()`.
  /// Errors: as `replay_change`.
  status follow(const record& stored);

  /// Reads all that it waits for. Errors: those of the journal and of `follow`.
  status read(const journal& source);

  /// Hands the entity over. Errors: damaged, when it is not at the version where its head says that it is.
  status finish(std::unique_ptr<live_entity>& recovered);

private:
  status begin_at_snapshot(const journal& source);
  status keep(const record& stored);

  std::string key_;
  std::unique_ptr<live_entity> entity_;
  version_type next_ = 1;
  version_type last_ = 0;
  version_type snapshot_ = 0;
  position_type snapshot_position_ = 0;
  version_type unplaced_ =
      version_max;              // the first whose command was not yet durable with the snapshot
  version_type keeps_from_ = 0; // for merges, of the time before the snapshot; 0: nothing
  bool begins_ = false;         // the next such change begins a life
};

/// Rebuilds the entity `key` as it was after version `at_most`, from the newest snapshot that fits and
/// the changes behind it. What the entity's code throws comes through.
/// Thread: any.
/// Errors: those of the journal and of `replay_change`.
status recover_entity(const journal& source, const entity_type& type, std::string_view key,
                      version_type at_most, std::unique_ptr<live_entity>& recovered);

/// The same; nothing comes through.
/// Errors: also `entity_error` with what the entity's code threw.
status recover_guarded(const journal& source, const entity_type& type, std::string_view key,
                       version_type at_most, std::unique_ptr<live_entity>& recovered) noexcept;

} // namespace cairn::persistence
