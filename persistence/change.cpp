#include <cairn/change.hpp>

#include "entities/bytes.hpp"

#include <algorithm>
#include <limits>

namespace cairn {

namespace {

constexpr unsigned char body_format = 1;

// Flags of a body: which optional parts it has.
constexpr unsigned with_id = 1;
constexpr unsigned with_meta = 2;
constexpr unsigned with_reply = 4;
constexpr unsigned with_arguments = 8;
constexpr unsigned with_aspects = 16;
constexpr unsigned with_notes = 32;
constexpr unsigned all_flags = 63;

// What the notes of a body say.
constexpr std::uint64_t note_merged = 1;
constexpr std::uint64_t note_items = 2; // versions of a transaction's items follow

std::string place_of(const record& stored) {
  return "change " + std::to_string(stored.position) + " (" + std::string(stored.entity) +
         " version " + std::to_string(stored.version) + ")";
}

void read_cause(byte_reader& in, unsigned flags, cause& why) {
  why.command = in.bytes();
  if ((flags & with_id) != 0) {
    why.id = in.bytes();
    const auto hash = in.take(why.content.size());
    std::copy(hash.begin(), hash.end(), why.content.begin()); // none when it was cut short
  }
  if ((flags & with_meta) != 0) {
    for (std::uint64_t n = in.varint(); n > 0 && in.good(); --n) {
      std::string name(in.bytes());
      why.meta.emplace_back(std::move(name), in.bytes());
    }
  }
  if ((flags & with_reply) != 0) {
    why.reply = in.bytes();
  }
  if ((flags & with_arguments) != 0) {
    why.arguments = in.bytes();
  }
}

/// False: a note that is not known.
bool read_notes(byte_reader& in, cause& why) {
  const std::uint64_t notes = in.varint();
  why.merged = (notes & note_merged) != 0;
  if ((notes & note_items) != 0) {
    for (std::uint64_t n = in.varint(); n > 0 && in.good(); --n) {
      why.item_versions.push_back(in.varint());
    }
  }
  return notes <= (note_merged | note_items);
}

void write_notes(std::string& out, const cause& why) {
  put_varint(out, (why.merged ? note_merged : 0) | (why.item_versions.empty() ? 0 : note_items));
  if (!why.item_versions.empty()) {
    put_varint(out, why.item_versions.size());
    for (const auto version : why.item_versions) {
      put_varint(out, version);
    }
  }
}

/// False: a schema version is none.
bool read_events(byte_reader& in, std::vector<recorded_event>& events) {
  for (std::uint64_t n = in.varint(); n > 0 && in.good(); --n) {
    recorded_event event;
    event.name = in.bytes();
    const std::uint64_t schema = in.varint();
    event.schema = static_cast<std::uint32_t>(schema);
    if (event.schema != schema) {
      return false;
    }
    event.data = in.take(in.fixed(4));
    events.push_back(std::move(event));
  }
  return true;
}

} // namespace

status decode_change(const record& stored, change& decoded) {
  decoded = {};
  decoded.position = stored.position;
  decoded.previous = stored.previous;
  decoded.entity = stored.entity;
  decoded.version = stored.version;
  decoded.time_us = stored.time_us;
  decoded.unit_index = stored.unit_index;
  decoded.unit_size = stored.unit_size;
  decoded.removes = stored.removes;

  byte_reader in(stored.body);
  const std::uint64_t format = in.fixed(1);
  const std::uint64_t flags = in.fixed(1);
  if (in.good() && (format != body_format || flags > all_flags)) {
    return {journal_errc::unknown_format,
            place_of(stored) + " has body format " + std::to_string(format) + ", flags " +
                std::to_string(flags) + "; this version of Cairn reads format 1, flags 0 to 63"};
  }
  read_cause(in, static_cast<unsigned>(flags), decoded.cause);
  if ((flags & with_aspects) != 0) {
    for (std::uint64_t n = in.varint(); n > 0 && in.good(); --n) {
      decoded.aspects.emplace_back(in.bytes());
    }
  }
  if ((flags & with_notes) != 0 && !read_notes(in, decoded.cause)) {
    return {journal_errc::unknown_format, place_of(stored) +
                                              " has notes that this version of Cairn "
                                              "does not know"};
  }
  const bool events_good = read_events(in, decoded.events);
  if (!events_good || !in.good() || !in.at_end() || decoded.events.empty()) {
    return {journal_errc::damaged,
            place_of(stored) +
                " has a body that does not decode: " + std::to_string(stored.body.size()) +
                " bytes, " + (in.good() ? std::to_string(in.left()) + " left over" : "cut short")};
  }
  return {};
}

void encode_change_body(std::string& out, const cause& why, const std::vector<std::string>& aspects,
                        std::string_view events, std::size_t event_count) {
  unsigned flags = why.id.empty() ? 0U : with_id;
  flags |= why.meta.empty() ? 0U : with_meta;
  flags |= why.reply ? with_reply : 0U;
  flags |= why.arguments ? with_arguments : 0U;
  flags |= aspects.empty() ? 0U : with_aspects;
  flags |= why.merged || !why.item_versions.empty() ? with_notes : 0U;
  out += static_cast<char>(body_format);
  out += static_cast<char>(flags);
  put_bytes(out, why.command);
  if (!why.id.empty()) {
    put_bytes(out, why.id);
    out.append(reinterpret_cast<const char*>(why.content.data()), why.content.size());
  }
  if (!why.meta.empty()) {
    put_varint(out, why.meta.size());
    for (const auto& [name, value] : why.meta) {
      put_bytes(out, name);
      put_bytes(out, value);
    }
  }
  if (why.reply) {
    put_bytes(out, *why.reply);
  }
  if (why.arguments) {
    put_bytes(out, *why.arguments);
  }
  if (!aspects.empty()) {
    put_varint(out, aspects.size());
    for (const auto& aspect : aspects) {
      put_bytes(out, aspect);
    }
  }
  if ((flags & with_notes) != 0) {
    write_notes(out, why);
  }
  put_varint(out, event_count);
  out += events;
}

void encode_change_body(std::string& out, const change& decoded) {
  std::string events;
  for (const auto& event : decoded.events) {
    put_bytes(events, event.name);
    put_varint(events, event.schema);
    events.append(4, '\0');
    set_fixed32(events.data() + events.size() - 4, static_cast<std::uint32_t>(event.data.size()));
    events += event.data;
  }
  encode_change_body(out, decoded.cause, decoded.aspects, events, decoded.events.size());
}

} // namespace cairn
