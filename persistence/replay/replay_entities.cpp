#include "persistence/replay/replay_entities.hpp"

#include <cairn/detail/guard.hpp>

#include "entities/bytes.hpp"
#include "persistence/format/change_body.hpp"
#include "persistence/replay/recovery.hpp"

#include <algorithm>

namespace cairn::persistence {

namespace {

// As in docs/journal-format.md, "Body of a change".
constexpr std::uint64_t body_format = 1;
constexpr std::uint64_t with_id = 1;
constexpr std::uint64_t with_meta = 2;
constexpr std::uint64_t with_reply = 4;
constexpr std::uint64_t with_arguments = 8;
constexpr std::uint64_t with_aspects = 16;
constexpr std::uint64_t with_notes = 32;
constexpr std::uint64_t note_items = 2;
constexpr std::uint64_t all_flags = 63;

void skip_texts(byte_reader& in, std::uint64_t each) {
  for (std::uint64_t left = in.varint(); left > 0 && in.good(); --left)
    for (std::uint64_t i = 0; i < each; ++i) in.bytes();
}

/// Goes to the events of a body. Replay needs nothing else of it, and copies none of it: that is
/// half the time of `decode_change`. False: `decode_change` will say what is wrong.
bool skip_to_events(byte_reader& in) {
  const std::uint64_t format = in.fixed(1);
  const std::uint64_t flags = in.fixed(1);
  if (format != body_format || flags > all_flags) return false;
  in.bytes(); // command
  if ((flags & with_id) != 0) {
    in.bytes();
    in.take(sizeof(content_hash));
  }
  if ((flags & with_meta) != 0) skip_texts(in, 2);
  if ((flags & with_reply) != 0) in.bytes();
  if ((flags & with_arguments) != 0) in.bytes();
  if ((flags & with_aspects) != 0) skip_texts(in, 1);
  if ((flags & with_notes) != 0 && (in.varint() & note_items) != 0)
    for (std::uint64_t left = in.varint(); left > 0 && in.good(); --left) in.varint();
  return in.good();
}

/// What is wrong with a body that did not read as it should.
status body_problem(const record& stored) {
  change decoded;
  auto failure = decode_change(stored, decoded);
  if (!failure.ok()) return failure;
  return {journal_errc::damaged, place_of(stored) + " has a body that does not decode"};
}

} // namespace

const entity_type* find_type(const std::vector<const entity_type*>& types, std::string_view name) {
  const auto found = std::find_if(types.begin(), types.end(),
                                  [&](const entity_type* type) { return type->name == name; });
  return found == types.end() ? nullptr : *found;
}

status expected_states::load(const journal& source, const std::vector<const entity_type*>& types,
                             std::string_view entity) {
  status failure;
  auto read = source.scan_snapshots([&](const snapshot& next) {
    if (next.body.empty() || (!entity.empty() && next.entity != entity)) return true;
    const auto* type = find_type(types, type_of(next.entity));
    if (type == nullptr || type->is_retired())
      return true; // its changes will say so, or are passed over
    failure = add(next, *type);
    return failure.ok();
  });
  return failure.ok() ? std::move(read) : std::move(failure);
}

status expected_states::add(const snapshot& next, const entity_type& type) {
  snapshot_content content;
  if (auto decoded = decode_snapshot(next.body, content); !decoded.ok()) {
    return {decoded.error, "the snapshot of " + std::string(next.entity) + " at version " +
                               std::to_string(next.version) + " " + decoded.message};
  }
  if (content.fingerprint != type.fingerprint) {
    ++skipped_;
    return {};
  }
  states_[std::string(next.entity)].push_back({next.version, content.state_hash, content.removed});
  return {};
}

const std::vector<expected_states::state>* expected_states::find(std::string_view entity) const {
  const auto found = states_.find(std::string(entity));
  return found == states_.end() ? nullptr : &found->second;
}

replayed_entities::entry& replayed_entities::find(std::string_view entity,
                                                  const entity_type& type) {
  if (const auto found = index_.find(entity); found != index_.end()) return *found->second;
  auto& made = entries_.emplace_back(entity, type);
  made.expected = expected_ == nullptr ? nullptr : expected_->find(entity);
  index_.emplace(made.key, &made);
  return made;
}

status replayed_entities::apply(const record& next, const entity_type& type) {
  status went;
  const auto apply = [&] { went = try_apply(next, type); };
  cairn::detail::guard(apply, [&](const std::string& thrown) {
    went = {entity_errc::entity_error, place_of(next) + ": the entity's code threw: " + thrown};
  });
  return went;
}

status replayed_entities::try_apply(const record& next, const entity_type& type) {
  auto& replayed = find(next.entity, type);
  if (next.version != replayed.live.standing().version + 1) {
    return {journal_errc::damaged, place_of(next) + " follows version " +
                                       std::to_string(replayed.live.standing().version) +
                                       " of the entity"};
  }
  if (auto failure = apply_events(next, replayed.live); !failure.ok()) return failure;
  ++applied_;
  return replayed.expected == nullptr ? status{} : compare(next, replayed);
}

status replayed_entities::apply_events(const record& next, live_entity& live) {
  byte_reader in(next.body);
  if (!skip_to_events(in)) return body_problem(next);
  std::uint64_t left = in.varint();
  if (left == 0) return body_problem(next);
  live.begin_change(next.removes);
  for (; left > 0; --left) {
    const auto name = in.bytes();
    const std::uint64_t schema = in.varint();
    const auto data = in.take(in.fixed(4));
    if (!in.good() || schema > UINT32_MAX) return body_problem(next);
    if (auto applied = live.apply(name, static_cast<std::uint32_t>(schema), data); !applied.ok())
      return {applied.error, place_of(next) + ": " + applied.message};
  }
  if (!in.at_end()) return body_problem(next);
  live.end_change(next.version, next.removes);
  return {};
}

status replayed_entities::compare(const record& at, entry& replayed) {
  const auto& states = *replayed.expected;
  while (replayed.next_expected < states.size() &&
         states[replayed.next_expected].version < at.version)
    ++replayed.next_expected;
  if (replayed.next_expected == states.size()) return {};
  const auto& wanted = states[replayed.next_expected];
  if (wanted.version != at.version) return {};
  state_.clear();
  json::problem wrong;
  const bool has_json = replayed.live.encode_state(state_, wrong); // as the snapshot's state had
  ++compared_;
  if (has_json && hash_state(state_) == wanted.hash && at.removes == wanted.removed) {
    replayed.agreed = at.version;
    return {};
  }
  if (!divergence_)
    divergence_ = {std::string(at.entity), at.version, at.position, replayed.agreed};
  replayed.expected = nullptr; // what follows differs for the same reason
  return {};
}

status replayed_entities::finish(std::vector<replayed_entity>& entities) {
  std::vector<entry*> sorted;
  sorted.reserve(entries_.size());
  for (auto& next : entries_) sorted.push_back(&next);
  std::sort(sorted.begin(), sorted.end(), [](auto* a, auto* b) { return a->key < b->key; });
  entities.reserve(entities.size() + sorted.size());
  for (auto* next : sorted) {
    const auto& standing = next->live.standing();
    auto& done = entities.emplace_back();
    done.version = standing.version;
    done.removed = standing.removed;
    json::problem wrong;
    if (!standing.removed && !next->live.encode_state_guarded(done.state_json, wrong)) {
      done.state_json.clear();
      done.problem = "the state has no JSON: " + wrong.text();
    }
    done.entity = std::move(next->key);
  }
  index_.clear();
  entries_.clear();
  return {};
}

} // namespace cairn::persistence
