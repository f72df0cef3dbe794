#pragma once

#include <cairn/detail/resume.hpp>
#include <cairn/detail/types.hpp>
#include <cairn/error.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cairn {

namespace detail {
struct change_effects;
}

/// One stored change: a fixed header, and a body that only the model looks into (`cairn/journal.hpp`).
/// The views belong to whoever made the record; a visitor's end with its call.
struct record {
  position_type position = no_position; ///< Given by the journal on append.
  position_type previous = no_position; ///< Of the same entity's previous change; given on append.
  std::string_view entity;              ///< `type/id`
  version_type version = 0;             ///< The version that this change makes, from 1.
  std::int64_t time_us = 0;             ///< Since the Unix epoch; never decreases along positions.
  std::uint32_t unit_index = 0;         ///< Place within its unit, from 0.
  std::uint32_t unit_size = 1;          ///< Changes in its unit.
  bool removes = false;                 ///< After it the entity is removed.
  bool agenda = false;   ///< Its events set timers or send messages, or say what became of them.
  std::string_view body; ///< Aspects, events and cause: docs/journal-format.md.
  /// On append, of an `agenda` change: what its events do, so that nobody need read them; null: read them.
  const detail::change_effects* effects = nullptr;
};

/// State of an entity at one version; optional, never needed for correctness.
struct snapshot {
  std::string_view entity;
  version_type version = 0;
  position_type position =
      no_position;       ///< Of the change that made `version`; given on append, where
                         ///< one that is known already saves a search.
  std::string_view body; ///< docs/journal-format.md; appended empty, it leaves the position only.
};

/// Demands a version of an entity without changing it, judged at its unit's place in the batch: changes
/// before the unit count, later ones do not.
struct condition {
  std::string_view entity;
  version_type version = 0;
  std::size_t unit = 0; ///< Index in the batch of the first record of the unit that depends on it.
};

/// What one append writes, all of it or nothing. Views must live until the append has called back.
struct append_batch {
  std::vector<record> records;     ///< Units are contiguous.
  std::vector<snapshot> snapshots; ///< Each of a version made in this batch or before.
  std::vector<condition> conditions;
};

/// How an append ended.
struct append_result {
  enum class kind : std::uint8_t { committed, fenced, failed };

  kind what = kind::committed;
  position_type first = no_position; ///< committed: position of the batch's first record.
  std::vector<std::size_t>
      fenced;     ///< fenced: indices of records whose entity is at another version, or,
                  ///< for a broken condition, of its unit's first record.
  status failure; ///< failed: why.
  cairn::fate fate = fate::not_written; ///< failed: what is known of the batch.
};

/// Where an entity stands.
struct head {
  version_type version = 0; ///< 0: it never existed.
  position_type position = no_position;
  bool removed = false;
};

/// Where the journal ends.
struct tail {
  position_type next = 0;        ///< Position that the next change will take = number of changes.
  std::int64_t last_time_us = 0; ///< Of the last change; 0 when there is none.
};

/// A snapshot that was read, with its bytes.
struct stored_snapshot {
  version_type version = 0;
  position_type position = no_position;
  std::string body; ///< Empty when only the position has been kept.
};

/// One row of `journal::heads`.
struct listed_head {
  std::string entity;
  cairn::head head;
};

/// Keeps changes in one order, conditionally per entity, and gives them back.
/// Thread: `append`, `sync`, `checkpoint` and `close` from one thread at a time; everything else from any
/// thread at any time, also while an append runs; a reader sees whole committed batches only.
/// Errors: a damaged store answers `journal_errc::damaged` with a message that names the place.
class journal {
public:
  /// Return false to stop early; that is no error.
  using record_visitor = std::function<bool(const record&)>;
  using snapshot_visitor = std::function<bool(const snapshot&)>;
  using key_visitor = std::function<bool(std::string_view)>;
  using append_callback = std::function<void(append_result)>;

  virtual ~journal() = default;
  journal(const journal&) = delete;
  journal& operator=(const journal&) = delete;

  /// Appends `batch` if each record continues its entity's versions and every condition holds.
  /// Shape:  any number of records; two of one entity are consecutive versions; units are whole; times do not
  ///         decrease; a condition's unit is the index of a unit's first record. Otherwise the process stops.
  /// After:  `committed` means durable in the sense of the store's durability, positions and previous
  ///         positions are filled in; `fenced` and `failed(not_written)` have written nothing.
  /// Thread: calls back once, from this call or later from another thread.
  /// Errors: after `failed(in_doubt)` every later append fails with `store_failed`, `not_written`.
  virtual void append(append_batch& batch, append_callback done) = 0;

  /// Where `entity` stands after the last committed append.
  virtual status find_head(std::string_view entity, head& found) const = 0;

  /// Visits changes of `entity` with `from` <= version <= `to` in order of version.
  virtual status read(std::string_view entity, version_type from, version_type to,
                      const record_visitor& visit) const = 0;

  /// Visits all changes from the start of the unit that contains `from`, in order of position.
  virtual status scan(position_type from, const record_visitor& visit) const = 0;

  /// Up to `limit` heads of entities `type/…` in byte order of the id, ids greater than `after`; removed
  /// ones included only on demand. Costs what it finds, and holds up no append for longer than a few of them; each is as it
  /// was at some moment of the call.
  virtual status heads(std::string_view type, std::string_view after, std::size_t limit,
                       bool with_removed, std::vector<listed_head>& found) const = 0;

  /// The newest snapshot of `entity` that has a state and a version <= `at_most`.
  virtual status find_snapshot(std::string_view entity, version_type at_most,
                               std::optional<stored_snapshot>& found) const = 0;

  /// Visits every snapshot, in byte order of (entity, version).
  virtual status scan_snapshots(const snapshot_visitor& visit) const = 0;

  /// Visits the keys of the agenda, `from` <= key < `to`, in byte order: what the changes so far have yet to lead to
  /// (docs/journal-format.md, "Agenda"). The store keeps it in the write of each change that has `agenda` set.
  virtual status agenda(std::string_view from, std::string_view to,
                        const key_visitor& visit) const = 0;

  /// Where the journal ends after the last committed append.
  virtual tail end() const = 0;

  /// The lineages that the journal has had, oldest first; the last is its own. Empty: it has none, as one of an older
  /// version that is only read.
  virtual std::vector<lineage_part> lineages() const { return {}; }

  /// Names of the entity types of which the journal holds changes, in byte order.
  virtual status types(std::vector<std::string>& found) const;

  /// Makes everything appended so far durable, also in the relaxed mode.
  virtual status sync() = 0;

  /// How often `sync` wants to be called while changes come in; zero: never.
  virtual std::chrono::milliseconds sync_interval() const { return {}; }

  /// Bounds the next opening's work: writes the heads of what changed since the last checkpoint.
  virtual status checkpoint() = 0;

  /// Syncs, checkpoints and lets go. Readers that are under way leave; they, and whoever comes later, answer
  /// `shutting_down`, and `end` what it last was.
  /// Errors: `would_block`, and nothing is closed, when it is called by a visitor of its own.
  virtual status close() = 0;

  /// A change with a larger body is refused.
  virtual std::size_t change_bytes_max() const { return static_cast<std::size_t>(-1); }

  /// Where a writer may keep files beside the changes, such as the log of refusals; empty: nowhere.
  virtual std::filesystem::path side_directory() const { return {}; }

  /// What opening noticed and a person should know: a torn tail that was cut, a witness that is missing.
  virtual std::vector<std::string> notices() const { return {}; }

protected:
  journal() = default;
};

/// What is lost when, see each value. Restarting the program itself cleanly never loses anything.
enum class durability : std::uint8_t {
  /// Every batch is synced before anyone hears of it. A killed process, a crashed system and a power cut
  /// lose nothing that was acknowledged.
  durable,
  /// Batches are handed to the operating system at once and synced at most every `sync_interval`. A killed
  /// process loses nothing; a crashed system or power cut may lose the acknowledged changes of the last
  /// interval, always from the end and whole batches at a time.
  relaxed,
};

/// How a RocksDB journal works.
struct rocksdb_options {
  cairn::durability durability = durability::durable;
  std::chrono::milliseconds sync_interval{50}; ///< `relaxed` only: the longest time without a sync.
  /// Heads of so many entities are kept in memory, and twice that at most. A checkpoint is begun after as
  /// many changes, or after up to four times as many where they concern many entities; opening after a crash reads
  /// what came since.
  std::uint64_t checkpoint_changes = 100'000;
  std::size_t change_bytes_max = 1 << 20; ///< A larger change is refused as `too_large`.
  bool read_only = false; ///< Never writes, not even a lock: works beside a live program.
};

/// Says how to open a journal; the world opens it. Throws `startup_error` when called.
using journal_source = std::function<std::unique_ptr<journal>()>;

/// A journal in memory: gone with the process.
journal_source memory();

/// A journal in `directory`, which is created when missing and held by one process.
journal_source rocksdb(std::filesystem::path directory, rocksdb_options options = {});

/// Copies every change and snapshot of `from`, bytes untouched, into the empty `to`.
/// Thread: any; `from` may be live.
/// Progress: called now and then with the number of changes copied; may be empty.
status copy_journal(const journal& from, journal& to,
                    const std::function<void(position_type)>& progress = {});

} // namespace cairn
