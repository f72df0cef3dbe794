#include "rocksdb_heads.hpp"

#include "rocksdb_chunks.hpp"
#include "rocksdb_rows.hpp"

#include <algorithm>
#include <tuple>

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
  if (frozen_at_ > end)
    return damaged("damaged: the journal ends at position " + std::to_string(end) +
                   ", before its checkpoint at position " + std::to_string(frozen_at_));
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
    return damaged("damaged at position " + std::to_string(end_.next) +
                   ": the journal ends inside a unit");
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

/// What a listing merges: as it was at one moment.
struct rocksdb_heads::listing {
  head_rows recent;                          // a heap
  std::shared_ptr<const head_table> kept[2]; // hold the texts of `recent`
  std::unique_ptr<::rocksdb::Iterator> stored;
  position_type end = 0;

  bool stored_within(std::string_view prefix) const {
    return stored->Valid() && view(stored->key()).starts_with(prefix);
  }

  status take_stored(listed_head& next) {
    next.entity = view(stored->key());
    auto result = decode_head_row(next.entity, view(stored->value()), next.head);
    if (result.ok()) result = check_head(next.entity, next.head, end);
    stored->Next();
    return result;
  }

  void take_recent(listed_head& next) {
    next.entity = recent.front().entity;
    next.head = recent.front().at;
    while (!recent.empty() && recent.front().entity == next.entity) drop_first(recent);
    if (stored->Valid() && view(stored->key()) == next.entity) stored->Next();
  }
};

void rocksdb_heads::gather(std::string_view prefix, const std::string& after,
                           listing& found) const {
  // Under one lock, since a checkpoint must not move heads from memory to the rows meanwhile.
  const std::scoped_lock lock(mutex_);
  found.kept[0] = active_;
  found.kept[1] = frozen_;
  found.end = end_.next;
  for (std::size_t age = 0; age < 2; ++age)
    for (const auto* entry : found.kept[age]->entries())
      if (entry->entity > after && entry->entity.starts_with(prefix))
        found.recent.push_back({entry->entity, age, entry->committed});
  found.stored.reset(database_.rows().NewIterator({}, database_.heads()));
}

status rocksdb_heads::list(std::string_view type, std::string_view after, std::size_t limit,
                           bool with_removed, std::vector<listed_head>& found) const {
  found.clear();
  const auto prefix = std::string(type) + '/';
  const auto begin = prefix + std::string(after);
  listing rows;
  gather(prefix, begin, rows);
  std::make_heap(rows.recent.begin(), rows.recent.end(), comes_later);
  rows.stored->Seek(begin);
  if (rows.stored->Valid() && view(rows.stored->key()) == begin) rows.stored->Next();
  while (found.size() < limit) {
    const bool has_row = rows.stored_within(prefix);
    if (!has_row && rows.recent.empty()) break;
    listed_head next;
    if (has_row && (rows.recent.empty() || view(rows.stored->key()) < rows.recent.front().entity)) {
      if (auto failure = rows.take_stored(next); !failure.ok()) return failure;
    } else {
      rows.take_recent(next);
    }
    if (next.head.version != 0 && (with_removed || !next.head.removed))
      found.push_back(std::move(next));
  }
  const auto result = rows.stored->status();
  return result.ok() ? status{} : unreadable(result, "the heads of " + std::string(type));
}

} // namespace cairn::persistence
