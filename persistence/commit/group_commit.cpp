#include "persistence/commit/group_commit.hpp"

#include <cairn/detail/guard.hpp>

#include "entities/crash_point.hpp"
#include "entities/id_window.hpp"
#include "persistence/commit/entity_slot.hpp"
#include "persistence/commit/unit.hpp"

#include <algorithm>
#include <thread>
#include <utility>

namespace cairn::persistence {

using detail::request;

namespace {

std::size_t changes_of(const request& handed) noexcept {
  return handed.unit ? handed.unit->changes : handed.body.empty() ? 0 : 1;
}

/// With their snapshots: what is written is what is bounded.
std::size_t bytes_of(const request& handed) noexcept {
  const std::size_t snapshot = handed.snapshot ? handed.snapshot->size() : 0;
  return handed.unit ? handed.unit->bytes + handed.unit->snapshot_bytes
                     : handed.body.size() + snapshot;
}

/// Of snapshots of entities at rest, so much goes with one batch: at most a millisecond's delay for the others.
constexpr std::size_t resting_bytes_max = 64U << 10U;
constexpr std::size_t resting_count_max = 256;

/// Was a change before it lost, of any entity that it has to do with?
bool is_lost(const request& handed) noexcept {
  if (!handed.unit) {
    return handed.slot->is_lost(handed.activation);
  }
  return std::any_of(handed.unit->parts.begin(), handed.unit->parts.end(),
                     [](const unit_part& part) { return part.slot->is_lost(part.activation); });
}

void lose(request& handed) {
  if (handed.what == request::verb::rest) {
    return; // nothing builds on it
  }
  if (!handed.unit) {
    return handed.slot->lose(handed.activation);
  }
  for (auto& part : handed.unit->parts) {
    part.slot->lose(part.activation);
  }
}

/// Leaves the request in the line, for its answer only.
void write_nothing_of(request& handed) noexcept {
  handed.body.clear();
  handed.snapshot.reset();
  handed.unit = nullptr;
}

} // namespace

group_commit::group_commit(journal& target, settings with)
    : journal_(target),
      settings_(std::move(with)),
      change_bytes_max_(target.change_bytes_max()),
      last_time_us_(target.end().last_time_us),
      next_position_(target.end().next) {}

void group_commit::add(detail::request_ptr handed) {
  auto& line = handed->what == request::verb::rest ? resting_ : waiting_;
  line.push_back(std::move(handed));
}

void group_commit::flush() noexcept {
  const auto give_up_on = [this](const std::string& thrown) { give_up(thrown); };
  if (!detail::guard([this] { write_all(); }, give_up_on)) {
    detail::guard([this] { write_all(); }, give_up_on); // refuses what waits
  }
}

void group_commit::write_all() {
  const bool rests = waiting_.empty();
  while (!writing_ && !waiting_.empty()) {
    collect();
    write();
  }
  if (rests && !writing_ && !resting_.empty()) {
    collect_resting(0);
    write();
  }
}

/// The last guard: nobody knows how far it got. Who has no answer yet is in doubt, and nothing is written any more.
void group_commit::give_up(const std::string& thrown) {
  writing_ = false;
  inside_append_ = false;
  inline_result_.reset();
  stop({journal_errc::store_failed, "writing threw: " + thrown});
  const auto unanswered = std::exchange(batch_, {});
  for (const auto& lost : unanswered) {
    if (lost) {
      lose(*lost);
      refuse(*lost, stopped_.error, changes_of(*lost) == 0 ? fate::not_written : fate::in_doubt,
             stopped_.message);
    }
  }
  for (const auto& lost : unanswered) {
    if (lost) {
      lost->finish();
    }
  }
}

/// Moves from the line what fits into one write.
void group_commit::collect() {
  std::size_t changes = 0;
  std::size_t bytes = 0;
  while (!waiting_.empty()) {
    request& next = *waiting_.front();
    const std::size_t more = changes_of(next);
    const std::size_t more_bytes = bytes_of(next);
    if (more > 0 && changes > 0 &&
        (changes + more > settings_.batch_changes_max ||
         bytes + more_bytes > settings_.batch_bytes_max)) {
      break;
    }
    changes += more;
    bytes += more_bytes;
    batch_.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  if (changes > 0) { // replies alone need no write, and wait for none
    collect_resting(bytes);
  }
}

/// As many as make a slice, beside the `bytes` of a batch. One is taken however large, where the batch has room for it.
void group_commit::collect_resting(std::size_t bytes) {
  std::size_t taken = 0;
  for (std::size_t count = 0; count < resting_count_max && !resting_.empty(); ++count) {
    taken += bytes_of(*resting_.front());
    if ((taken > resting_bytes_max && count > 0) ||
        (bytes + taken > settings_.batch_bytes_max && bytes + count > 0)) {
      break;
    }
    batch_.push_back(std::move(resting_.front()));
    resting_.pop_front();
  }
}

std::int64_t group_commit::stamp() {
  last_time_us_ =
      std::max<std::int64_t>(last_time_us_, settings_.clock().time_since_epoch().count());
  return last_time_us_;
}

/// Makes the batch's records and appends them; without any, its requests are answered at once. Of a lost activation
/// nothing may be written any more: it is refused here, where its changes would go to the journal (invariant 4).
void group_commit::write() {
  append_.records.clear();
  append_.snapshots.clear();
  append_.conditions.clear();
  record_of_.clear();
  const std::int64_t now_us = stamp();
  for (std::size_t i = 0; i < batch_.size(); ++i) {
    request& handed = *batch_[i];
    if (handed.sampled && settings_.watch != nullptr) {
      settings_.watch->batching(handed);
    }
    if (!stopped_.ok()) {
      refuse(handed, journal_errc::store_failed, fate::not_written, stopped_.message);
      write_nothing_of(handed);
    } else if (is_lost(handed)) {
      refuse_unwritten(handed, journal_errc::fenced,
                       "an earlier change of " + handed.slot->key() +
                           (handed.unit ? " or another of its entities" : "") +
                           " could not be written");
    } else if (handed.what == request::verb::rest) {
      append_.snapshots.push_back(
          {handed.slot->key(), handed.answer.version, no_position, *handed.snapshot});
    } else if (handed.body.size() > change_bytes_max_ || has_too_large_part(handed)) {
      refuse_unwritten(handed, journal_errc::too_large, refusal_of(handed));
    } else if (handed.unit) {
      add_unit(*handed.unit, i, now_us);
    } else if (!handed.body.empty()) {
      add_record(i, now_us, handed.slot->key(), handed.answer.version, handed.removes,
                 handed.effects.get(), handed.body, handed.snapshot.get());
    }
  }
  start_append();
}

/// Is this a transaction for whose sake the journal would refuse the whole batch?
bool group_commit::has_too_large_part(const request& handed) const {
  return handed.unit != nullptr &&
         std::any_of(handed.unit->parts.begin(), handed.unit->parts.end(), [&](const auto& part) {
           return part.changes && part.body.size() > change_bytes_max_;
         });
}

/// Why it would, for the sake of this one, which is too large.
std::string group_commit::refusal_of(const request& handed) const {
  const auto problem = [this](std::string_view entity, version_type version, std::size_t bytes) {
    return "version " + std::to_string(version) + " of " + std::string(entity) + " takes " +
           std::to_string(bytes) + " bytes; a change may have " +
           std::to_string(change_bytes_max_) + " (the journal's change_bytes_max)";
  };
  if (handed.unit == nullptr) {
    return problem(handed.slot->key(), handed.answer.version, handed.body.size());
  }
  for (const auto& part : handed.unit->parts) {
    if (part.changes && part.body.size() > change_bytes_max_) {
      return problem(part.slot->key(), part.version, part.body.size());
    }
  }
  return {};
}

/// With everything of its activations, those of a transaction's other entities included.
void group_commit::refuse_unwritten(request& handed, std::error_code error, std::string message) {
  refuse(handed, error, fate::not_written, std::move(message));
  lose(handed);
  write_nothing_of(handed);
}

/// Puts one change of the request at `index` into the batch.
record& group_commit::add_record(std::size_t index, std::int64_t now_us, std::string_view entity,
                                 version_type version, bool removes,
                                 const detail::change_effects* effects,
                                 const detail::body_bytes& body, const std::string* snapshot) {
  if (snapshot != nullptr) {
    append_.snapshots.push_back({entity, version, no_position, *snapshot});
  }
  record_of_.push_back(index);
  record& made = append_.records.emplace_back();
  made.entity = entity;
  made.version = version;
  made.time_us = now_us;
  made.removes = removes;
  made.agenda = effects != nullptr;
  made.effects = effects;
  made.body = {body.data(), body.size()};
  return made;
}

void group_commit::add_unit(const unit_of_entities& unit, std::size_t index, std::int64_t now_us) {
  if (unit.changes == 0) {
    return;
  }
  const std::size_t first = append_.records.size();
  for (const auto& part : unit.parts) {
    if (part.changes) {
      const std::size_t before = append_.records.size() - first;
      record& made = add_record(index, now_us, part.slot->key(), part.version, part.removes,
                                part.effects.get(), part.body, part.snapshot.get());
      made.unit_index = static_cast<std::uint32_t>(before);
      made.unit_size = static_cast<std::uint32_t>(unit.changes);
    } else {
      append_.conditions.push_back({part.slot->key(), part.version, first});
    }
  }
}

void group_commit::start_append() {
  append_result nothing_to_write;
  if (append_.records.empty() && append_.snapshots.empty()) {
    settle(nothing_to_write);
    return;
  }
  if (!append_.records.empty()) {
    pass(crash_point::batched);
  }
  if (settings_.watch != nullptr) {
    settings_.watch->appending(batch_.size(), waiting_.size());
  }
  writing_ = true;
  inside_append_ = true;
  const auto own_thread = std::this_thread::get_id();
  journal_.append(append_, [this, own_thread](append_result result) {
    if (inside_append_ && std::this_thread::get_id() == own_thread) {
      inline_result_ = std::move(result);
    } else {
      settings_.post(std::move(result));
    }
  });
  inside_append_ = false;
  if (inline_result_) {
    append_result result = std::move(*inline_result_);
    inline_result_.reset();
    writing_ = false;
    settle(result);
  }
}

void group_commit::resume(append_result result) noexcept {
  if (!writing_) {
    return; // given up meanwhile
  }
  writing_ = false;
  detail::guard([&] { settle(result); }, [this](const std::string& thrown) { give_up(thrown); });
  flush();
}

void group_commit::settle(append_result& result) {
  switch (result.what) {
    case append_result::kind::committed:
      settle_committed(result);
      break;
    case append_result::kind::fenced:
      settle_fenced(result);
      break;
    case append_result::kind::failed:
      settle_failed(result);
      break;
  }
}

void group_commit::settle_committed(const append_result& result) {
  if (!record_of_.empty()) {
    pass(crash_point::synced);
    settings_.on_committed(record_of_.size(), result.first + record_of_.size());
    next_position_ = result.first; // somebody else may have appended in between
  }
  for (auto& done : batch_) {
    place(*done);
    done->finish();
    done.reset(); // at once: what its reply sets off finds the memory again
  }
  batch_.clear();
}

/// Says where a request has come to stand in the journal.
void group_commit::place(request& done) {
  if (done.unit) {
    done.answer.position = next_position_; // of its first change, or of the next one of anybody
    for (auto& part : done.unit->parts) {
      if (part.changes) {
        if (part.remembered) {
          part.remembered->position.store(next_position_, std::memory_order_release);
        }
        part.slot->set_committed(part.version);
        if (part.effects) {
          settings_.on_effects(part.slot->key(), part.version, next_position_,
                               std::move(part.effects));
        }
        ++next_position_;
      }
    }
  } else if (!done.body.empty()) {
    done.answer.position = next_position_;
    if (done.remembered) {
      done.remembered->position.store(next_position_, std::memory_order_release);
    }
    done.slot->set_committed(done.answer.version);
    if (done.effects) {
      settings_.on_effects(done.slot->key(), done.answer.version, next_position_,
                           std::move(done.effects));
    }
    ++next_position_;
  } else if (done.remembered) {
    // A duplicate of a command that was in flight: its change is before it in the line.
    done.answer.position = done.remembered->position.load(std::memory_order_acquire);
  }
}

/// Takes the fenced entities out, with everything of their activations, and appends the rest again
/// (invariant 10).
void group_commit::settle_fenced(const append_result& result) {
  for (const std::size_t index : result.fenced) {
    lose(*batch_[record_of_[index]]);
  }
  write();
}

/// Fail-stop: this batch's fate is what the journal says, everything behind it is not written (invariant 4).
/// One exception goes on: a batch that a journal refused before anything was tried, as too large for a bound that it
/// does not tell (`write` has judged the one that it does).
void group_commit::settle_failed(const append_result& result) {
  const bool refused_whole = result.failure.error == journal_errc::too_large;
  if (!refused_whole) {
    stop(result.failure);
  }
  for (auto& lost : batch_) {
    lose(*lost);
    if (lost->answer.what != answer::kind::failed) {
      refuse(*lost, result.failure.error, changes_of(*lost) == 0 ? fate::not_written : result.fate,
             result.failure.message);
    }
  }
  for (auto& lost : batch_) {
    lost->finish();
  }
  batch_.clear();
}

void group_commit::stop(const status& why) {
  if (stopped_.ok()) {
    stopped_ = why.ok() ? status{journal_errc::store_failed, "the journal gave no reason"} : why;
    settings_.on_stopped(stopped_);
  }
}

void group_commit::sync() noexcept {
  if (writing_ || !stopped_.ok()) {
    return; // the next append syncs when it is due
  }
  const auto sync = [this] {
    if (auto synced = journal_.sync(); !synced.ok()) {
      stop(synced);
    }
  };
  detail::guard(sync, [this](const std::string& thrown) { give_up(thrown); });
}

void group_commit::refuse(request& refused, std::error_code error, fate what, std::string message) {
  refused.answer = {};
  refused.answer.what = answer::kind::failed;
  refused.answer.fate = what;
  refused.answer.error = error;
  refused.answer.text = std::move(message);
}

} // namespace cairn::persistence
