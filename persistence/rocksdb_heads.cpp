#include "rocksdb_heads.hpp"

#include "rocksdb_chunks.hpp"
#include "rocksdb_rows.hpp"

#include <algorithm>
#include <tuple>

namespace cairn::persistence {

namespace {

// At 1 to 2 µs a head this holds up the next append about as long as a sync does.
constexpr std::size_t heads_at_once = 1024;

::rocksdb::Slice slice(std::string_view text) { return {text.data(), text.size()}; }
std::string_view view(const ::rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

status not_continued(const record& next, const head& before) {
  return damaged("damaged at position " + std::to_string(next.position) + ": version " + std::to_string(next.version) +
                 " of " + std::string(next.entity) + " does not continue version " + std::to_string(before.version));
}

/// A head in memory, while heads are listed.
struct recent_head {
  std::string_view entity;
  std::size_t age; // of the table it is from; the lowest counts
  head at;
};
using head_rows = std::vector<recent_head>;

bool comes_later(const recent_head& a, const recent_head& b) {
  return std::tie(a.entity, a.age) > std::tie(b.entity, b.age);
}

/// A heap, not sorted: of many thousands a page shows a hundred.
void drop_first(head_rows& rows) {
  std::pop_heap(rows.begin(), rows.end(), comes_later);
  rows.pop_back();
}

bool continues(const record& next, const head& before) {
  return next.version == before.version + 1 && (before.version == 0 || next.previous == before.position);
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
  if (frozen_at_ > end)
    return damaged("damaged: the journal ends at position " + std::to_string(end) + ", before its checkpoint at position " +
                   std::to_string(frozen_at_));
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
  if (!units.whole())
    return damaged("damaged at position " + std::to_string(end_.next) + ": the journal ends inside a unit");
  for (auto* entry : ahead) {
    if (entry->pending.version > entry->committed.version) return check_head(entry->entity, entry->pending, 0);
    entry->batch = 0;
  }
  return {};
}

status rocksdb_heads::load_change(const record& next, std::vector<head_entry*>& ahead) {
  auto* entry = active_->find(next.entity);
  bool known = entry != nullptr;
  if (!known) {
    head row;
    if (auto failure = find_row(next.entity, row); !failure.ok()) return failure;
    entry = active_->insert(next.entity, row);
    // A checkpoint was under way: the row was written, the position was not. The changes up to the row are
    // still to come.
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
  if (entry->batch == 1 && next.version == entry->pending.version && next.position != entry->pending.position)
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
  {
    const std::scoped_lock lock(mutex_);
    const auto* entry = active_->find(entity);
    if (entry == nullptr) entry = frozen_->find(entity);
    if (entry != nullptr) {
      found = entry->committed;
      return {};
    }
  }
  // The row may be newer than what was seen above; the end is taken after it, so that it cannot be older.
  if (auto failure = find_row(entity, found); !failure.ok()) return failure;
  return check_head(entity, found, end().next);
}

head_entry* rocksdb_heads::enter(std::string_view entity, status& failure) {
  // Only this thread changes the tables: it looks without the lock.
  if (auto* entry = active_->find(entity); entry != nullptr) return entry;
  head known;
  if (const auto* entry = frozen_->find(entity); entry != nullptr) {
    known = entry->committed;
  } else {
    failure = find_row(entity, known);
    if (failure.ok()) failure = check_head(entity, known, end_.next);
    if (!failure.ok()) return nullptr;
  }
  const std::scoped_lock lock(mutex_);
  return active_->insert(entity, known);
}

void rocksdb_heads::commit(batch_judge& judge, const tail& end) {
  const std::scoped_lock lock(mutex_);
  judge.commit();
  end_ = end;
}

void rocksdb_heads::freeze() {
  auto next = std::make_shared<head_table>();
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
  for (; written_ < entries.size() && count > 0; ++written_) {
    const auto& entry = entries[written_];
    if (!entry.changed) continue;
    const head_row row(entry.committed);
    if (const auto put = batch_.Put(database_.heads(), slice(entry.entity), slice(row.text())); !put.ok())
      return translate(put, journal_errc::store_failed, "cannot write heads");
    --count;
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
  if (const auto put = batch_.Put(database_.heads(), slice(checkpoint_key), slice({row.data(), row.size()})); !put.ok())
    return translate(put, journal_errc::store_failed, "cannot write heads");
  phase_ = phase::idle;
  return database_.write(batch_, false);
}

status rocksdb_heads::step(std::size_t appended) {
  switch (phase_) {
    case phase::idle:
      if (end_.next - frozen_at_ >= checkpoint_changes_ || active_->size() >= checkpoint_changes_) freeze();
      return {};
    case phase::writing_heads:
      // Faster than the active table can fill, so that this one is through before that must be frozen.
      return write_heads(std::max(heads_at_once, 2 * appended));
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

status rocksdb_heads::list(std::string_view type, std::string_view after, std::size_t limit, bool with_removed,
                           std::vector<listed_head>& found) const {
  found.clear();
  const auto prefix = std::string(type) + '/';
  const auto begin = prefix + std::string(after);
  head_rows recent;
  std::shared_ptr<const head_table> kept[2]; // so that the entities' texts stay
  std::unique_ptr<::rocksdb::Iterator> stored;
  tail end;
  {
    // Under one lock, since a checkpoint must not move heads between the two meanwhile.
    const std::scoped_lock lock(mutex_);
    kept[0] = active_;
    kept[1] = frozen_;
    end = end_;
    for (std::size_t age = 0; age < 2; ++age)
      for (const auto& entry : kept[age]->entries())
        if (entry.entity > begin && entry.entity.starts_with(prefix))
          recent.push_back({entry.entity, age, entry.committed});
    stored.reset(database_.rows().NewIterator({}, database_.heads()));
  }
  std::make_heap(recent.begin(), recent.end(), comes_later);
  stored->Seek(begin);
  if (stored->Valid() && view(stored->key()) == begin) stored->Next();
  while (found.size() < limit) {
    const bool has_row = stored->Valid() && view(stored->key()).starts_with(prefix);
    if (!has_row && recent.empty()) break;
    listed_head next;
    if (has_row && (recent.empty() || view(stored->key()) < recent.front().entity)) {
      next.entity = view(stored->key());
      if (auto failure = decode_head_row(next.entity, view(stored->value()), next.head); !failure.ok()) return failure;
      if (auto failure = check_head(next.entity, next.head, end.next); !failure.ok()) return failure;
      stored->Next();
    } else {
      next.entity = recent.front().entity;
      next.head = recent.front().at;
      while (!recent.empty() && recent.front().entity == next.entity) drop_first(recent);
      if (has_row && view(stored->key()) == next.entity) stored->Next();
    }
    if (next.head.version != 0 && (with_removed || !next.head.removed)) found.push_back(std::move(next));
  }
  return stored->status().ok() ? status{} : unreadable(stored->status(), "the heads of " + std::string(type));
}

} // namespace cairn::persistence
