#pragma once

#include <cairn/detail/effects.hpp>
#include <cairn/detail/journal.hpp>
#include <cairn/error.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

/// The agenda: what the journal's changes have yet to lead to, as an index that each store keeps in the very write
/// of the change. A key per timer that is pending, per message that is not delivered, and per message that came
/// back and nobody has decided on. Source: docs/journal-format.md, section "Agenda".
namespace cairn::persistence {

/// A timer: sorts by time, then entity, then name.
struct timer_row {
  std::int64_t at_us = 0;
  std::string entity;
  std::string timer;
};
std::string agenda_key(const timer_row& row);
/// The first key of all timers at `at_us` or later.
std::string first_timer_key(std::int64_t at_us);
/// The first key of all timers later than `at_us`.
std::string timer_key_behind(std::int64_t at_us);
/// Behind the keys of all timers.
std::string timers_end_key();

/// A message: sorts by place.
std::string message_key(const message_place& sent);
std::string messages_end_key();

/// A message that came back: the position of the change with its `$returned`.
std::string undelivered_key(position_type returned);
std::string undelivered_end_key();

/// False: the key is no such row.
bool decode_timer_key(std::string_view key, timer_row& row);
bool decode_message_key(std::string_view key, message_place& sent);
bool decode_undelivered_key(std::string_view key, position_type& returned);

/// Is it a key of the agenda? The store keeps others beside them.
bool is_agenda_key(std::string_view key) noexcept;

/// For messages: `timer "decay" of listing/7 at 2026-…`, `message 0 of position 12`.
std::string describe_agenda(std::string_view key);

/// What a stored change does to the agenda: keys to be taken out (false) and to be put in (true), in this order.
/// Shape: `stored.agenda`; its position is known.
/// Errors: those of decoding it; none when it has `effects`.
status edit_agenda(const record& stored, const std::function<void(bool, std::string)>& edit);

} // namespace cairn::persistence
