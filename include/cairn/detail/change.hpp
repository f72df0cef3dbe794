#pragma once

#include <cairn/detail/cause.hpp>
#include <cairn/detail/journal.hpp>
#include <cairn/detail/types.hpp>
#include <cairn/error.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cairn {

/// A fact that happened.
struct recorded_event {
  std::string name;
  std::uint32_t schema = 1;
  std::string data; ///< JSON, the very bytes of the journal.
};

/// One change, decoded.
struct change {
  position_type position = no_position;
  position_type previous = no_position; ///< `no_position`: the entity's first.
  std::string entity;                   ///< `type/id`
  version_type version = 0;
  std::int64_t time_us = 0;     ///< Since the Unix epoch.
  std::uint32_t unit_index = 0; ///< Place within its unit, from 0.
  std::uint32_t unit_size = 1;  ///< Changes in its unit: more than one in a transaction.
  bool removes = false;
  std::vector<std::string> aspects; ///< Touched; empty: all.
  std::vector<recorded_event> events;
  cairn::cause cause;

  position_type unit_first() const noexcept { return position - unit_index; }

  // A transaction's changes follow each other, and are there together: who counts them as one waits for the last.
  bool is_first_of_unit() const noexcept { return unit_index == 0; }
  bool is_last_of_unit() const noexcept { return unit_index + 1 == unit_size; }
};

/// Decodes `stored` with its body.
/// Errors: `damaged`, `unknown_format`, naming entity, version and position.
status decode_change(const record& stored, change& decoded);

/// Appends the body of a change. `events` holds `event_count` events as `execution::events()` has them.
void encode_change_body(std::string& out, const cause& why, const std::vector<std::string>& aspects,
                        std::string_view events, std::size_t event_count);

/// Appends the body of a decoded change; gives the bytes that it was decoded from.
void encode_change_body(std::string& out, const change& decoded);

/// Appends a change as requests see it: `{"position":…,"version":…,"time":…,"command":…,"events":[…],"meta":{…}}`, and
/// `"unit":[index,size]` of one of several. Events are as the journal holds them, whether today's program knows them or
/// not; a schema other than 1 is shown.
void write_history_json(std::string& out, const change& shown);

/// Appends a change with everything in it, one line of JSON without its end, as `export` writes it.
void write_export_json(std::string& out, const change& exported);

/// Reads what `write_export_json` wrote; event data, replies and arguments keep their bytes.
/// Errors: false, and `wrong` names path and reason.
bool read_export_json(std::string_view line, change& imported, std::string& wrong);

/// `2026-05-31T18:20:00.000000Z`
std::string iso_time(std::int64_t time_us);

/// Reads ISO 8601 in UTC, fraction optional. Nothing: it is not one.
std::optional<std::int64_t> parse_iso_time(std::string_view text);

} // namespace cairn
