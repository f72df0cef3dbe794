#include "protocol/replies.hpp"

#include <utility>

namespace cairn::protocol {

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

std::string members_of(const json_reading& read) {
  std::string members = "\"state\":" + read.state_json + ",\"version\":";
  json::write_unsigned(members, read.version);
  members += read.exists ? ",\"exists\":true" : ",\"exists\":false";
  return members;
}

/// A conflict with one entity.
reply conflict_with(std::string members, conflict_kind kind, version_type actual) {
  reply made{ending::conflict, {}, std::move(members), actual};
  made.conflict_of_one = kind;
  return made;
}

/// A store's own failure is known by where its error comes from, whatever the reply else says.
reply note_error(reply made, const std::error_code& error) {
  made.error = error;
  made.store_failed = is_store_failure(error);
  return made;
}

reply done(std::string members) { return {ending::done, {}, std::move(members)}; }

reply reply_with(std::string members, const answer& given) {
  switch (given.what) {
    case answer::kind::conflict:
      return conflict_with(std::move(members), given.conflict, given.version);
    case answer::kind::rejected:
      return {ending::rejected, {}, std::move(members)};
    case answer::kind::failed:
      return note_error({ending::failed, {}, std::move(members)}, given.error);
    default:
      return {ending::done, {}, std::move(members), given.version};
  }
}

/// The reply to who could not get a lease, or give it back.
reply lease_refusal(const lease_outcome& ended) {
  if (const auto* failure = ended.failed()) return reply_of(*failure);
  const auto& met = *ended.conflict();
  std::string members;
  write_conflict_json(members, met);
  return conflict_with(std::move(members), met.kind, met.actual);
}

} // namespace

void write_reply(std::string& out, const reply& given) {
  out += '{';
  if (!given.reference.empty()) out.append("\"ref\":").append(given.reference).append(",");
  out.append(given.members).append("}");
}

reply reply_of(const any_outcome& ended) {
  std::string members;
  write_outcome_json(members, ended);
  return reply_with(std::move(members), ended.answer);
}

reply reply_of(const transaction_outcome& ended) {
  std::string members;
  write_outcome_json(members, ended);
  if (const auto* failure = ended.failed()) {
    return note_error({ending::failed, {}, std::move(members)}, failure->error);
  }
  const auto what = ended.accepted() != nullptr   ? ending::done
                    : ended.conflict() != nullptr ? ending::conflict
                                                  : ending::rejected;
  return {what, {}, std::move(members)};
}

reply reply_of(const bulk_result& ended) {
  reply made;
  if (ended.refused) {
    made = reply_of(*ended.refused);
  } else {
    write_bulk_json(made.members, ended);
    if (ended.failure && ended.failed == 0) made.what = ending::failed;
  }
  return ended.failure ? note_error(std::move(made), ended.failure->error) : made;
}

reply reply_of(const lease_outcome& ended) {
  const auto* lease = ended.leased();
  if (lease == nullptr) return lease_refusal(ended);
  std::string members = "\"lease\":{\"token\":";
  write_text(members, lease->token);
  members += ",\"until\":";
  write_text(members, iso_time(lease->until.time_since_epoch().count()));
  members += '}';
  return done(std::move(members));
}

reply release_reply(const lease_outcome& ended) {
  return ended.leased() == nullptr ? lease_refusal(ended) : done("\"released\":true");
}

reply reply_of(const json_reading& read) {
  if (read.failure) return reply_of(*read.failure);
  reply made{ending::done, {}, members_of(read), read.version};
  made.exists = read.exists;
  return made;
}

reply reply_of(const json_readings& read) {
  if (read.failure) return reply_of(*read.failure);
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
  members += ']';
  return done(std::move(members));
}

reply reply_of(const history_page& page) {
  if (page.failure) return reply_of(*page.failure);
  std::string members = "\"changes\":[";
  for (const auto& shown : page.changes) {
    if (&shown != &page.changes.front()) members += ',';
    write_history_json(members, shown);
  }
  members += page.more ? "],\"more\":true" : "],\"more\":false";
  auto made = done(std::move(members));
  if (page.more && !page.changes.empty()) {
    json::write_unsigned(made.next, page.changes.back().version + 1);
  }
  return made;
}

reply reply_of(const listing& found) {
  std::string members = "\"entities\":[";
  for (const auto& entity : found.entities) {
    members += &entity == &found.entities.front() ? "{\"entity\":" : ",{\"entity\":";
    write_text(members, entity.entity);
    members += ",\"version\":";
    json::write_unsigned(members, entity.version);
    members += '}';
  }
  members += found.more ? "],\"more\":true" : "],\"more\":false";
  auto made = done(std::move(members));
  if (found.more && !found.entities.empty()) made.next = id_of(found.entities.back().entity);
  return made;
}

reply reply_of(const failed& failure) {
  std::string members;
  write_failed_json(members, failure);
  return note_error({ending::failed, {}, std::move(members)}, failure.error);
}

reply invalid_reply(std::string_view path, std::string_view message) {
  std::string members = "\"invalid\":{\"path\":";
  write_text(members, path);
  members += ",\"message\":";
  write_text(members, message);
  members += '}';
  reply made{ending::invalid, {}, std::move(members)};
  made.path = path;
  return made;
}

} // namespace cairn::protocol
