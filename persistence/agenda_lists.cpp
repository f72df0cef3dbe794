#include <cairn/agenda.hpp>
#include <cairn/change.hpp>

#include "entities/built_in.hpp"
#include "persistence/agenda_rows.hpp"

#include <functional>
#include <utility>

namespace cairn {

namespace {

/// Calls back with the built-in events of this name in the change at `position`, and the change.
status read_built_in(const journal& source, position_type position, std::string_view name,
                     const std::function<void(built_in_event&&, const change&)>& each) {
  status decoded;
  auto read = source.scan(position, [&](const record& stored) {
    if (stored.position < position) return true; // the unit begins before
    change made;
    decoded = decode_change(stored, made);
    for (const auto& event : made.events) {
      built_in_event found;
      json::problem wrong;
      if (event.name == name && decode_built_in(event.name, event.data, found, wrong))
        each(std::move(found), made);
    }
    return false;
  });
  return read.ok() ? decoded : read;
}

/// The first `limit` keys of a part of the agenda.
template <class Row, class Decode>
status read_rows(const journal& source, const std::string& from, const std::string& to,
                 std::size_t limit, Decode decode, std::vector<Row>& rows) {
  return source.agenda(from, to, [&](std::string_view key) {
    if (rows.size() < limit && !decode(key, rows.emplace_back())) rows.pop_back();
    return rows.size() < limit;
  });
}

} // namespace

status list_timers(const journal& source, std::size_t limit, std::vector<waiting_timer>& found) {
  found.clear();
  std::vector<persistence::timer_row> rows;
  auto read = read_rows(source, persistence::first_timer_key(INT64_MIN),
                        persistence::timers_end_key(), limit, &persistence::decode_timer_key, rows);
  for (auto& row : rows) found.push_back({row.at_us, std::move(row.entity), std::move(row.timer)});
  return read;
}

status list_messages(const journal& source, std::size_t limit,
                     std::vector<waiting_message>& found) {
  found.clear();
  std::vector<message_place> places;
  auto read = read_rows(source, persistence::message_key({0, 0}), persistence::messages_end_key(),
                        limit, &persistence::decode_message_key, places);
  for (const auto& place : places) {
    if (!read.ok()) break;
    std::uint32_t index = 0;
    read = read_built_in(source, place.position, emitted_event,
                         [&](built_in_event&& sent, const change& made) {
                           if (index++ == place.index)
                             found.push_back({place, made.entity, std::move(sent.to),
                                              std::move(sent.command), std::move(sent.arguments)});
                         });
  }
  return read;
}

status list_undelivered(const journal& source, std::optional<position_type> after,
                        std::size_t limit, std::vector<undelivered_message>& found) {
  found.clear();
  std::vector<position_type> positions;
  auto read =
      read_rows(source, after ? persistence::letter_key(*after) + '\0' : persistence::letter_key(0),
                persistence::letters_end_key(), limit, &persistence::decode_letter_key, positions);
  for (const auto position : positions) {
    if (!read.ok()) break;
    read = read_built_in(source, position, returned_event,
                         [&](built_in_event&& back, const change& made) {
                           found.push_back({position,
                                            made.entity,
                                            made.time_us,
                                            {std::move(back.to), std::move(back.command),
                                             std::move(back.arguments), std::move(back.reason)}});
                         });
  }
  return read;
}

status count_agenda(const journal& source, agenda_counts& counts) {
  counts = {};
  return source.agenda("", persistence::timers_end_key(), [&](std::string_view key) {
    persistence::timer_row timer;
    message_place message;
    position_type letter = 0;
    counts.timers += persistence::decode_timer_key(key, timer) ? 1 : 0;
    counts.messages += persistence::decode_message_key(key, message) ? 1 : 0;
    counts.undelivered += persistence::decode_letter_key(key, letter) ? 1 : 0;
    return true;
  });
}

} // namespace cairn
