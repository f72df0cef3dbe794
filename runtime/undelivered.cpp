#include "runtime/undelivered.hpp"

#include <cairn/change.hpp>

#include "entities/built_in.hpp"
#include "persistence/agenda_rows.hpp"

#include <utility>

namespace cairn {

namespace {

status read_letter(const journal& source, position_type position,
                   std::vector<undelivered_message>& found) {
  status decoded;
  auto read = source.scan(position, [&](const record& stored) {
    if (stored.position < position) {
      return true; // the unit begins before
    }
    change made;
    decoded = decode_change(stored, made);
    for (const auto& event : made.events) {
      built_in_event returned;
      json::problem wrong;
      if (event.name == returned_event &&
          decode_built_in(event.name, event.data, returned, wrong)) {
        found.push_back({position,
                         made.entity,
                         made.time_us,
                         {std::move(returned.to), std::move(returned.command),
                          std::move(returned.arguments), std::move(returned.reason)}});
      }
    }
    return false;
  });
  return read.ok() ? decoded : read;
}

} // namespace

status read_undelivered(const journal& source, std::optional<position_type> after,
                        std::size_t limit, std::vector<undelivered_message>& found) {
  found.clear();
  std::vector<position_type> positions;
  const std::string from =
      after ? persistence::letter_key(*after) + '\0' : persistence::letter_key(0);
  auto read = source.agenda(from, persistence::letters_end_key(), [&](std::string_view key) {
    if (limit > 0) {
      persistence::decode_letter_key(key, positions.emplace_back());
    }
    return positions.size() < limit;
  });
  for (const auto position : positions) {
    if (read.ok()) {
      read = read_letter(source, position, found);
    }
  }
  return read;
}

} // namespace cairn
