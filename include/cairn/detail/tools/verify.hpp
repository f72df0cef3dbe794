#pragma once

#include <cairn/detail/journal.hpp>
#include <cairn/detail/types.hpp>
#include <cairn/error.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

// What a journal's bytes can tell without its entity types.
namespace cairn {

/// What `verify_journal` has read and found good, up to the first damage.
struct verify_report {
  position_type changes = 0;
  std::uint64_t units = 0;
  std::uint64_t events = 0;
  std::uint64_t payload_bytes = 0; ///< JSON of events, replies and arguments.
  std::uint64_t entities = 0;
  std::uint64_t removed = 0;   ///< Of the entities.
  std::uint64_t snapshots = 0; ///< Those that keep only their position included.
  std::uint64_t states = 0;    ///< Of the snapshots: those that have a state.
};

/// Reads everything and checks all that must hold for any journal: positions and versions without
/// gaps, units whole, previous positions right, times never decreasing, removals of something that
/// exists, bodies that decode, payloads of valid JSON, heads that agree with the log, and snapshots
/// whose hash, version, position, removal and command ids agree with it.
/// Thread: any; of a live journal it checks what was committed when it began.
/// After:  `report` holds what is good. Takes memory for each entity, not for each change.
/// Errors: `damaged` and `unknown_format` for the first damage, naming its place; those of the
///         journal.
status verify_journal(const journal& checked, verify_report& report,
                      const std::function<void(position_type)>& progress = {});

/// How many entities a type has.
struct type_summary {
  std::uint64_t live = 0;
  std::uint64_t removed = 0;
};

/// What is in a journal.
struct journal_summary {
  std::string format;
  std::vector<lineage_part> lineages; ///< As `journal::lineages` gives them.
  position_type changes = 0;
  std::map<std::string, type_summary> types;
  std::int64_t first_time_us = 0; ///< 0 when there are no changes.
  std::int64_t last_time_us = 0;
  std::uint64_t snapshots = 0; ///< With a state.
  std::uint64_t body_bytes = 0;
  std::uint64_t snapshot_bytes = 0;
};

/// Counts what is in `counted`; reads everything, but looks into nothing.
/// Thread: any.
/// Errors: those of the journal.
status summarize_journal(const journal& counted, journal_summary& summary);

} // namespace cairn
