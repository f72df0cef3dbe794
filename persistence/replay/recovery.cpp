#include "persistence/replay/recovery.hpp"

#include <cairn/detail/guard.hpp>

#include "entities/bytes.hpp"
#include "persistence/format/change_body.hpp"

#include <xxhash.h>

#include <algorithm>

namespace cairn::persistence {

namespace {

/// Format 1 had neither aspects nor what is known of a command beside its reply. Format 3 has timers, and format 4 says
/// how often they come: each is written for entities that need it.
constexpr unsigned char snapshot_format = 2;
constexpr unsigned char timers_snapshot_format = 3;
constexpr unsigned char periods_snapshot_format = 4;
constexpr unsigned char ids_snapshot_format = 5;
constexpr unsigned char oldest_snapshot_format = 1;

// Flags of a remembered command.
constexpr std::uint64_t id_merged = 1;
constexpr std::uint64_t id_reply_in_journal = 2;

void put_hash(std::string& out, const content_hash& hash) {
  out.append(reinterpret_cast<const char*>(hash.data()), hash.size());
}

content_hash take_hash(byte_reader& in) {
  content_hash hash{};
  const auto bytes = in.take(hash.size());
  std::copy(bytes.begin(), bytes.end(), hash.begin()); // none when it was cut short
  return hash;
}

/// Does it hold what only a snapshot of `ids_snapshot_format` can say?
bool needs_ids_format(const id_window& ids) {
  bool needed = ids.never_forgets();
  ids.for_each([&](const remembered_command& known) {
    needed = needed || known.what == remembered_command::known::but_for_reply;
  });
  return needed;
}

void encode_ids(std::string& out, const id_window& ids, unsigned char format) {
  put_varint(out, ids.size());
  ids.for_each([&](const remembered_command& known) {
    put_bytes(out, known.id);
    put_hash(out, known.content);
    put_varint(out, known.version);
    put_varint(out, known.position.load(std::memory_order_acquire) + 1); // 0: not yet durable
    put_bytes(out, known.reply);
    const bool has_all = known.what == remembered_command::known::all;
    put_varint(out, (known.merged ? id_merged : 0) | (has_all ? 0 : id_reply_in_journal));
  });
  if (format >= ids_snapshot_format) {
    put_varint(out, ids.never_forgets() ? ids.past_size() + 1 : 0); // 0: it does forget
    ids.for_each_past([&](const content_hash& id, version_type version) {
      put_hash(out, id);
      put_varint(out, version);
    });
  }
}

void encode_aspects(std::string& out, const live_entity& entity) {
  const auto& names = entity.type().aspects;
  put_varint(out, names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    put_bytes(out, names[i]);
    put_varint(out, entity.aspect_versions()[i]);
  }
}

unsigned char format_for(const detail::timer_table* timers) {
  if (timers == nullptr) {
    return snapshot_format;
  }
  const bool repeats = std::any_of(timers->begin(), timers->end(),
                                   [](const auto& each) { return each.second.every_us > 0; });
  return repeats ? periods_snapshot_format : timers_snapshot_format;
}

void encode_timers(std::string& out, const detail::timer_table& timers, unsigned char format) {
  put_varint(out, timers.size());
  for (const auto& [name, pending] : timers) {
    put_bytes(out, name);
    put_fixed64(out, static_cast<std::uint64_t>(pending.at_us));
    put_bytes(out, pending.command);
    put_bytes(out, pending.arguments);
    if (format >= periods_snapshot_format) {
      put_varint(out, static_cast<std::uint64_t>(pending.every_us));
    }
  }
}

void decode_timers(byte_reader& in, detail::timer_table& timers, std::uint64_t format) {
  for (std::uint64_t n = in.varint(); n > 0 && in.good(); --n) {
    auto& pending = timers[std::string(in.bytes())];
    pending.at_us = static_cast<std::int64_t>(in.fixed(8));
    pending.command = in.bytes();
    pending.arguments = in.bytes();
    if (format >= periods_snapshot_format) {
      pending.every_us = static_cast<std::int64_t>(in.varint());
    }
  }
}

/// One that the snapshot does not know counts as changed by its version: rather a conflict too many.
void restore_aspects(const snapshot_content& content, live_entity& entity) {
  const auto& names = entity.type().aspects;
  for (const auto& [name, version] : content.aspects) {
    const auto known = std::find(names.begin(), names.end(), name);
    if (known != names.end()) {
      entity.set_aspect_version(static_cast<std::size_t>(known - names.begin()), version);
    }
  }
}

/// The ids of before the window. False: the type wants them, and they are not there.
bool restore_past_ids(byte_reader& in, const snapshot_content& content, id_window& ids) {
  const std::uint64_t listed = content.format >= ids_snapshot_format ? in.varint() : 0;
  for (std::uint64_t n = listed; n > 1 && in.good(); --n) {
    const auto id = take_hash(in);
    const version_type version = in.varint();
    if (ids.never_forgets()) {
      ids.remember_past(id, version);
    }
  }
  return listed > 0 || !ids.never_forgets();
}

/// `unplaced` gets the oldest version whose command was not yet durable when the snapshot was taken; `complete`,
/// whether all is there that the type remembers today.
bool restore_ids(const snapshot_content& content, id_window& ids, version_type& unplaced,
                 bool& complete) {
  byte_reader in(content.ids);
  for (std::uint64_t n = in.varint(); n > 0 && in.good(); --n) {
    auto known = std::make_shared<remembered_command>();
    known->id = in.bytes();
    known->content = take_hash(in);
    known->version = in.varint();
    const position_type position = in.varint() - 1;
    known->position.store(position, std::memory_order_relaxed);
    if (position == no_position) {
      unplaced = std::min(unplaced, known->version);
    }
    known->reply = in.bytes();
    const std::uint64_t flags = content.format > oldest_snapshot_format ? in.varint() : 0;
    known->merged = (flags & id_merged) != 0;
    if ((flags & id_reply_in_journal) != 0) {
      known->what = remembered_command::known::but_for_reply;
    }
    ids.remember(std::move(known));
  }
  complete = restore_past_ids(in, content, ids);
  return in.good() && in.at_end();
}

void remember(const change& replayed, live_entity& entity) {
  if (!replayed.cause.id.empty()) {
    auto known = std::make_shared<remembered_command>();
    known->id = replayed.cause.id;
    known->content = replayed.cause.content;
    known->version = replayed.version;
    known->position.store(replayed.position, std::memory_order_relaxed);
    known->reply = replayed.cause.reply.value_or("");
    known->merged = replayed.cause.merged;
    entity.ids().remember(std::move(known));
  }
  entity.ids().expire(replayed.version);
}

/// False: one is not JSON.
bool parse_events(const change& past, std::vector<stored_event>& events) {
  json::problem wrong;
  return std::all_of(past.events.begin(), past.events.end(), [&](const recorded_event& event) {
    auto& made = events.emplace_back(stored_event{event.name, event.schema, {}});
    return json::parse(event.data, made.data, wrong);
  });
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
  const auto* const timers = entity.timers();
  const unsigned char format =
      needs_ids_format(entity.ids()) ? ids_snapshot_format : format_for(timers);
  out += static_cast<char>(format);
  out += static_cast<char>(entity.standing().removed ? 1 : 0);
  put_fixed64(out, entity.type().fingerprint);
  put_fixed64(out, hash_state(state));
  put_bytes(out, state);
  encode_aspects(out, entity);
  if (format >= timers_snapshot_format) {
    encode_timers(out, timers != nullptr ? *timers : detail::timer_table(), format);
  }
  encode_ids(out, entity.ids(), format);
  return true;
}

status decode_snapshot(std::string_view body, snapshot_content& content) {
  byte_reader in(body);
  const auto format = in.fixed(1);
  const auto removed = in.fixed(1);
  if (in.good() &&
      (format < oldest_snapshot_format || format > ids_snapshot_format || removed > 1)) {
    return {journal_errc::unknown_format, "has format " + std::to_string(format) + ", flags " +
                                              std::to_string(removed) +
                                              "; known are formats 1 to 5, flags 0 and 1"};
  }
  content.format = static_cast<unsigned char>(format);
  content.removed = removed == 1;
  content.fingerprint = in.fixed(8);
  content.state_hash = in.fixed(8);
  content.state_json = in.bytes();
  content.rest = in.left() > 0 ? body.substr(body.size() - in.left()) : std::string_view{};
  if (format > oldest_snapshot_format) {
    for (std::uint64_t n = in.varint(); n > 0 && in.good(); --n) {
      const auto name = in.bytes();
      content.aspects.emplace_back(name, in.varint());
    }
  }
  if (format >= timers_snapshot_format) {
    decode_timers(in, content.timers, format);
  }
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
  entity.begin_change(stored.removes);
  for (const auto& event : replayed.events) {
    if (auto applied = entity.apply(event.name, event.schema, event.data); !applied.ok()) {
      return {applied.error, place_of(stored) + ": " + applied.message};
    }
  }
  entity.end_change(stored.version, stored.removes, replayed.cause.command, replayed.aspects);
  remember(replayed, entity);
  return {};
}

entity_recovery::entity_recovery(const entity_type& type, std::string_view key)
    : key_(key), entity_(std::make_unique<live_entity>(type)) {}

status entity_recovery::begin(const journal& source, version_type at_most) {
  head stands;
  if (auto found = source.find_head(key_, stands); !found.ok()) {
    return found;
  }
  last_ = std::min(at_most, stands.version);
  if (last_ > 0) {
    if (auto read = begin_at_snapshot(source); !read.ok()) {
      return read;
    }
  }
  return {};
}

/// Where there is no snapshot that today's code can use, at the first change.
status entity_recovery::begin_at_snapshot(const journal& source) {
  std::optional<stored_snapshot> found;
  if (auto read = source.find_snapshot(key_, last_, found); !read.ok() || !found) {
    return read;
  }
  const std::string place = "snapshot of " + key_ + " at version " + std::to_string(found->version);
  snapshot_content content;
  if (auto decoded = decode_snapshot(found->body, content); !decoded.ok()) {
    return {decoded.error, place + " " + decoded.message};
  }
  json::problem wrong;
  if (content.fingerprint != entity_->type().fingerprint) {
    return {};
  }
  if (!entity_->restore(found->version, content.removed, content.state_json, wrong)) {
    entity_ = std::make_unique<live_entity>(entity_->type());
    return {};
  }
  restore_aspects(content, *entity_);
  bool complete = true;
  if (!restore_ids(content, entity_->ids(), unplaced_, complete)) {
    return {journal_errc::damaged, place + " holds command ids that do not decode"};
  }
  if (!complete) { // the type did not remember for ever then: all its changes are read, once
    entity_ = std::make_unique<live_entity>(entity_->type());
    unplaced_ = version_max;
    return {};
  }
  entity_->restore_timers(std::move(content.timers));
  snapshot_ = found->version;
  snapshot_position_ = found->position;
  next_ = std::min(snapshot_ + 1, unplaced_); // looks up where those went that were in flight
  if (const auto* kept = entity_->kept(); kept != nullptr && kept->window() > 0) {
    keeps_from_ = snapshot_ < kept->window() ? 1 : snapshot_ - kept->window() + 1;
    begins_ =
        keeps_from_ == 1; // a life, as the change behind a removal does: hence one more is read
    next_ = std::min(next_, std::max<version_type>(keeps_from_, 2) - 1);
  }
  return {};
}

status entity_recovery::find_start(const journal& source, position_type& start) const {
  start = snapshot_ == 0 ? 0 : snapshot_position_ + 1;
  if (next_ > snapshot_) {
    return {};
  }
  std::optional<stored_snapshot> older;
  auto read = source.find_snapshot(key_, next_ - 1, older);
  start = older ? older->position + 1 : 0;
  return read;
}

status entity_recovery::follow(const record& stored) {
  ++next_;
  if (stored.version > snapshot_) {
    return replay_change(stored, *entity_);
  }
  if (stored.version >= unplaced_) {
    entity_->ids().place(stored.version, stored.position);
  }
  return keep(stored);
}

/// Brings back what a type that merges wants to know of the time before its snapshot. An event of an older form
/// ends it: what was missed before that stays a conflict.
status entity_recovery::keep(const record& stored) {
  if (keeps_from_ == 0) {
    return {};
  }
  if (stored.version < keeps_from_) {
    begins_ = stored.removes;
    return {};
  }
  change past;
  if (auto decoded = decode_change(stored, past); !decoded.ok()) {
    return decoded;
  }
  const std::string no_command;
  const std::string& command =
      std::exchange(begins_, past.removes) ? no_command : past.cause.command;
  std::vector<stored_event> events;
  if (!parse_events(past, events) ||
      !entity_->keep_stored(past.version, command, past.aspects, events, stored.body.size())) {
    entity_->kept()->forget();
  }
  return {};
}

status entity_recovery::read(const journal& source) {
  if (complete()) {
    return {};
  }
  status followed;
  auto read = source.read(key_, next_, last_, [&](const record& stored) {
    followed = follow(stored);
    return followed.ok();
  });
  return read.ok() ? followed : read;
}

status entity_recovery::finish(std::unique_ptr<live_entity>& recovered) {
  recovered = std::move(entity_);
  if (recovered->standing().version != last_) {
    return {journal_errc::damaged, key_ + " ends at version " +
                                       std::to_string(recovered->standing().version) +
                                       " instead of " + std::to_string(last_)};
  }
  return {};
}

status recover_entity(const journal& source, const entity_type& type, std::string_view key,
                      version_type at_most, std::unique_ptr<live_entity>& recovered) {
  entity_recovery recovery(type, key);
  auto failure = recovery.begin(source, at_most);
  if (failure.ok()) {
    failure = recovery.read(source);
  }
  auto ended = recovery.finish(recovered);
  return failure.ok() ? ended : failure;
}

status recover_guarded(const journal& source, const entity_type& type, std::string_view key,
                       version_type at_most, std::unique_ptr<live_entity>& recovered) noexcept {
  status went;
  detail::guard(
      [&] { went = recover_entity(source, type, key, at_most, recovered); },
      [&](const std::string& thrown) {
        recovered.reset();
        went = {entity_errc::entity_error, "rebuilding " + std::string(key) + " threw: " + thrown};
      });
  return went;
}

} // namespace cairn::persistence
