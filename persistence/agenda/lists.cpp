#include <cairn/detail/agenda.hpp>

#include "persistence/agenda/messages.hpp"
#include "persistence/agenda/rows.hpp"

#include <utility>

namespace cairn {

namespace {

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
  std::string from = persistence::message_key({0, 0});
  for (bool more = true; more && found.size() < limit;) { // some may be passed over
    std::vector<message_place> places;
    auto read = read_rows(source, from, persistence::messages_end_key(), limit,
                          &persistence::decode_message_key, places);
    if (read.ok()) {
      read = persistence::read_messages(source, places, [&](persistence::stored_message&& each) {
        if (each.failure.ok()) {
          found.push_back({each.place, std::move(each.sender), std::move(each.what.to),
                           std::move(each.what.command), std::move(each.what.arguments)});
        }
        return found.size() < limit;
      });
    }
    if (!read.ok()) return read;
    more = places.size() == limit;
    if (more) from = persistence::message_key(places.back()) + '\0';
  }
  return {};
}

status list_undelivered(const journal& source, std::optional<position_type> after,
                        std::size_t limit, std::vector<undelivered_message>& found) {
  found.clear();
  std::string from =
      after ? persistence::undelivered_key(*after) + '\0' : persistence::undelivered_key(0);
  for (bool more = true; more && found.size() < limit;) { // some may be passed over
    std::vector<position_type> positions;
    auto read = read_rows(source, from, persistence::undelivered_end_key(), limit,
                          &persistence::decode_undelivered_key, positions);
    for (auto each = positions.begin(); read.ok() && each != positions.end(); ++each) {
      undelivered_message message;
      read = persistence::read_undelivered(source, *each, message);
      if (read.ok() && found.size() < limit) found.push_back(std::move(message));
      if (persistence::is_damage(read.error)) read = {};
    }
    if (!read.ok()) return read;
    more = positions.size() == limit;
    if (more) from = persistence::undelivered_key(positions.back()) + '\0';
  }
  return {};
}

status count_agenda(const journal& source, agenda_counts& counts) {
  counts = {};
  return source.agenda("", persistence::timers_end_key(), [&](std::string_view key) {
    persistence::timer_row timer;
    message_place message;
    position_type returned = 0;
    counts.timers += persistence::decode_timer_key(key, timer) ? 1 : 0;
    counts.messages += persistence::decode_message_key(key, message) ? 1 : 0;
    counts.undelivered += persistence::decode_undelivered_key(key, returned) ? 1 : 0;
    return true;
  });
}

} // namespace cairn
