#include "persistence/recovery.hpp"

#include "entities/bytes.hpp"

#include <xxhash.h>

#include <algorithm>

namespace cairn {

namespace {

constexpr unsigned char snapshot_format = 1;

void encode_ids(std::string& out, const id_window& ids) {
  put_varint(out, ids.size());
  ids.for_each([&](const remembered_command& known) {
    put_bytes(out, known.id);
    out.append(reinterpret_cast<const char*>(known.content.data()), known.content.size());
    put_varint(out, known.version);
    put_varint(out, known.position.load(std::memory_order_acquire) + 1); // 0: not yet durable
    put_bytes(out, known.reply);
  });
}

/// `unplaced` gets the oldest version whose command was not yet durable when the snapshot was taken.
bool restore_ids(std::string_view encoded, id_window& ids, version_type& unplaced) {
  byte_reader in(encoded);
  for (std::uint64_t n = in.varint(); n > 0 && in.good(); --n) {
    auto known = std::make_shared<remembered_command>();
    known->id = in.bytes();
    const auto hash = in.take(known->content.size());
    std::copy(hash.begin(), hash.end(), known->content.begin()); // none when it was cut short
    known->version = in.varint();
    const position_type position = in.varint() - 1;
    known->position.store(position, std::memory_order_relaxed);
    if (position == no_position) {
      unplaced = std::min(unplaced, known->version);
    }
    known->reply = in.bytes();
    ids.remember(std::move(known));
  }
  return in.good() && in.at_end();
}

std::string place_of(const record& stored) {
  return "change " + std::to_string(stored.position) + " (" + std::string(stored.entity) +
         " version " + std::to_string(stored.version) + ")";
}

void remember(const change& replayed, live_entity& entity) {
  if (!replayed.cause.id.empty()) {
    auto known = std::make_shared<remembered_command>();
    known->id = replayed.cause.id;
    known->content = replayed.cause.content;
    known->version = replayed.version;
    known->position.store(replayed.position, std::memory_order_relaxed);
    known->reply = replayed.cause.reply.value_or("");
    entity.ids().remember(std::move(known));
  }
  entity.ids().expire(replayed.version);
}

/// Looks up where the changes went that were in flight when the snapshot was taken.
status place_ids(const journal& source, std::string_view key, version_type from, version_type to,
                 id_window& ids) {
  return source.read(key, from, to, [&](const record& stored) {
    ids.place(stored.version, stored.position);
    return true;
  });
}

/// False: there is no snapshot that today's code can use.
status restore_snapshot(const journal& source, std::string_view key, version_type at_most,
                        live_entity& entity, bool& restored) {
  restored = false;
  std::optional<stored_snapshot> found;
  if (auto read = source.find_snapshot(key, at_most, found); !read.ok() || !found) {
    return read;
  }
  const std::string place =
      "snapshot of " + std::string(key) + " at version " + std::to_string(found->version);
  snapshot_content content;
  if (auto decoded = decode_snapshot(found->body, content); !decoded.ok()) {
    return {decoded.error, place + " " + decoded.message};
  }
  json::problem wrong;
  if (content.fingerprint != entity.type().fingerprint ||
      !entity.restore(found->version, content.removed, content.state_json, wrong)) {
    return {};
  }
  version_type unplaced = version_max;
  if (!restore_ids(content.ids, entity.ids(), unplaced)) {
    return {journal_errc::damaged, place + " holds command ids that do not decode"};
  }
  restored = true;
  return unplaced <= found->version ? place_ids(source, key, unplaced, found->version, entity.ids())
                                    : status{};
}

} // namespace

std::uint64_t hash_state(std::string_view state_json) noexcept {
  return XXH3_64bits(state_json.data(), state_json.size());
}

bool encode_snapshot(std::string& out, const live_entity& entity, json::problem& wrong) {
  std::string state;
  if (!entity.encode_state(state, wrong)) {
    return false;
  }
  out += static_cast<char>(snapshot_format);
  out += static_cast<char>(entity.standing().removed ? 1 : 0);
  put_fixed64(out, entity.type().fingerprint);
  put_fixed64(out, hash_state(state));
  put_bytes(out, state);
  encode_ids(out, entity.ids());
  return true;
}

status decode_snapshot(std::string_view body, snapshot_content& content) {
  byte_reader in(body);
  const auto format = in.fixed(1);
  const auto removed = in.fixed(1);
  if (in.good() && (format != snapshot_format || removed > 1)) {
    return {journal_errc::unknown_format, "has format " + std::to_string(format) + ", flags " +
                                              std::to_string(removed) +
                                              "; known are format 1, flags 0 and 1"};
  }
  content.removed = removed == 1;
  content.fingerprint = in.fixed(8);
  content.state_hash = in.fixed(8);
  content.state_json = in.bytes();
  content.ids = in.take(in.left());
  if (!in.good() || hash_state(content.state_json) != content.state_hash) {
    return {journal_errc::damaged, "does not match its own hash"};
  }
  return {};
}

status replay_change(const record& stored, live_entity& entity) {
  if (stored.version != entity.standing().version + 1) {
    return {journal_errc::damaged, place_of(stored) + " follows version " +
                                       std::to_string(entity.standing().version) +
                                       " of the entity"};
  }
  change replayed;
  if (auto decoded = decode_change(stored, replayed); !decoded.ok()) {
    return decoded;
  }
  entity.begin_change();
  for (const auto& event : replayed.events) {
    if (auto applied = entity.apply(event.name, event.schema, event.data); !applied.ok()) {
      return {applied.error, place_of(stored) + ": " + applied.message};
    }
  }
  entity.end_change(stored.version, stored.removes);
  remember(replayed, entity);
  return {};
}

status recover_entity(const journal& source, const entity_type& type, std::string_view key,
                      version_type at_most, std::unique_ptr<live_entity>& recovered) {
  recovered = std::make_unique<live_entity>(type);
  head stands;
  if (auto found = source.find_head(key, stands); !found.ok() || stands.version == 0) {
    return found;
  }
  const version_type last = std::min(at_most, stands.version);
  bool restored = false;
  if (auto read = restore_snapshot(source, key, last, *recovered, restored); !read.ok()) {
    return read;
  }
  if (!restored) {
    recovered = std::make_unique<live_entity>(type);
  }
  if (recovered->standing().version == last) {
    return {};
  }
  status replayed;
  auto read = source.read(key, recovered->standing().version + 1, last, [&](const record& stored) {
    replayed = replay_change(stored, *recovered);
    return replayed.ok();
  });
  if (!read.ok() || !replayed.ok()) {
    return read.ok() ? replayed : read;
  }
  if (recovered->standing().version != last) {
    return {journal_errc::damaged, std::string(key) + " ends at version " +
                                       std::to_string(recovered->standing().version) +
                                       " instead of " + std::to_string(last)};
  }
  return {};
}

} // namespace cairn
