#include "persistence/agenda/rows.hpp"

#include <cairn/detail/change.hpp>

#include "entities/built_in.hpp"
#include "persistence/format/change_body.hpp"
#include "persistence/format/raw_bytes.hpp"

#include <array>
#include <limits>
#include <utility>

namespace cairn::persistence {

namespace {

constexpr char timer_mark = 't';
constexpr char message_mark = 'm';
constexpr char undelivered_mark = 'l';

// Times before 1970 sort first.
constexpr std::uint64_t time_offset = std::uint64_t{1} << 63U;

std::string ordered_key(char mark, std::uint64_t number) {
  std::array<char, 9> bytes{mark};
  write_ordered64(bytes.data() + 1, number);
  return {bytes.data(), bytes.size()};
}

bool is_ordered_key(std::string_view key, char mark) {
  return key.size() >= 9 && key.front() == mark;
}

std::string after_all(char mark) { return {static_cast<char>(mark + 1)}; }

std::uint64_t ordered_time(std::int64_t at_us) {
  return static_cast<std::uint64_t>(at_us) + time_offset;
}

} // namespace

std::string first_timer_key(std::int64_t at_us) {
  return ordered_key(timer_mark, ordered_time(at_us));
}

std::string timer_key_behind(std::int64_t at_us) {
  return at_us == std::numeric_limits<std::int64_t>::max() ? timers_end_key()
                                                           : first_timer_key(at_us + 1);
}

std::string agenda_key(const timer_row& row) {
  std::string key = first_timer_key(row.at_us);
  key.append(row.entity).append(1, '\0').append(row.timer);
  return key;
}

std::string timers_end_key() { return after_all(timer_mark); }

std::string message_key(const message_place& sent) {
  std::string key = ordered_key(message_mark, sent.position);
  std::array<char, 8> index{};
  write_ordered64(index.data(), sent.index);
  return key.append(index.data(), index.size());
}

std::string messages_end_key() { return after_all(message_mark); }

std::string undelivered_key(position_type returned) {
  return ordered_key(undelivered_mark, returned);
}

std::string undelivered_end_key() { return after_all(undelivered_mark); }

bool decode_timer_key(std::string_view key, timer_row& row) {
  const auto end = key.find('\0', 9);
  if (!is_ordered_key(key, timer_mark) || end == std::string_view::npos) return false;
  row.at_us = static_cast<std::int64_t>(read_ordered64(key.data() + 1) - time_offset);
  row.entity = key.substr(9, end - 9);
  row.timer = key.substr(end + 1);
  return true;
}

bool decode_message_key(std::string_view key, message_place& sent) {
  if (!is_ordered_key(key, message_mark) || key.size() != 17) return false;
  sent.position = read_ordered64(key.data() + 1);
  sent.index = static_cast<std::uint32_t>(read_ordered64(key.data() + 9));
  return true;
}

bool decode_undelivered_key(std::string_view key, position_type& returned) {
  if (!is_ordered_key(key, undelivered_mark) || key.size() != 9) return false;
  returned = read_ordered64(key.data() + 1);
  return true;
}

bool is_agenda_key(std::string_view key) noexcept {
  return is_ordered_key(key, timer_mark) || is_ordered_key(key, message_mark) ||
         is_ordered_key(key, undelivered_mark);
}

std::string describe_agenda(std::string_view key) {
  timer_row timer;
  message_place sent;
  position_type returned = 0;
  if (decode_timer_key(key, timer))
    return "timer \"" + timer.timer + "\" of " + timer.entity + " at " + iso_time(timer.at_us);
  if (decode_message_key(key, sent)) {
    return "message " + std::to_string(sent.index) + " of position " +
           std::to_string(sent.position);
  }
  if (decode_undelivered_key(key, returned))
    return "the message that came back at position " + std::to_string(returned);
  return "a key that is none of the agenda's";
}

namespace {

using agenda_edit = std::function<void(bool, std::string)>;

/// A timer's edits come in their order; what becomes of messages concerns keys of its own.
void edit_by_effects(const record& stored, const agenda_edit& edit) {
  using end = detail::change_effects::end;
  const std::string entity(stored.entity);
  for (const auto& next : stored.effects->timers) {
    if (next.was_us) edit(false, agenda_key({*next.was_us, entity, next.timer}));
    if (next.now) edit(true, agenda_key({next.now->at_us, entity, next.timer}));
  }
  const auto sent = static_cast<std::uint32_t>(stored.effects->messages.size());
  for (std::uint32_t index = 0; index < sent; ++index)
    edit(true, message_key({stored.position, index}));
  for (const auto& next : stored.effects->ends) {
    edit(false,
         next.what == end::kind::resent ? undelivered_key(next.of.position) : message_key(next.of));
    if (next.what == end::kind::returned) edit(true, undelivered_key(stored.position));
  }
}

} // namespace

status edit_agenda(const record& stored, const agenda_edit& edit) {
  using kind = built_in_event::kind;
  if (stored.effects != nullptr) {
    edit_by_effects(stored, edit);
    return {};
  }
  change made;
  if (auto failure = decode_change(stored, made); !failure.ok()) return failure;
  std::uint32_t sent = 0;
  for (const auto& event : made.events) {
    if (!concerns_agenda(event.name)) continue;
    built_in_event next;
    json::problem wrong;
    if (!decode_built_in(event.name, event.data, next, wrong)) {
      return {entity_errc::invalid_event,
              place_of(stored) + ": event " + event.name + ": " + wrong.text()};
    }
    if (next.was_us) edit(false, agenda_key({*next.was_us, made.entity, next.timer}));
    switch (next.what) {
      case kind::scheduled:
        edit(true, agenda_key({next.at_us, made.entity, next.timer}));
        break;
      case kind::cancelled:
      case kind::fired:
        break;
      case kind::emitted:
        edit(true, message_key({stored.position, sent++}));
        break;
      case kind::delivered:
        edit(false, message_key(next.of));
        break;
      case kind::returned:
        edit(false, message_key(next.of));
        if (!next.handled) edit(true, undelivered_key(stored.position));
        break;
      case kind::resent:
        edit(false, undelivered_key(next.of.position));
        break;
    }
  }
  return {};
}

} // namespace cairn::persistence
