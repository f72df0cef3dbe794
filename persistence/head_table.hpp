#pragma once

#include <cairn/journal.hpp>

#include <boost/unordered/unordered_flat_map.hpp>

#include <deque>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

namespace cairn::persistence {

/// Stops the process when `holds` is false: the program calls the journal in a way that it must not.
/// Neither a user's input nor bytes from disk lead here.
void require(bool holds, const char* what) noexcept;

/// One entity in a `head_table`.
struct head_entry {
  std::string_view entity;
  head committed;          ///< What readers see.
  head pending;            ///< With the batch numbered `batch`, while that is being judged and written.
  std::uint64_t batch = 0;
  bool fenced = false;     ///< By that batch.
  bool changed = false;    ///< Since it was put in.
};

/// Heads of entities in memory. Entries stay where they are for the life of the table.
/// Thread: not safe; see each user.
class head_table {
public:
  head_entry* find(std::string_view entity) {
    const auto found = index_.find(entity);
    return found == index_.end() ? nullptr : found->second;
  }
  const head_entry* find(std::string_view entity) const {
    const auto found = index_.find(entity);
    return found == index_.end() ? nullptr : found->second;
  }

  /// Shape: `entity` is not in the table yet.
  head_entry* insert(std::string_view entity, const head& committed);

  std::size_t size() const noexcept { return entries_.size(); }
  const std::deque<head_entry>& entries() const noexcept { return entries_; }

private:
  struct text_hash {
    using is_avalanching = void; // lets the map use the hash as it is
    std::size_t operator()(std::string_view text) const noexcept;
  };

  std::string_view keep(std::string_view text);

  std::deque<head_entry> entries_;
  boost::unordered_flat_map<std::string_view, head_entry*, text_hash> index_;
  std::vector<std::unique_ptr<char[]>> blocks_; // texts of the entities
  std::size_t block_left_ = 0;
  char* block_next_ = nullptr;
};

/// Judges batches against the heads, with one meaning for every store.
class batch_judge {
public:
  /// Finds the entry of an entity, or makes it from what is stored; null when that cannot be read.
  using entry_source = std::function<head_entry*(std::string_view entity, status& failure)>;

  /// Fills in positions and previous positions and finds what is fenced.
  /// Shape:  as `journal::append` asks; anything else stops the process.
  /// After:  with no failure and nothing `fenced()`, `touched()` holds the entries to commit.
  /// Errors: what `source` reports.
  status judge(append_batch& batch, const tail& end, const entry_source& source);

  const std::vector<std::size_t>& fenced() const noexcept { return fenced_; }
  const std::vector<head_entry*>& touched() const noexcept { return touched_; }

  /// Makes the judged batch what readers see. Call it where no reader looks.
  void commit();

  /// The entry with its pending head set for this batch.
  head_entry* enter(std::string_view entity, const entry_source& source, status& failure);

private:
  status judge_conditions(const append_batch& batch, std::size_t unit, const entry_source& source);
  void sort_conditions(const append_batch& batch);

  std::uint64_t batch_ = 0;
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
