#pragma once

#include <cairn/detail/effects.hpp>
#include <cairn/detail/entity_type.hpp>
#include <cairn/detail/journal.hpp>
#include <cairn/error.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// What the changes of a journal have yet to lead to, for people to look at. Needs no entity types.
// Thread of all: any, also beside a live program.
namespace cairn {

/// A timer that is pending.
struct waiting_timer {
  std::int64_t at_us = 0; ///< By the world's clock, since the Unix epoch.
  std::string entity;     ///< `type/id`
  std::string timer;
};

/// A message that is under way, or waits for the type of its receiver to be hosted.
struct waiting_message {
  message_place place;
  std::string sender; ///< `type/id`
  std::string to;     ///< `type/id`
  std::string command;
  std::string arguments; ///< JSON.
};

/// A message that came back, and that its sender's type does not decide on.
struct undelivered_message {
  position_type position = 0; ///< Of the change that notes it.
  std::string sender;         ///< `type/id`
  std::int64_t time_us = 0;   ///< When it came back.
  undelivered message;
};

/// Something that is due and cannot be done: it cannot be read, or who is to take it cannot be loaded. It is set aside,
/// so that nothing else waits for it but what its order demands, and is tried again now and then.
struct stuck_item {
  /// The first of them: `message 0 of position 12`, `timer "tea" of listing/7 at 2026-…`.
  std::string what;
  std::string entity; ///< `type/id` that does not take it; empty: that is not known either.
  std::string reason;
  unsigned attempts = 0;     ///< Of a live world, so far.
  std::int64_t since_us = 0; ///< Of a live world, by its clock.
};

/// The first `limit` timers, those due soonest first. Errors: those of the journal.
status list_timers(const journal& source, std::size_t limit, std::vector<waiting_timer>& found);

/// The first `limit` messages that can be read, oldest first. Errors: those of the journal.
status list_messages(const journal& source, std::size_t limit, std::vector<waiting_message>& found);

/// Messages that came back at a position after `after` and that can be read, `limit` of them at most, oldest first.
/// Errors: those of the journal.
status list_undelivered(const journal& source, std::optional<position_type> after,
                        std::size_t limit, std::vector<undelivered_message>& found);

/// What the journal can tell by itself of what is stuck: the first `limit` messages that cannot be read, and timers
/// and messages whose entity, of one of `types`, cannot be loaded, one of each entity. With `types` all of those are
/// loaded, which takes its time. `world::list_stuck` knows what a live world has met.
/// Errors: those of the journal that are no damage.
status list_stuck(const journal& source, const std::vector<const entity_type*>& types,
                  std::size_t limit, std::vector<stuck_item>& found);

/// How many there are of each.
struct agenda_counts {
  std::uint64_t timers = 0;
  std::uint64_t messages = 0;
  std::uint64_t undelivered = 0;
};

/// Reads the whole agenda. Errors: those of the journal.
status count_agenda(const journal& source, agenda_counts& counts);

} // namespace cairn
