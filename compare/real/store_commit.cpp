#include "compare/real/store_commit.hpp"

#include <algorithm>
#include <chrono>
#include <latch>
#include <unordered_map>
#include <utility>

namespace cairn::compare {

namespace {

constexpr std::size_t batch_changes_max = cairn::limits{}.batch_changes_max;

std::int64_t now_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

/// Moves what `refused` says out of `batch`.
template <class Refused>
void take_out(std::vector<store_commit::change>& batch, std::vector<store_commit::change>& out,
              Refused refused) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (refused(i)) {
      out.push_back(std::move(batch[i]));
    } else {
      if (kept != i) batch[kept] = std::move(batch[i]);
      ++kept;
    }
  }
  batch.resize(kept);
}

} // namespace

store_commit::store_commit(cairn::journal& to)
    : journal_(&to), last_time_us_(to.end().last_time_us), thread_([this] { run(); }) {}

store_commit::~store_commit() {
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void store_commit::append(change what) {
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    first = waiting_.empty();
    waiting_.push_back(std::move(what));
  }
  if (first) changed_.notify_one();
}

void store_commit::run() {
  std::vector<change> taken;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return ends_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      const auto count = std::min(waiting_.size(), batch_changes_max);
      const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(count);
      taken.assign(std::make_move_iterator(waiting_.begin()), std::make_move_iterator(end));
      waiting_.erase(waiting_.begin(), end);
    }
    commit(taken);
  }
}

void store_commit::commit(std::vector<change>& taken) {
  std::vector<change> stale;
  // Of several that make the same version the first can be right; a journal takes consecutive ones only.
  std::unordered_map<std::string, version_type> made;
  take_out(taken, stale, [&](std::size_t i) {
    const auto [at, is_new] = made.try_emplace(taken[i].entity, taken[i].version);
    if (is_new) return false;
    if (taken[i].version != at->second + 1) return true;
    at->second = taken[i].version;
    return false;
  });
  while (!taken.empty() && !try_batch(taken, stale)) {
  }
  for (const auto& one : taken) one.to->answered({reply::kind::accepted, one.version, {}, {}, {}});
  for (const auto& one : stale) one.to->answered({reply::kind::conflict, 0, {}, {}, {}});
}

/// True: `batch` is committed, or has failed and was answered. False: what was fenced is out of it.
bool store_commit::try_batch(std::vector<change>& batch, std::vector<change>& stale) {
  append_batch written;
  last_time_us_ = std::max(last_time_us_, now_us());
  for (const auto& one : batch) {
    record made;
    made.entity = one.entity;
    made.version = one.version;
    made.time_us = last_time_us_;
    made.body = one.body;
    written.records.push_back(made);
  }
  append_result result;
  std::latch done(1);
  journal_->append(written, [&](append_result ended) {
    result = std::move(ended);
    done.count_down();
  });
  done.wait();
  switch (result.what) {
    case append_result::kind::committed:
      ++batches_;
      return true;
    case append_result::kind::fenced:
      take_out(batch, stale, [&](std::size_t i) {
        return std::find(result.fenced.begin(), result.fenced.end(), i) != result.fenced.end();
      });
      return false;
    default:
      for (const auto& one : batch) {
        one.to->answered(failed_reply(result.failure.message));
      }
      batch.clear();
      return true;
  }
}

} // namespace cairn::compare
