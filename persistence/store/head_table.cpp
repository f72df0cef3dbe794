#include "persistence/store/head_table.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <memory>
#include <new>
#include <utility>

namespace cairn::persistence {

namespace {

// Some hundred entries.
constexpr std::size_t entry_block_bytes = 32 * 1024;

// A power of two; grows as needed.
constexpr std::size_t slots_at_first = 64;

// How many changes ahead memory is asked for. Chosen by feel, not measured.
constexpr std::size_t slots_ahead = 12;
constexpr std::size_t entries_ahead = 6;

/// Checks what the caller owes: whole units in a row, times that do not run back.
class shape_check {
public:
  explicit shape_check(const tail& end)
      : time_us_(end.next == 0 ? std::numeric_limits<std::int64_t>::min() : end.last_time_us) {}

  void follow(const record& next) {
    require(!next.entity.empty() && next.version != 0 && next.version <= version_max,
            "a record without entity or version");
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

head_table::head_table() : slots_(slots_at_first), mask_(slots_at_first - 1) {}

std::uint64_t head_table::hash(std::string_view entity) noexcept {
  return XXH3_64bits(entity.data(), entity.size());
}

void head_table::place(const slot& taken) noexcept {
  auto at = taken.hash;
  while (slots_[at & mask_].entry != nullptr) ++at;
  slots_[at & mask_] = taken;
}

void* head_table::allocate(std::size_t bytes) {
  // Whole cache lines, so that an entry with a short text takes no more of them than it must.
  bytes = (bytes + cache_line_bytes - 1) / cache_line_bytes * cache_line_bytes;
  if (bytes > block_left_) {
    auto room = std::max(entry_block_bytes, bytes) + cache_line_bytes;
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(room));
    void* next = blocks_.back().get();
    (void)std::align(cache_line_bytes, bytes, next, room); // there is a line more than is needed
    block_next_ = static_cast<char*>(next);
    block_left_ = room;
  }
  block_left_ -= bytes;
  return std::exchange(block_next_, block_next_ + bytes);
}

head_entry* head_table::insert(std::string_view entity, std::uint64_t hash, const head& committed) {
  if (2 * (entries_.size() + 1) > slots_.size()) {
    const auto before = std::exchange(slots_, std::vector<slot>(2 * slots_.size()));
    mask_ = slots_.size() - 1;
    for (const auto& next : before)
      if (next.entry != nullptr) place(next);
  }
  auto* const memory = static_cast<char*>(allocate(sizeof(head_entry) + entity.size()));
  std::memcpy(memory + sizeof(head_entry), entity.data(), entity.size());
  auto* entry = new (memory) head_entry; // nothing in it needs to be destroyed
  entry->entity = {memory + sizeof(head_entry), entity.size()};
  entry->committed = committed;
  entries_.push_back(entry);
  if (committed.version == 0) fresh_.push_back(entry);
  place({hash, entry});
  return entry;
}

head_entry* batch_judge::enter(std::string_view entity, std::uint64_t hash,
                               const entry_source& source, status& failure) {
  auto* entry = source(entity, hash, failure);
  if (entry != nullptr && entry->batch != batch_) {
    entry->batch = batch_;
    entry->pending = entry->committed;
    entry->fenced = false;
  }
  return entry;
}

status batch_judge::judge(append_batch& batch, const tail& end, const entry_source& source,
                          const head_table& likely) {
  ++batch_;
  fenced_.clear();
  touched_.clear();
  sort_conditions(batch);
  hashes_.clear();
  for (const auto& next : batch.records) hashes_.push_back(head_table::hash(next.entity));
  shape_check shape(end);
  status failure;
  for (std::size_t i = 0; i < batch.records.size(); ++i) {
    if (i + slots_ahead < hashes_.size()) likely.prepare_slot(hashes_[i + slots_ahead]);
    if (i + entries_ahead < hashes_.size()) likely.prepare_entry(hashes_[i + entries_ahead]);
    auto& next = batch.records[i];
    shape.follow(next);
    if (!judge_conditions(batch, i, source, failure)) return failure;
    auto* entry = enter(next.entity, hashes_[i], source, failure);
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
  if (!judge_conditions(batch, batch.records.size(), source, failure)) return failure;
  require(next_condition_ == conditions_.size(), "a condition of a unit that is not there");
  std::sort(fenced_.begin(), fenced_.end());
  fenced_.erase(std::unique(fenced_.begin(), fenced_.end()), fenced_.end());
  return {};
}

void batch_judge::sort_conditions(const append_batch& batch) {
  conditions_.resize(batch.conditions.size());
  next_condition_ = 0;
  for (std::size_t i = 0; i < conditions_.size(); ++i) conditions_[i] = i;
  std::sort(conditions_.begin(), conditions_.end(), [&](std::size_t a, std::size_t b) {
    return batch.conditions[a].unit < batch.conditions[b].unit;
  });
}

bool batch_judge::judge_conditions(const append_batch& batch, std::size_t unit,
                                   const entry_source& source, status& failure) {
  for (; next_condition_ < conditions_.size(); ++next_condition_) {
    const auto& next = batch.conditions[conditions_[next_condition_]];
    if (next.unit != unit) break;
    require(unit >= batch.records.size() || batch.records[unit].unit_index == 0,
            "a condition inside a unit");
    const auto* entry = enter(next.entity, source, failure);
    if (entry == nullptr) return false;
    if (entry->fenced || entry->pending.version != next.version) fenced_.push_back(unit);
  }
  return true;
}

void batch_judge::commit() {
  for (auto* entry : touched_) {
    entry->committed = entry->pending;
    entry->changed = true;
  }
}

status check_sizes(const append_batch& batch, std::size_t bytes_max) {
  for (const auto& next : batch.records) {
    if (next.body.size() > bytes_max) {
      return {journal_errc::too_large,
              "version " + std::to_string(next.version) + " of " + std::string(next.entity) +
                  " has " + std::to_string(next.body.size()) + " bytes; a change may have " +
                  std::to_string(bytes_max)};
    }
  }
  return {};
}

status no_such_version(const snapshot& refused, version_type known) {
  return {journal_errc::no_such_version, "snapshot of version " + std::to_string(refused.version) +
                                             " of " + std::string(refused.entity) +
                                             ", which is at version " + std::to_string(known)};
}

append_result failed(status failure, fate what) {
  append_result result;
  result.what = append_result::kind::failed;
  result.failure = std::move(failure);
  result.fate = what;
  return result;
}

} // namespace cairn::persistence
