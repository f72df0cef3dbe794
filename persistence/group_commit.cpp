#include "persistence/group_commit.hpp"

#include "entities/id_window.hpp"
#include "persistence/writer.hpp"

#include <algorithm>
#include <thread>
#include <utility>

namespace cairn {

using detail::request;

group_commit::group_commit(journal& target, settings settings)
    : journal_(target), settings_(std::move(settings)), last_time_us_(target.end().last_time_us) {}

void group_commit::add(detail::request_ptr handed) { waiting_.push_back(std::move(handed)); }

void group_commit::flush() {
  while (!writing_ && !waiting_.empty()) {
    collect();
    write();
  }
}

/// Moves from the line what fits into one write. Of a lost activation nothing may be written any more; it
/// is refused here, where its changes would go to the journal (invariant 4).
void group_commit::collect() {
  std::size_t changes = 0;
  std::size_t bytes = 0;
  while (!waiting_.empty()) {
    request& next = *waiting_.front();
    const bool is_change = !next.body.empty();
    if (is_change && changes > 0 &&
        (changes == settings_.batch_changes_max ||
         bytes + next.body.size() > settings_.batch_bytes_max)) {
      break;
    }
    changes += is_change ? 1 : 0;
    bytes += next.body.size();
    batch_.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
}

std::int64_t group_commit::stamp() {
  last_time_us_ =
      std::max<std::int64_t>(last_time_us_, settings_.clock().time_since_epoch().count());
  return last_time_us_;
}

/// Makes the batch's records and appends them; without any, its requests are answered at once.
void group_commit::write() {
  append_.records.clear();
  append_.snapshots.clear();
  record_of_.clear();
  const std::int64_t now_us = stamp();
  for (std::size_t i = 0; i < batch_.size(); ++i) {
    request& handed = *batch_[i];
    if (!stopped_.ok()) {
      refuse(handed, journal_errc::store_failed, fate::not_written, stopped_.message);
      handed.body.clear();
    } else if (handed.target->is_lost(handed.activation)) {
      refuse(handed, journal_errc::fenced, fate::not_written,
             "an earlier change of " + handed.target->key() + " could not be written");
      handed.body.clear();
    }
    if (handed.body.empty()) {
      continue;
    }
    record made;
    made.entity = handed.target->key();
    made.version = handed.answer.version;
    made.time_us = now_us;
    made.removes = handed.removes;
    made.body = {handed.body.data(), handed.body.size()};
    append_.records.push_back(made);
    record_of_.push_back(i);
    if (handed.snapshot) {
      append_.snapshots.push_back({made.entity, made.version, no_position, *handed.snapshot});
    }
  }
  start_append();
}

void group_commit::start_append() {
  append_result nothing_to_write;
  if (append_.records.empty()) {
    settle(nothing_to_write);
    return;
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

void group_commit::resume(append_result result) {
  writing_ = false;
  settle(result);
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
    settings_.on_committed(record_of_.size(), result.first + record_of_.size());
  }
  position_type next = result.first;
  for (auto& done : batch_) {
    if (!done->body.empty()) {
      done->answer.position = next;
      if (done->remembered) {
        done->remembered->position.store(next, std::memory_order_release);
      }
      done->target->set_committed(done->answer.version);
      ++next;
    } else if (done->remembered) {
      // A duplicate of a command that was in flight: its change is before it in the line.
      done->answer.position = done->remembered->position.load(std::memory_order_acquire);
    }
    done->finish();
    done.reset(); // at once: what its reply sets off finds the memory again
  }
  batch_.clear();
}

/// Takes the fenced entities out, with everything of their activations, and appends the rest again
/// (invariant 10).
void group_commit::settle_fenced(const append_result& result) {
  for (const std::size_t index : result.fenced) {
    request& fenced = *batch_[record_of_[index]];
    fenced.target->lose(fenced.activation);
  }
  write();
}

/// Fail-stop: this batch's fate is what the journal says, everything behind it is not written (invariant 4).
/// One exception goes on: a batch that was refused before anything was tried, as too large.
void group_commit::settle_failed(const append_result& result) {
  const bool refused_whole = result.failure.error == journal_errc::too_large;
  if (!refused_whole) {
    stop(result.failure);
  }
  for (auto& lost : batch_) {
    lost->target->lose(lost->activation);
    if (lost->answer.what != answer::kind::failed) {
      refuse(*lost, result.failure.error, lost->body.empty() ? fate::not_written : result.fate,
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

void group_commit::sync() {
  if (writing_ || !stopped_.ok()) {
    return; // the next append syncs when it is due
  }
  if (auto synced = journal_.sync(); !synced.ok()) {
    stop(synced);
  }
}

void group_commit::refuse(request& refused, std::error_code error, fate what, std::string message) {
  refused.answer = {};
  refused.answer.what = answer::kind::failed;
  refused.answer.fate = what;
  refused.answer.error = error;
  refused.answer.text = std::move(message);
}

} // namespace cairn
