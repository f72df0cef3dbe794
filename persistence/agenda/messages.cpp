#include "persistence/agenda/messages.hpp"

#include <cairn/detail/change.hpp>
#include <cairn/detail/entity_type.hpp>

#include "entities/built_in.hpp"
#include "persistence/format/json_slices.hpp"

#include <optional>
#include <utility>

namespace cairn::persistence {

namespace {

/// Changes so near are read on the way; those farther apart are looked for anew.
constexpr position_type near_positions = 64;

/// The receiver of a message whose event does not parse, as long as its text begins as the format says.
std::string receiver_in(std::string_view event) {
  std::string found;
  json_slices slices(event);
  slices.any_object([&](std::string& name) {
    if (name == "to") static_cast<void>(slices.text(found));
    return false; // what follows is not looked at
  });
  return entity_key_problem(found).empty() ? found : std::string();
}

/// Sets the message of this index among those of a change.
void find_message(const change& made, std::uint32_t wanted, stored_message& found) {
  found.sender = made.entity;
  found.version = made.version;
  std::uint32_t index = 0;
  for (const auto& event : made.events) {
    if (event.name != emitted_event || index++ != wanted) {
      continue;
    }
    built_in_event sent;
    json::problem wrong;
    if (decode_built_in(event.name, event.data, sent, wrong)) {
      found.what = {std::move(sent.to), std::move(sent.command), std::move(sent.arguments),
                    sent.hop};
    } else {
      found.what.to = receiver_in(event.data);
      found.failure = {entity_errc::invalid_event, wrong.text()};
    }
    return;
  }
  found.failure = {journal_errc::damaged, "the change has no such message"};
}

/// Messages in the order of their places, while changes pass by.
class message_reading {
public:
  message_reading(std::span<const message_place> places,
                  const std::function<bool(stored_message&&)>& take)
      : left_(places), take_(take) {}

  bool done() const noexcept { return left_.empty(); }
  position_type position() const noexcept { return left_.front().position; }

  /// False: the next place is too far away, or there is none.
  bool pass(const record& stored) {
    if (stored.position < position()) {
      return true; // the unit begins before, or nothing of it is wanted
    }
    change made;
    const status decoded = stored.position == position()
                               ? decode_change(stored, made)
                               : status{journal_errc::damaged, "there is no such change"};
    const position_type here = position();
    while (!done() && position() == here) {
      stored_message found;
      if (decoded.ok()) {
        find_message(made, left_.front().index, found);
      } else {
        found.sender = stored.position == here ? std::string(stored.entity) : std::string();
        found.failure = decoded;
      }
      give(std::move(found));
    }
    return !done() && position() - here <= near_positions;
  }

  /// The next one cannot be reached.
  void fail(const status& why) {
    stored_message lost;
    lost.failure = why;
    give(std::move(lost));
  }

private:
  void give(stored_message&& found) {
    found.place = left_.front();
    if (!found.failure.ok()) {
      found.failure.message = "message " + std::to_string(found.place.index) + " of position " +
                              std::to_string(found.place.position) +
                              " cannot be read: " + found.failure.message;
    }
    left_ = left_.subspan(1);
    if (!take_(std::move(found))) {
      left_ = {};
    }
  }

  std::span<const message_place> left_;
  const std::function<bool(stored_message&&)>& take_;
};

} // namespace

bool is_damage(const std::error_code& error) noexcept {
  return error == journal_errc::damaged || error == journal_errc::unknown_format ||
         error == entity_errc::unknown_event || error == entity_errc::invalid_event;
}

status read_undelivered(const journal& source, position_type position, undelivered_message& found) {
  status decoded{journal_errc::damaged, "the change has no such event"};
  std::optional<message_place>
      sent; // where its arguments are, which had no room where it came back
  auto read = source.scan(position, [&](const record& stored) {
    if (stored.position < position) return true; // the unit begins before
    change made;
    if (auto failure = decode_change(stored, made); !failure.ok()) {
      decoded = std::move(failure);
      return false;
    }
    for (const auto& event : made.events) {
      built_in_event back;
      json::problem wrong;
      if (event.name != returned_event) continue;
      if (!decode_built_in(event.name, event.data, back, wrong)) {
        decoded = {entity_errc::invalid_event, wrong.text()};
        continue;
      }
      if (back.arguments == no_arguments) sent = back.of;
      found = {position,
               made.entity,
               made.time_us,
               {std::move(back.to), std::move(back.command), std::move(back.arguments),
                std::move(back.reason)}};
      decoded = {};
    }
    return false;
  });
  if (read.ok() && decoded.ok() && sent) {
    read = read_messages(source, {&*sent, 1}, [&](stored_message&& message) {
      decoded = std::move(message.failure);
      found.message.arguments = std::move(message.what.arguments);
      return false;
    });
  }
  return read.ok() ? decoded : read;
}

status read_messages(const journal& source, std::span<const message_place> places,
                     const std::function<bool(stored_message&&)>& take) {
  message_reading reading(places, take);
  while (!reading.done()) {
    const position_type before = reading.position();
    auto read = source.scan(before, [&](const record& stored) { return reading.pass(stored); });
    if (!read.ok() && !is_damage(read.error)) {
      return read;
    }
    if (reading.done() || reading.position() != before) {
      continue; // some were read: from there on anew
    }
    reading.fail(read.ok() ? status{journal_errc::damaged, "the journal ends before it"} : read);
  }
  return {};
}

} // namespace cairn::persistence
