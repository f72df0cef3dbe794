#pragma once

#include <cairn/detail/journal.hpp>

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

namespace cairn::persistence {

/// Stops the process when `holds` is false: the program calls the journal in a way that it must
/// not. Neither a user's input nor bytes from disk lead here.
void require(bool holds, const char* what) noexcept;

/// One entity in a `head_table`.
struct head_entry {
  std::string_view entity; // lies right behind the entry
  head committed;          ///< What readers see.
  head pending; ///< With the batch numbered `batch`, while that is being judged and written.
  std::uint64_t batch = 0;
  bool fenced = false;  ///< By that batch.
  bool changed = false; ///< Since it was put in.
};

/// Heads of entities in memory. Entries stay where they are for the life of the table.
/// A table of our own, since judging a batch is mostly waiting for memory: with the hashes known
/// beforehand it can be asked for ahead of time (`prepare_slot`, `prepare_entry`). Of 1.1 µs that a
/// change in a batch of 1,000 took, this saved about 0.1, an estimate. Thread: not safe;
/// see each user.
class head_table {
public:
  head_table();

  static std::uint64_t hash(std::string_view entity) noexcept;

  /// The entry, or null. Shape: `hash` is that of `entity`.
  head_entry* find(std::string_view entity, std::uint64_t hash) const noexcept {
    for (auto at = hash;; ++at) {
      const auto& next = slots_[at & mask_];
      if (next.entry == nullptr) return nullptr;
      if (next.hash == hash && next.entry->entity == entity) return next.entry;
    }
  }

  /// Shape: `entity` is not in the table yet.
  head_entry* insert(std::string_view entity, std::uint64_t hash, const head& committed);

  void prepare_slot(std::uint64_t hash) const noexcept {
    __builtin_prefetch(&slots_[hash & mask_]);
  }

  /// Best some time after `prepare_slot`.
  void prepare_entry(std::uint64_t hash) const noexcept {
    const auto& first = slots_[hash & mask_];
    if (first.hash != hash || first.entry == nullptr) return;
    __builtin_prefetch(first.entry);
    __builtin_prefetch(reinterpret_cast<const char*>(first.entry) + cache_line_bytes);
  }

  std::size_t size() const noexcept { return entries_.size(); }

  /// In the order in which they were put in.
  const std::vector<head_entry*>& entries() const noexcept { return entries_; }

  /// Those of them that were put in at version 0: of entities that nobody knew.
  const std::vector<head_entry*>& fresh() const noexcept { return fresh_; }

private:
  static constexpr std::size_t cache_line_bytes = 64;

  struct slot {
    std::uint64_t hash = 0;
    head_entry* entry = nullptr; // null: the slot is free
  };

  void place(const slot& taken) noexcept;
  void* allocate(std::size_t bytes);

  std::vector<slot> slots_; // at most half of them taken
  std::uint64_t mask_;
  std::vector<head_entry*> entries_;
  std::vector<head_entry*> fresh_;
  std::vector<std::unique_ptr<char[]>> blocks_; // entries, each with its text
  std::size_t block_left_ = 0;
  char* block_next_ = nullptr;
};

/// Judges batches against the heads, with one meaning for every store.
class batch_judge {
public:
  /// Finds the entry of an entity, or makes it from what is stored; null when that cannot be read.
  using entry_source =
      std::function<head_entry*(std::string_view entity, std::uint64_t hash, status& failure)>;

  /// Fills in positions and previous positions and finds what is fenced.
  /// Shape:  as `journal::append` asks; anything else stops the process.
  /// After:  with no failure and nothing `fenced()`, `touched()` holds the entries to commit.
  /// Units:  `likely` is where most of the entries are; it only saves time.
  /// Errors: what `source` reports.
  status judge(append_batch& batch, const tail& end, const entry_source& source,
               const head_table& likely);

  const std::vector<std::size_t>& fenced() const noexcept { return fenced_; }
  const std::vector<head_entry*>& touched() const noexcept { return touched_; }

  /// Makes the judged batch what readers see. Call it where no reader looks.
  void commit();

  /// The entry with its pending head set for this batch.
  head_entry* enter(std::string_view entity, const entry_source& source, status& failure) {
    return enter(entity, head_table::hash(entity), source, failure);
  }

private:
  head_entry* enter(std::string_view entity, std::uint64_t hash, const entry_source& source,
                    status& failure);
  bool judge_conditions(const append_batch& batch, std::size_t unit, const entry_source& source,
                        status& failure);
  void sort_conditions(const append_batch& batch);

  std::uint64_t batch_ = 0;
  std::vector<std::uint64_t> hashes_; // of the records' entities
  std::vector<std::size_t> fenced_;
  std::vector<head_entry*> touched_;
  std::vector<std::size_t> conditions_; // indices in order of their units
  std::size_t next_condition_ = 0;
};

/// Error of an append whose change is too large for `bytes_max`, or success.
status check_sizes(const append_batch& batch, std::size_t bytes_max);

/// Error of a snapshot whose version its entity, now at `known`, has not reached.
status no_such_version(const snapshot& refused, version_type known);

append_result failed(status failure, fate what = fate::not_written);

} // namespace cairn::persistence
