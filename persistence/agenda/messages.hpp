#pragma once

#include <cairn/detail/agenda.hpp>
#include <cairn/detail/effects.hpp>
#include <cairn/detail/journal.hpp>
#include <cairn/detail/types.hpp>
#include <cairn/error.hpp>

#include <functional>
#include <span>
#include <string>
#include <string_view>

/// Messages under way, as the changes that sent them tell: rows of the agenda say only where they are.
namespace cairn::persistence {

/// A message that was sent, or what is known of one that cannot be read.
struct stored_message {
  message_place place;
  std::string sender;                ///< `type/id`; empty: its change cannot be read.
  version_type version = 0;          ///< Of the sender, by its change.
  detail::change_effects::sent what; ///< `what.to` empty: not even the receiver can be read.
  status failure;                    ///< Not ok: why it cannot be read.
};

/// Reads the messages at `places`, which are in order, and gives each to `take` until that says false. One that is
/// damaged is given with its failure, and the others go on.
/// Errors: those of the journal that are no damage: nothing is known of the message that was to be given, nor of those
///         behind it.
status read_messages(const journal& source, std::span<const message_place> places,
                     const std::function<bool(stored_message&&)>& take);

/// The message that came back with the change at `position`.
/// Errors: those of the journal, and of decoding the change.
status read_undelivered(const journal& source, position_type position, undelivered_message& found);

/// Is it about what is stored, so that reading it again will hardly help?
bool is_damage(const std::error_code& error) noexcept;

} // namespace cairn::persistence
