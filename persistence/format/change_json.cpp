#include <cairn/detail/change.hpp>
#include <cairn/detail/entity_type.hpp>
#include <cairn/json.hpp>

#include "persistence/format/json_slices.hpp"

namespace cairn {

namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

void write_name(std::string& out, std::string_view name) {
  if (out.back() != '{') out += ',';
  out += '"';
  out += name;
  out += "\":";
}

/// Text that is not UTF-8 cannot stand in JSON; what is shown of it is its ASCII.
void write_text(std::string& out, std::string_view text) {
  if (json::write_string(out, text)) return;
  std::string shown;
  for (const char byte : text) shown += static_cast<unsigned char>(byte) < 0x80U ? byte : '?';
  json::write_string(out, shown);
}

void write_text(std::string& out, std::string_view name, std::string_view text) {
  write_name(out, name);
  write_text(out, text);
}

void write_number(std::string& out, std::string_view name, std::uint64_t number) {
  write_name(out, name);
  json::write_unsigned(out, number);
}

void write_raw(std::string& out, std::string_view name, std::string_view value) {
  write_name(out, name);
  out += value;
}

/// Where the first schema is not written, another one is: the data of old forms cannot be read without it.
enum class schemas { but_the_first, written };

void write_events(std::string& out, const std::vector<recorded_event>& events, schemas which) {
  write_name(out, "events");
  char before = '[';
  for (const auto& event : events) {
    out += before;
    out += '{';
    write_text(out, "name", event.name);
    if (which == schemas::written || event.schema != 1) write_number(out, "schema", event.schema);
    write_raw(out, "data", event.data);
    out += '}';
    before = ',';
  }
  if (events.empty()) out += '[';
  out += ']';
}

void write_meta(std::string& out, const metadata& meta) {
  if (meta.empty()) return;
  write_name(out, "meta");
  out += '{';
  for (const auto& [name, value] : meta) {
    if (out.back() != '{') out += ',';
    write_text(out, name);
    out += ':';
    write_text(out, value);
  }
  out += '}';
}

void write_aspects(std::string& out, const std::vector<std::string>& aspects) {
  if (aspects.empty()) return;
  write_name(out, "aspects");
  char before = '[';
  for (const auto& aspect : aspects) {
    out += before;
    write_text(out, aspect);
    before = ',';
  }
  out += ']';
}

void write_cause(std::string& out, const cause& why) {
  write_text(out, "command", why.command);
  if (!why.id.empty()) {
    write_text(out, "id", why.id);
    write_name(out, "content");
    out += '"';
    for (const unsigned char byte : why.content) {
      out += hex_digits[byte >> 4U];
      out += hex_digits[byte & 15U];
    }
    out += '"';
  }
  write_meta(out, why.meta);
  if (why.reply) write_raw(out, "reply", *why.reply);
  if (why.arguments) write_raw(out, "arguments", *why.arguments);
  if (why.merged) write_raw(out, "merged", "true");
  if (why.item_versions.empty()) return;
  write_name(out, "item_versions");
  char before = '[';
  for (const auto version : why.item_versions) {
    out += before;
    json::write_unsigned(out, version);
    before = ',';
  }
  out += ']';
}

// --- reading -------------------------------------------------------------------------------------

using persistence::json_slices;

bool read_previous(json_slices& in, change& out) {
  if (!in.skip_null()) return in.number(out.previous);
  out.previous = no_position;
  return true;
}

bool read_time(json_slices& in, std::int64_t& time_us) {
  std::string text;
  if (!in.text(text)) return false;
  const auto time = parse_iso_time(text);
  if (!time) return in.fail("expected a time like 2026-05-31T18:20:00.000000Z");
  time_us = *time;
  return true;
}

bool read_content(json_slices& in, content_hash& content) {
  std::string text;
  if (!in.text(text)) return false;
  if (text.size() != 2 * content.size()) return in.fail("expected 32 hexadecimal digits");
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto digit = hex_digits.find(text[i]);
    if (digit == std::string_view::npos) return in.fail("expected 32 hexadecimal digits");
    auto& byte = content[i / 2];
    byte = static_cast<unsigned char>((byte << 4U) | digit);
  }
  return true;
}

bool read_unit(json_slices& in, std::uint64_t& first, std::uint64_t& size) {
  return in.object({"first", "size"}, {}, [&](std::string_view name) {
    return in.number(name == "first" ? first : size);
  });
}

bool read_event(json_slices& in, recorded_event& event) {
  return in.object({"name", "schema", "data"}, {}, [&](std::string_view name) {
    if (name == "name") return in.text(event.name);
    if (name == "data") return in.document(event.data);
    std::uint64_t schema = 0;
    if (!in.number(schema)) return false;
    event.schema = static_cast<std::uint32_t>(schema);
    return schema <= UINT32_MAX || in.fail("is out of range");
  });
}

bool read_meta(json_slices& in, metadata& meta) {
  return in.any_object([&](std::string& name) {
    meta.emplace_back(std::move(name), std::string{});
    return in.text(meta.back().second);
  });
}

/// What `change` does not hold as it stands in the line.
struct unit_place {
  std::uint64_t first = no_position;
  std::uint64_t size = 1;
};

bool read_cause_member(json_slices& in, std::string_view name, cause& why) {
  if (name == "command") return in.text(why.command);
  if (name == "id") return in.text(why.id);
  if (name == "content") return read_content(in, why.content);
  if (name == "meta") return read_meta(in, why.meta);
  if (name == "merged") return in.boolean(why.merged);
  if (name == "item_versions")
    return in.array([&] { return in.number(why.item_versions.emplace_back()); });
  return in.document((name == "reply" ? why.reply : why.arguments).emplace());
}

bool read_member(json_slices& in, std::string_view name, change& out, unit_place& unit) {
  if (name == "position") return in.number(out.position);
  if (name == "unit") return read_unit(in, unit.first, unit.size);
  if (name == "entity") return in.text(out.entity);
  if (name == "version") return in.number(out.version);
  if (name == "previous") return read_previous(in, out);
  if (name == "time") return read_time(in, out.time_us);
  if (name == "removes") return in.boolean(out.removes);
  if (name == "aspects") return in.array([&] { return in.text(out.aspects.emplace_back()); });
  if (name == "events") return in.array([&] { return read_event(in, out.events.emplace_back()); });
  return read_cause_member(in, name, out.cause);
}

bool fail(std::string& wrong, std::string_view member, std::string_view reason) {
  wrong.assign(member).append(": ").append(reason);
  return false;
}

/// What a line by itself must get right, beyond its form.
bool check_change(change& read, const unit_place& unit, std::string& wrong) {
  if (auto problem = entity_key_problem(read.entity); !problem.empty())
    return fail(wrong, "entity", problem);
  if (read.version == 0 || read.version > version_max)
    return fail(wrong, "version", "expected integer from 1 to 9223372036854775807");
  if (read.position == no_position) return fail(wrong, "position", "is out of range");
  if (read.events.empty()) return fail(wrong, "events", "a change has at least one event");
  const auto first = unit.first == no_position ? read.position : unit.first;
  if (unit.size == 0 || unit.size > UINT32_MAX || first > read.position ||
      read.position - first >= unit.size)
    return fail(wrong, "unit", "does not contain the change's position");
  read.unit_index = static_cast<std::uint32_t>(read.position - first);
  read.unit_size = static_cast<std::uint32_t>(unit.size);
  return true;
}

} // namespace

void write_history_json(std::string& out, const change& shown) {
  out += '{';
  write_number(out, "position", shown.position);
  write_number(out, "version", shown.version);
  write_text(out, "time", iso_time(shown.time_us));
  write_text(out, "command", shown.cause.command);
  write_events(out, shown.events, schemas::but_the_first);
  write_meta(out, shown.cause.meta);
  if (shown.unit_size > 1) {
    write_name(out, "unit");
    out += '[';
    json::write_unsigned(out, shown.unit_index);
    out += ',';
    json::write_unsigned(out, shown.unit_size);
    out += ']';
  }
  out += '}';
}

void write_export_json(std::string& out, const change& exported) {
  out += '{';
  write_number(out, "position", exported.position);
  if (exported.unit_size > 1) {
    write_name(out, "unit");
    out += '{';
    write_number(out, "first", exported.unit_first());
    write_number(out, "size", exported.unit_size);
    out += '}';
  }
  write_text(out, "entity", exported.entity);
  write_number(out, "version", exported.version);
  if (exported.previous == no_position) {
    write_raw(out, "previous", "null");
  } else {
    write_number(out, "previous", exported.previous);
  }
  write_text(out, "time", iso_time(exported.time_us));
  if (exported.removes) write_raw(out, "removes", "true");
  write_aspects(out, exported.aspects);
  write_events(out, exported.events, schemas::written);
  write_cause(out, exported.cause);
  out += '}';
}

bool read_export_json(std::string_view line, change& imported, std::string& wrong) {
  imported = {};
  unit_place unit;
  bool with_id = false;
  bool with_content = false;
  json_slices in(line);
  const bool read =
      in.object({"position", "entity", "version", "previous", "time", "events", "command"},
                {"unit", "removes", "aspects", "id", "content", "meta", "reply", "arguments",
                 "merged", "item_versions"},
                [&](std::string_view name) {
                  with_id = with_id || name == "id";
                  with_content = with_content || name == "content";
                  return read_member(in, name, imported, unit);
                }) &&
      in.end();
  if (!read) {
    wrong = in.problem();
    return false;
  }
  if (with_id != with_content || with_id == imported.cause.id.empty())
    return fail(wrong, with_id ? "content" : "id", "an id and its content come together");
  return check_change(imported, unit, wrong);
}

} // namespace cairn
