#include <cairn/detail/change.hpp>

#include "entities/bytes.hpp"
#include "persistence/format/change_body.hpp"
#include "persistence/format/raw_bytes.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace cairn {

namespace {

using persistence::change_parts;

constexpr unsigned char body_format = 1;

// Flags of a body: which optional parts it has.
constexpr unsigned flag_id = 1;
constexpr unsigned flag_meta = 2;
constexpr unsigned flag_reply = 4;
constexpr unsigned flag_arguments = 8;
constexpr unsigned flag_aspects = 16;
constexpr unsigned flag_notes = 32;
constexpr unsigned all_flags = 63;

// What the notes of a body say.
constexpr std::uint64_t note_merged = 1;
constexpr std::uint64_t note_items = 2; // versions of a transaction's items follow

void read_cause(byte_reader& in, unsigned flags, cause& why) {
  why.command = in.bytes();
  if ((flags & flag_id) != 0) {
    why.id = in.bytes();
    const auto hash = in.take(why.content.size());
    std::copy(hash.begin(), hash.end(), why.content.begin()); // none when it was cut short
  }
  if ((flags & flag_meta) != 0) {
    for (std::uint64_t n = in.varint(); n > 0 && in.good(); --n) {
      std::string name(in.bytes());
      why.meta.emplace_back(std::move(name), in.bytes());
    }
  }
  if ((flags & flag_reply) != 0) {
    why.reply = in.bytes();
  }
  if ((flags & flag_arguments) != 0) {
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

/// Where the bytes of a body go: counted first, then written.
struct counted_bytes {
  std::size_t size = 0;

  void varint(std::uint64_t value) noexcept { size += persistence::varint_bytes(value); }
  void raw(std::string_view bytes) noexcept { size += bytes.size(); }
};

struct written_bytes {
  char* end;

  void varint(std::uint64_t value) noexcept { end = persistence::write_varint(end, value); }
  void raw(std::string_view bytes) noexcept { end = persistence::write_raw(end, bytes); }
};

template <class Bytes>
void lay_out(Bytes& out, std::string_view text) noexcept {
  out.varint(text.size());
  out.raw(text);
}

template <class Bytes>
void lay_out_notes(Bytes& out, const change_parts& parts) noexcept {
  const bool has_items = !parts.item_versions.empty();
  out.varint((parts.merged ? note_merged : 0) | (has_items ? note_items : 0));
  if (has_items) {
    out.varint(parts.item_versions.size());
    for (const auto version : parts.item_versions) {
      out.varint(version);
    }
  }
}

unsigned flags_of(const change_parts& parts) noexcept {
  const bool has_meta = parts.meta != nullptr && !parts.meta->empty();
  const bool has_notes = parts.merged || !parts.item_versions.empty();
  return unsigned{!parts.id.empty()} * flag_id | unsigned{has_meta} * flag_meta |
         unsigned{parts.reply != nullptr} * flag_reply |
         unsigned{parts.arguments != nullptr} * flag_arguments |
         unsigned{!parts.aspects.empty()} * flag_aspects | unsigned{has_notes} * flag_notes;
}

/// A body, from its first byte to its last.
template <class Bytes>
void lay_out(Bytes& out, const change_parts& parts) noexcept {
  const unsigned flags = flags_of(parts);
  const std::array<char, 2> head{static_cast<char>(body_format), static_cast<char>(flags)};
  out.raw({head.data(), head.size()});
  lay_out(out, parts.command);
  if ((flags & flag_id) != 0) {
    lay_out(out, parts.id);
    out.raw({reinterpret_cast<const char*>(parts.content->data()), parts.content->size()});
  }
  if ((flags & flag_meta) != 0) {
    out.varint(parts.meta->size());
    for (const auto& [name, value] : *parts.meta) {
      lay_out(out, std::string_view(name));
      lay_out(out, std::string_view(value));
    }
  }
  if ((flags & flag_reply) != 0) {
    lay_out(out, std::string_view(*parts.reply));
  }
  if ((flags & flag_arguments) != 0) {
    lay_out(out, std::string_view(*parts.arguments));
  }
  if ((flags & flag_aspects) != 0) {
    out.varint(parts.aspects.size());
    for (const auto& aspect : parts.aspects) {
      lay_out(out, std::string_view(aspect));
    }
  }
  if ((flags & flag_notes) != 0) {
    lay_out_notes(out, parts);
  }
  out.varint(parts.event_count);
  out.raw(parts.events);
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

namespace persistence {

std::string place_of(const record& stored) {
  return "change " + std::to_string(stored.position) + " (" + std::string(stored.entity) +
         " version " + std::to_string(stored.version) + ")";
}

change_parts parts_of(const cause& why) noexcept {
  change_parts parts;
  parts.command = why.command;
  parts.id = why.id;
  parts.content = &why.content;
  parts.meta = &why.meta;
  parts.reply = why.reply ? &*why.reply : nullptr;
  parts.arguments = why.arguments ? &*why.arguments : nullptr;
  parts.merged = why.merged;
  parts.item_versions = why.item_versions;
  return parts;
}

std::size_t change_body_size(const change_parts& parts) noexcept {
  counted_bytes out;
  lay_out(out, parts);
  return out.size;
}

void write_change_body(char* out, const change_parts& parts) noexcept {
  written_bytes bytes{out};
  lay_out(bytes, parts);
}

} // namespace persistence

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
            persistence::place_of(stored) + " has body format " + std::to_string(format) +
                ", flags " + std::to_string(flags) +
                "; this version of Cairn reads format 1, flags 0 to 63"};
  }
  read_cause(in, static_cast<unsigned>(flags), decoded.cause);
  if ((flags & flag_aspects) != 0) {
    for (std::uint64_t n = in.varint(); n > 0 && in.good(); --n) {
      decoded.aspects.emplace_back(in.bytes());
    }
  }
  if ((flags & flag_notes) != 0 && !read_notes(in, decoded.cause)) {
    return {journal_errc::unknown_format, persistence::place_of(stored) +
                                              " has notes that this version of Cairn "
                                              "does not know"};
  }
  const bool events_good = read_events(in, decoded.events);
  if (!events_good || !in.good() || !in.at_end() || decoded.events.empty()) {
    return {journal_errc::damaged,
            persistence::place_of(stored) +
                " has a body that does not decode: " + std::to_string(stored.body.size()) +
                " bytes, " + (in.good() ? std::to_string(in.left()) + " left over" : "cut short")};
  }
  return {};
}

void encode_change_body(std::string& out, const cause& why, const std::vector<std::string>& aspects,
                        std::string_view events, std::size_t event_count) {
  change_parts parts = persistence::parts_of(why);
  parts.aspects = aspects;
  parts.events = events;
  parts.event_count = event_count;
  const std::size_t before = out.size();
  out.resize(before + persistence::change_body_size(parts));
  persistence::write_change_body(out.data() + before, parts);
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
