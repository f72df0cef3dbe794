#include "cli/exec_members.hpp"

namespace cairn::cli {

namespace {

bool is_store_failure(const std::error_code& error) {
  if (error.category() != journal_category()) {
    return error.category() != entity_category() && error.category() != runtime_category();
  }
  return error != journal_errc::too_large && error != journal_errc::fenced &&
         error != journal_errc::no_such_version && error != journal_errc::ahead;
}

void write_text(std::string& out, std::string_view text) {
  if (!json::write_string(out, text)) out += "\"(text that is not UTF-8)\"";
}

} // namespace

gravity gravity_of(const std::error_code& error) {
  return is_store_failure(error) ? gravity::store_failed : gravity::fine;
}

std::string members_of(const any_outcome& ended) {
  std::string members;
  write_outcome_json(members, ended);
  return members;
}

std::string members_of(const transaction_outcome& ended) {
  std::string members;
  write_outcome_json(members, ended);
  return members;
}

std::string members_of(const bulk_result& ended) {
  std::string members;
  write_bulk_json(members, ended);
  return members;
}

std::string members_of(const conflict& met) {
  std::string members;
  write_conflict_json(members, met);
  return members;
}

std::string members_of(const failed& failure) {
  std::string members;
  write_failed_json(members, failure);
  return members;
}

std::string members_of(const leased& lease) {
  std::string members = "\"lease\":{\"token\":";
  write_text(members, lease.token);
  members += ",\"until\":";
  write_text(members, iso_time(lease.until.time_since_epoch().count()));
  return members += '}';
}

std::string members_of(const json_reading& read) {
  std::string members = "\"state\":" + read.state_json + ",\"version\":";
  json::write_unsigned(members, read.version);
  members += read.exists ? ",\"exists\":true" : ",\"exists\":false";
  return members;
}

std::string members_of(const json_readings& read) {
  std::string members = "\"position\":";
  if (read.position) {
    json::write_unsigned(members, *read.position);
  } else {
    members += "null";
  }
  members += ",\"entities\":[";
  for (const auto& entity : read.entities) {
    members += &entity == &read.entities.front() ? "{\"entity\":" : ",{\"entity\":";
    write_text(members, entity.entity);
    members += ',' + members_of(entity) + '}';
  }
  return members += ']';
}

std::string members_of(const history_page& page) {
  std::string members = "\"changes\":[";
  for (const auto& shown : page.changes) {
    if (&shown != &page.changes.front()) members += ',';
    write_history_json(members, shown);
  }
  members += page.more ? "],\"more\":true" : "],\"more\":false";
  return members;
}

std::string members_of(const listing& found) {
  std::string members = "\"entities\":[";
  for (const auto& entity : found.entities) {
    members += &entity == &found.entities.front() ? "{\"entity\":" : ",{\"entity\":";
    write_text(members, entity.entity);
    members += ",\"version\":";
    json::write_unsigned(members, entity.version);
    members += '}';
  }
  members += found.more ? "],\"more\":true" : "],\"more\":false";
  return members;
}

std::string invalid_members(std::string_view path, std::string_view message) {
  std::string members = "\"invalid\":{\"path\":";
  write_text(members, path);
  members += ",\"message\":";
  write_text(members, message);
  return members += '}';
}

} // namespace cairn::cli
