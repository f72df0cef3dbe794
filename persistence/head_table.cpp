#include "head_table.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace cairn::persistence {

namespace {

// Texts of entities are short: this many bytes hold about a thousand of them.
constexpr std::size_t block_bytes = 32 * 1024;

/// Checks what the caller owes: whole units in a row, times that do not run back.
class shape_check {
public:
  explicit shape_check(std::int64_t last_time_us) : time_us_(last_time_us) {}

  void follow(const record& next) {
    require(!next.entity.empty() && next.version != 0 && next.version <= version_max, "a record without entity or version");
    require(next.unit_index == unit_index_ && next.unit_size > unit_index_ &&
                (unit_index_ == 0 || next.unit_size == unit_size_),
            "records of a unit that do not follow each other");
    require(next.time_us >= time_us_, "times that decrease");
    time_us_ = next.time_us;
    unit_size_ = next.unit_size;
    unit_index_ = next.unit_index + 1 == next.unit_size ? 0 : next.unit_index + 1;
  }

  void finish() const { require(unit_index_ == 0, "a unit that is not whole"); }

private:
  std::int64_t time_us_;
  std::uint32_t unit_index_ = 0;
  std::uint32_t unit_size_ = 0;
};

} // namespace

void require(bool holds, const char* what) noexcept {
  if (holds) return;
  std::fprintf(stderr, "cairn: bug: the journal was handed %s\n", what);
  std::abort();
}

std::size_t head_table::text_hash::operator()(std::string_view text) const noexcept {
  return XXH3_64bits(text.data(), text.size());
}

std::string_view head_table::keep(std::string_view text) {
  if (text.size() > block_left_) {
    block_left_ = std::max(block_bytes, text.size());
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(block_left_));
    block_next_ = blocks_.back().get();
  }
  std::memcpy(block_next_, text.data(), text.size());
  const std::string_view kept(block_next_, text.size());
  block_next_ += text.size();
  block_left_ -= text.size();
  return kept;
}

head_entry* head_table::insert(std::string_view entity, const head& committed) {
  auto& entry = entries_.emplace_back();
  entry.entity = keep(entity);
  entry.committed = committed;
  index_.emplace(entry.entity, &entry);
  return &entry;
}

head_entry* batch_judge::enter(std::string_view entity, const entry_source& source, status& failure) {
  auto* entry = source(entity, failure);
  if (entry != nullptr && entry->batch != batch_) {
    entry->batch = batch_;
    entry->pending = entry->committed;
    entry->fenced = false;
  }
  return entry;
}

status batch_judge::judge(append_batch& batch, const tail& end, const entry_source& source) {
  ++batch_;
  fenced_.clear();
  touched_.clear();
  sort_conditions(batch);
  shape_check shape(end.last_time_us);
  status failure;
  for (std::size_t i = 0; i < batch.records.size(); ++i) {
    auto& next = batch.records[i];
    shape.follow(next);
    if (failure = judge_conditions(batch, i, source); !failure.ok()) return failure;
    auto* entry = enter(next.entity, source, failure);
    if (entry == nullptr) return failure;
    // What follows a fenced change of the same entity builds on what will not be written.
    if (entry->fenced || next.version != entry->pending.version + 1) {
      entry->fenced = true;
      fenced_.push_back(i);
      continue;
    }
    if (entry->pending.version == entry->committed.version) touched_.push_back(entry);
    next.position = end.next + i;
    next.previous = entry->pending.version == 0 ? no_position : entry->pending.position;
    entry->pending = {next.version, next.position, next.removes};
  }
  shape.finish();
  if (failure = judge_conditions(batch, batch.records.size(), source); !failure.ok()) return failure;
  require(next_condition_ == conditions_.size(), "a condition of a unit that is not there");
  std::sort(fenced_.begin(), fenced_.end());
  fenced_.erase(std::unique(fenced_.begin(), fenced_.end()), fenced_.end());
  return {};
}

void batch_judge::sort_conditions(const append_batch& batch) {
  conditions_.resize(batch.conditions.size());
  next_condition_ = 0;
  for (std::size_t i = 0; i < conditions_.size(); ++i) conditions_[i] = i;
  std::sort(conditions_.begin(), conditions_.end(),
            [&](std::size_t a, std::size_t b) { return batch.conditions[a].unit < batch.conditions[b].unit; });
}

status batch_judge::judge_conditions(const append_batch& batch, std::size_t unit, const entry_source& source) {
  status failure;
  for (; next_condition_ < conditions_.size(); ++next_condition_) {
    const auto& next = batch.conditions[conditions_[next_condition_]];
    if (next.unit != unit) break;
    require(unit >= batch.records.size() || batch.records[unit].unit_index == 0, "a condition inside a unit");
    const auto* entry = enter(next.entity, source, failure);
    if (entry == nullptr) return failure;
    if (entry->fenced || entry->pending.version != next.version) fenced_.push_back(unit);
  }
  return failure;
}

void batch_judge::commit() {
  for (auto* entry : touched_) {
    entry->committed = entry->pending;
    entry->changed = true;
  }
}

status check_sizes(const append_batch& batch, std::size_t bytes_max) {
  for (const auto& next : batch.records) {
    if (next.body.size() > bytes_max)
      return {journal_errc::too_large, "version " + std::to_string(next.version) + " of " + std::string(next.entity) +
                                           " has " + std::to_string(next.body.size()) + " bytes; a change may have " +
                                           std::to_string(bytes_max)};
  }
  return {};
}

status no_such_version(const snapshot& refused, version_type known) {
  return {journal_errc::no_such_version, "snapshot of version " + std::to_string(refused.version) + " of " +
                                             std::string(refused.entity) + ", which is at version " +
                                             std::to_string(known)};
}

append_result failed(status failure, fate what) {
  append_result result;
  result.what = append_result::kind::failed;
  result.failure = std::move(failure);
  result.fate = what;
  return result;
}

} // namespace cairn::persistence
