#pragma once

#include <cairn/detail/entity_type.hpp>
#include <cairn/detail/journal.hpp>
#include <cairn/detail/types.hpp>
#include <cairn/error.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

// States as they were, rebuilt from the journal alone.
namespace cairn {

/// What to replay, and up to where. At most one of `version`, `position` and `time_us` is set;
/// none: up to the end.
struct replay_request {
  std::vector<const entity_type*>
      types;                           ///< Changes of `retired` ones are passed over, and counted.
  std::string entity;                  ///< `type/id`; empty: all.
  std::optional<version_type> version; ///< With `entity` only; 0: before it existed.
  std::optional<position_type> position; ///< The last change to apply, with the whole of its unit.
  std::optional<std::int64_t> time_us; ///< All units of this time or earlier, since the Unix epoch.
  bool verify = false;  ///< Replay all changes, and compare with every snapshot passed.
  unsigned threads = 0; ///< That apply events; 0: one for each core.
  /// Called now and then with the number of changes read and of all; may be empty.
  std::function<void(position_type, position_type)> progress;
};

/// An entity as it was.
struct replayed_entity {
  std::string entity;
  version_type version = 0; ///< 0: it did not exist yet.
  bool removed = false;
  std::string
      state_json; ///< Empty when it did not exist or was removed, or when there is a `problem`.
  std::string
      problem{}; ///< Why JSON cannot hold the state, which is rebuilt all the same; mostly empty.
};

/// A snapshot with another state than the replay.
struct replay_divergence {
  std::string entity;
  version_type version = 0; ///< The first at which they differ.
  position_type position = 0;
  version_type agreed = 0; ///< The last snapshot that agreed; 0: none. The reason lies in between.
};

struct replay_report {
  std::vector<replayed_entity> entities; ///< In byte order.
  position_type end = 0;      ///< All, or of the one entity, before this position was replayed.
  position_type changes = 0;  ///< Applied; fewer than there are where a snapshot saved them.
  position_type retired = 0;  ///< Passed over, since their types are retired.
  std::uint64_t compared = 0; ///< Snapshots.
  std::uint64_t skipped = 0;  ///< Snapshots of another shape of the state than today's.
  std::optional<replay_divergence> divergence; ///< The first, by position.
};

/// Rebuilds states. One entity is read from its newest snapshot that fits, all entities from the
/// first change on, on all cores.
/// Thread: any; the journal may be live.
/// Errors: `unknown_type` and `unknown_event`, `no_such_version` for a version or position that is
///         not there yet, `invalid_entity`, `entity_error` when the entity's code throws, and those
///         of the journal; the message names entity, version and position. A divergence is no
///         error.
status replay_journal(const journal& source, const replay_request& request, replay_report& report);

} // namespace cairn
