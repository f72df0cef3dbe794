#pragma once

#include "persistence/format/chunk.hpp"
#include "persistence/rocksdb/database.hpp"
#include "persistence/store/head_order.hpp"
#include "persistence/store/head_table.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace cairn::persistence {

class chunk_scan;

/// Where every entity stands: rows in the database up to the last checkpoint, and in memory what
/// changed since. What was changed between two checkpoints is one table; when enough has, it is
/// frozen, a new one begins, and the frozen one's heads are written bit by bit after appends. It
/// stays as a cache until the next is frozen, so at most two are in memory. Thread: `find`, `list`,
/// `types` and `end` from any; everything else from the writer's.
class rocksdb_heads {
public:
  rocksdb_heads(rocksdb_database& database, std::uint64_t checkpoint_changes);

  /// Reads the changes since the last checkpoint. Errors: damaged, unknown_format.
  status load();

  /// Where the journal ends, committed appends only.
  tail end() const;

  /// Where `entity` stands. Errors: damaged.
  status find(std::string_view entity, head& found) const;

  /// See `journal::heads`. A page costs a page: rows come from where it begins, and of what is in memory only new
  /// entities have an order, which each enters once. Commits wait for a few look-ups at most; therefore the rows of a
  /// page are each as they were at some moment of the call.
  status list(std::string_view type, std::string_view after, std::size_t limit, bool with_removed,
              std::vector<listed_head>& found) const;

  /// How many entities listings have looked at or put in order so far.
  std::uint64_t visited() const noexcept { return visited_.load(std::memory_order_relaxed); }

  /// See `journal::types`.
  status types(std::set<std::string, std::less<>>& found) const;

  /// The entity's entry, for `batch_judge`. Errors: damaged.
  head_entry* enter(std::string_view entity, std::uint64_t hash, status& failure);

  /// Where most entries are that an append asks for.
  const head_table& recent() const noexcept { return *active_; }

  /// Shows readers the batch that `judge` has judged and that ends at `end`.
  void commit(batch_judge& judge, const tail& end);

  /// Remembers that all rows written so far are durable.
  void note_sync() noexcept { rows_synced_ = true; }

  /// Goes on with the checkpoint after an append of `appended` changes, or begins one when it is
  /// time. Errors: store_failed.
  status step(std::size_t appended);

  /// Writes at once a checkpoint of all that is committed. Errors: store_failed.
  status checkpoint();

private:
  enum class phase { idle, writing_heads, writing_position };

  class listing;

  using table_pointer = std::shared_ptr<ordered_table>;

  void look_up(const head_table& active, const head_table& frozen,
               std::vector<listed_head>& rows) const;
  status load_changes(chunk_scan& scan);
  status load_change(const record& next, std::vector<head_entry*>& ahead);
  status find_row(std::string_view entity, head& found) const;
  bool checkpoint_is_due() const;
  void freeze();
  status write_heads(std::size_t count);
  status write_position();

  rocksdb_database& database_;
  const std::uint64_t checkpoint_changes_;

  mutable std::mutex
      mutex_; // guards what readers see: these three, and in entries what `commit` sets
  table_pointer active_ = std::make_shared<ordered_table>();
  table_pointer frozen_ = std::make_shared<ordered_table>();
  tail end_;

  mutable std::atomic<std::uint64_t> visited_{0};

  phase phase_ = phase::idle;
  position_type frozen_at_ = 0; // the frozen table holds all changes before it
  std::size_t written_ = 0;     // entries of the frozen table that are through
  bool rows_synced_ = false;
  ::rocksdb::WriteBatch batch_;
};

} // namespace cairn::persistence
