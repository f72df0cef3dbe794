#include "tests/persistence/authored_journal.hpp"

#include "entities/bytes.hpp"
#include "persistence/replay/recovery.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace cairn::testing {

namespace {

void demand(bool holds, const std::string& what) {
  if (!holds) throw std::logic_error(what); // ends the test that this author writes for
}

} // namespace

live_entity& author::find(const entity_type& type, const std::string& key) {
  auto& found = entities_[key];
  if (found == nullptr) found = std::make_unique<live_entity>(type);
  return *found;
}

author& author::send(const entity_type& type, std::string_view id, std::string_view command,
                     std::string_view arguments, const cause& why) {
  const auto key = entity_key(type.name, id);
  auto& live = find(type, key);
  const auto* known = type.find_command(command);
  demand(known != nullptr, "no such command");
  boost::json::value value;
  json::problem wrong;
  auto decoded = known->make();
  demand(json::parse(arguments, value, wrong) && known->decode(value, decoded.get(), wrong),
         wrong.text());
  execution done(1 << 24);
  const context ctx(time_point(std::chrono::microseconds(time_us_)), random_, key,
                    live.standing().version, find_meta(why.meta, "principal"));
  live.execute(*known, decoded.get(), ctx, done);
  demand(done.what() == execution::verdict::accepted, done.reason());
  cause full = why;
  full.command = command;
  if (!full.id.empty()) full.content = hash_content(command, arguments);
  if (known->replies) full.reply = done.reply();
  if (type.records_commands) full.arguments = arguments;
  add(live, key, full, done);
  return *this;
}

author& author::remove(const entity_type& type, std::string_view id) {
  const auto key = entity_key(type.name, id);
  auto& live = find(type, key);
  execution done(1 << 20);
  live.remove(context(time_point{}, random_, key, live.standing().version, {}), done);
  cause why;
  why.command = remove_command;
  add(live, key, why, done);
  return *this;
}

void author::remember(live_entity& changed, const cause& why) const {
  const auto version = changed.standing().version;
  if (!why.id.empty()) {
    auto known = std::make_shared<remembered_command>();
    known->id = why.id;
    known->content = why.content;
    known->version = version;
    known->position = to_.end().next + batch_.records.size();
    known->reply = why.reply.value_or("");
    changed.ids().remember(std::move(known));
  }
  changed.ids().expire(version);
}

void author::add(live_entity& changed, const std::string& key, const cause& why,
                 const execution& done) {
  remember(changed, why);
  record next;
  next.entity = texts_.emplace_back(key);
  next.version = changed.standing().version;
  next.removes = changed.standing().removed;
  next.agenda = done.effects() != nullptr;
  next.time_us = ++time_us_;
  next.unit_index = static_cast<std::uint32_t>(batch_.records.size());
  next.unit_size = unit_size_;
  auto& body = texts_.emplace_back();
  encode_change_body(body, why, {}, done.events(), done.event_count());
  next.body = body;
  batch_.records.push_back(next);
  if (batch_.records.size() < unit_size_) return;
  append(batch_);
  batch_ = {};
  texts_.clear();
  unit_size_ = 1;
}

void author::append(append_batch& batch) {
  bool called = false;
  to_.append(batch, [&](append_result result) {
    called = true;
    demand(result.what == append_result::kind::committed, result.failure.message);
  });
  demand(called, "the journal did not call back");
}

author& author::unit(std::uint32_t size) {
  unit_size_ = size;
  return *this;
}

author& author::at_time(std::int64_t time_us) {
  time_us_ = time_us - 1; // the next change is one later
  return *this;
}

author& author::snapshot(std::string_view key, std::string_view state) {
  const auto& live = entity(key);
  std::string body;
  json::problem wrong;
  demand(persistence::encode_snapshot(body, live, wrong), wrong.text());
  if (!state.empty()) {
    persistence::snapshot_content content;
    demand(persistence::decode_snapshot(body, content).ok(), "a fresh snapshot");
    std::string other = body.substr(0, 2);
    put_fixed64(other, content.fingerprint);
    put_fixed64(other, persistence::hash_state(state));
    put_bytes(other, state);
    other += content.rest;
    body = other;
  }
  append_batch batch;
  batch.snapshots.push_back({key, live.standing().version, no_position, body});
  append(batch);
  return *this;
}

std::string author::states() const {
  std::string lines;
  for (const auto& [key, live] : entities_) {
    std::string state;
    json::problem wrong;
    if (live->standing().exists()) live->encode_state(state, wrong);
    lines += state_line(key, live->standing().version, state);
  }
  return lines;
}

std::string state_line(std::string_view entity, version_type version, std::string_view state_json) {
  return std::string(entity) + ' ' + std::to_string(version) + ' ' +
         std::string(state_json.empty() ? "null" : state_json) + '\n';
}

} // namespace cairn::testing
