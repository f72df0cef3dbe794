#include "persistence/rocksdb/heads.hpp"

#include "persistence/rocksdb/chunks.hpp"
#include "persistence/rocksdb/rows.hpp"

#include <algorithm>

namespace cairn::persistence {

namespace {

// A checkpoint pays for a head as for 3 changes or so. It waits until there are so many changes for each head...
constexpr std::uint64_t changes_per_head = 40;

// ...but not longer than so many times the fewest changes: what came after it is read at opening.
constexpr std::uint64_t checkpoint_delay_max = 4;

// Heads are written a few behind each append, 1 to 3 µs each, so that none is held up for long: the whole
// checkpoint within a quarter of the fewest changes that bring on the next one.
constexpr std::size_t checkpoint_shares = 4;
constexpr std::size_t heads_at_least = 32;
constexpr std::size_t heads_at_most = 1024; // or twice what was appended

status not_continued(const record& next, const head& before) {
  return damaged("damaged at position " + std::to_string(next.position) + ": version " +
                 std::to_string(next.version) + " of " + std::string(next.entity) +
                 " does not continue version " + std::to_string(before.version));
}

bool continues(const record& next, const head& before) {
  return next.version == before.version + 1 &&
         (before.version == 0 || next.previous == before.position);
}

} // namespace

rocksdb_heads::rocksdb_heads(rocksdb_database& database, std::uint64_t checkpoint_changes)
    : database_(database), checkpoint_changes_(std::max<std::uint64_t>(checkpoint_changes, 1)) {}

status rocksdb_heads::load() {
  std::string row;
  const auto result = database_.rows().Get({}, database_.heads(), slice(checkpoint_key), &row);
  if (!result.ok() && !result.IsNotFound()) return unreadable(result, "the checkpoint");
  if (result.ok())
    if (auto failure = decode_checkpoint(row, frozen_at_); !failure.ok()) return failure;

  chunk_scan scan(database_);
  bool found = false;
  if (auto failure = scan.seek_last(found); !failure.ok()) return failure;
  const auto end = found ? scan.current().end() : 0;
  if (frozen_at_ > end) {
    return damaged("damaged: the journal ends at position " + std::to_string(end) +
                   ", before its checkpoint at position " + std::to_string(frozen_at_));
  }
  if (found) end_ = {end, scan.current().records().back().time_us};
  return load_changes(scan);
}

status rocksdb_heads::load_changes(chunk_scan& scan) {
  if (frozen_at_ == end_.next) return {};
  std::vector<head_entry*> ahead;
  unit_check units;
  auto failure = scan.seek(frozen_at_);
  for (; failure.ok(); failure = scan.next()) {
    for (const auto& next : scan.current().records()) {
      if (next.position < frozen_at_) continue;
      if (failure = units.follow(next); !failure.ok()) return failure;
      if (failure = load_change(next, ahead); !failure.ok()) return failure;
    }
    if (scan.current().end() == end_.next) break;
  }
  if (!failure.ok()) return failure;
  if (!units.whole()) {
    return damaged("damaged at position " + std::to_string(end_.next) +
                   ": the journal ends inside a unit");
  }
  for (auto* entry : ahead) {
    if (entry->pending.version > entry->committed.version)
      return check_head(entry->entity, entry->pending, 0);
    entry->batch = 0;
  }
  return {};
}

status rocksdb_heads::load_change(const record& next, std::vector<head_entry*>& ahead) {
  const auto hash = head_table::hash(next.entity);
  auto* entry = active_->find(next.entity, hash);
  bool known = entry != nullptr;
  if (!known) {
    head row;
    if (auto failure = find_row(next.entity, row); !failure.ok()) return failure;
    entry = active_->insert(next.entity, hash, row);
    // A checkpoint was under way: the row was written, the position was not. The changes up to the
    // row are still to come.
    known = row.version < next.version;
    if (!known) {
      entry->batch = 1; // as a mark, until the end of the loading
      entry->pending = row;
      ahead.push_back(entry);
    }
  }
  if (known && !continues(next, entry->committed)) return not_continued(next, entry->committed);
  entry->committed = {next.version, next.position, next.removes};
  entry->changed = true;
  if (entry->batch == 1 && next.version == entry->pending.version &&
      next.position != entry->pending.position)
    return not_continued(next, entry->pending);
  return {};
}

tail rocksdb_heads::end() const {
  const std::scoped_lock lock(mutex_);
  return end_;
}

status rocksdb_heads::find_row(std::string_view entity, head& found) const {
  found = {};
  ::rocksdb::PinnableSlice row;
  const auto result = database_.rows().Get({}, database_.heads(), slice(entity), &row);
  if (result.IsNotFound()) return {};
  if (!result.ok()) return unreadable(result, "the head of " + std::string(entity));
  return decode_head_row(entity, view(row), found);
}

status rocksdb_heads::find(std::string_view entity, head& found) const {
  const auto hash = head_table::hash(entity);
  {
    const std::scoped_lock lock(mutex_);
    const auto* entry = active_->find(entity, hash);
    if (entry == nullptr) entry = frozen_->find(entity, hash);
    if (entry != nullptr) {
      found = entry->committed;
      return {};
    }
  }
  // The row may be newer than what was seen above; the end is taken after it, so that it cannot be
  // older.
  if (auto failure = find_row(entity, found); !failure.ok()) return failure;
  return check_head(entity, found, end().next);
}

head_entry* rocksdb_heads::enter(std::string_view entity, std::uint64_t hash, status& failure) {
  // Only this thread changes the tables: it looks without the lock.
  if (auto* entry = active_->find(entity, hash); entry != nullptr) return entry;
  head known;
  if (const auto* entry = frozen_->find(entity, hash); entry != nullptr) {
    known = entry->committed;
  } else {
    failure = find_row(entity, known);
    if (failure.ok()) failure = check_head(entity, known, end_.next);
    if (!failure.ok()) return nullptr;
  }
  const std::scoped_lock lock(mutex_);
  return active_->insert(entity, hash, known);
}

void rocksdb_heads::commit(batch_judge& judge, const tail& end) {
  const std::scoped_lock lock(mutex_);
  judge.commit();
  end_ = end;
}

void rocksdb_heads::freeze() {
  auto next = std::make_shared<ordered_table>();
  {
    const std::scoped_lock lock(mutex_);
    frozen_.swap(active_);
    active_.swap(next);
  }
  frozen_at_ = end_.next;
  written_ = 0;
  phase_ = phase::writing_heads;
}

status rocksdb_heads::write_heads(std::size_t count) {
  batch_.Clear();
  const auto& entries = frozen_->entries();
  std::vector<const head_entry*> rows;
  for (; written_ < entries.size() && rows.size() < count; ++written_)
    if (entries[written_]->changed) rows.push_back(entries[written_]);
  // RocksDB goes on from where the last row went in: in order it searches less.
  std::sort(rows.begin(), rows.end(),
            [](const auto* a, const auto* b) { return a->entity < b->entity; });
  for (const auto* entry : rows) {
    const head_row row(entry->committed);
    if (const auto put = batch_.Put(database_.heads(), slice(entry->entity), slice(row.text()));
        !put.ok())
      return translate(put, journal_errc::store_failed, "cannot write heads");
  }
  if (batch_.Count() > 0) {
    rows_synced_ = false;
    if (auto failure = database_.write(batch_, false); !failure.ok()) return failure;
  }
  if (written_ == entries.size()) phase_ = phase::writing_position;
  return {};
}

status rocksdb_heads::write_position() {
  batch_.Clear();
  std::array<char, 8> row{};
  write_fixed64(row.data(), frozen_at_);
  if (const auto put =
          batch_.Put(database_.heads(), slice(checkpoint_key), slice({row.data(), row.size()}));
      !put.ok())
    return translate(put, journal_errc::store_failed, "cannot write heads");
  phase_ = phase::idle;
  return database_.write(batch_, false);
}

bool rocksdb_heads::checkpoint_is_due() const {
  const auto changes = end_.next - frozen_at_;
  const auto heads = active_->size();
  return heads >= checkpoint_changes_ || changes / checkpoint_delay_max >= checkpoint_changes_ ||
         (changes >= checkpoint_changes_ && changes / changes_per_head >= heads);
}

status rocksdb_heads::step(std::size_t appended) {
  switch (phase_) {
    case phase::idle:
      if (checkpoint_is_due()) freeze();
      return {};
    case phase::writing_heads:
      return write_heads(std::clamp<std::size_t>(
          checkpoint_shares * appended * frozen_->size() / checkpoint_changes_, heads_at_least,
          std::max(heads_at_most, 2 * appended)));
    case phase::writing_position:
      // The position counts on the heads: it must not outlive them in a power cut.
      return rows_synced_ ? write_position() : status{};
  }
  return {};
}

status rocksdb_heads::checkpoint() {
  status result;
  // First what is under way, then what has changed since.
  for (int round = 0; round < 2 && result.ok(); ++round) {
    if (round == 1 && end_.next != frozen_at_) freeze();
    if (phase_ == phase::idle) continue;
    result = write_heads(frozen_->size());
    if (result.ok()) result = database_.sync();
    if (result.ok()) result = write_position();
  }
  return result.ok() ? database_.sync() : result;
}

} // namespace cairn::persistence
