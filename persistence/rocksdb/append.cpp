#include <cairn/detail/time.hpp>

#include "persistence/agenda/rows.hpp"
#include "persistence/rocksdb/journal.hpp"
#include "persistence/rocksdb/rows.hpp"

#include <utility>

namespace cairn::persistence {

namespace {

status not_put(const ::rocksdb::Status& failure) {
  return translate(failure, journal_errc::store_failed, "cannot make up a batch");
}

} // namespace

status rocksdb_journal::stopped() const {
  if (gate_.is_closed()) return reader_gate::closed();
  if (options_.read_only)
    return {journal_errc::read_only, directory_.string() + " was opened for reading"};
  return failure_.ok() ? database_->failure() : failure_;
}

void rocksdb_journal::append(append_batch& batch, append_callback done) {
  const auto appended = batch.records.size();
  auto result = append_now(batch);
  const bool committed = result.what == append_result::kind::committed;
  done(std::move(result)); // from here on the batch may be gone
  if (committed) after_append(appended);
}

append_result rocksdb_journal::append_now(append_batch& batch) {
  if (auto failure = stopped(); !failure.ok()) return failed(std::move(failure));
  if (auto failure = check_sizes(batch, options_.change_bytes_max); !failure.ok())
    return failed(std::move(failure));
  const auto before = heads_->end();
  if (auto failure = judge_.judge(batch, before, source_, heads_->recent()); !failure.ok())
    return failed(in_directory(std::move(failure)));
  append_result result;
  result.first = before.next;
  if (!judge_.fenced().empty()) {
    result.what = append_result::kind::fenced;
    result.fenced = judge_.fenced();
    return result;
  }
  if (auto failure = place_snapshots(batch, before.next); !failure.ok())
    return failed(in_directory(std::move(failure)));
  if (auto failure = put_batch(batch, before.next); !failure.ok())
    return failed(std::move(failure));
  if (batch_.Count() == 0) return result;

  const bool sync = sync_is_due();
  if (auto failure = database_->write(batch_, sync); !failure.ok())
    return failed(std::move(failure), fate::in_doubt);
  auto after = before;
  if (!batch.records.empty())
    after = {before.next + batch.records.size(), batch.records.back().time_us};
  // The batch is committed whatever becomes of the witness; without one nothing more is.
  if (sync) failure_ = note_sync(after.next);
  heads_->commit(judge_, after);
  return result;
}

bool rocksdb_journal::sync_is_due() const {
  return options_.durability == durability::durable ||
         clock::now() - last_sync_ >= detail::bounded<clock::duration>(options_.sync_interval);
}

status rocksdb_journal::note_sync(position_type synced) {
  last_sync_ = clock::now();
  heads_->note_sync();
  return witness_.write(synced);
}

status rocksdb_journal::place_snapshots(append_batch& batch, position_type first) {
  for (auto& next : batch.snapshots) {
    status failure;
    const auto* entry = judge_.enter(next.entity, source_, failure);
    if (entry == nullptr) return failure;
    if (next.version == 0 || next.version > entry->pending.version)
      return no_such_version(next, entry->pending.version);
    if (next.version <= entry->committed.version) {
      failure = locate(next.entity, next.version, entry->committed, next.position);
      if (!failure.ok()) return failure;
      continue;
    }
    next.position = entry->pending.position;
    while (batch.records[next.position - first].version != next.version)
      next.position = batch.records[next.position - first].previous;
  }
  return {};
}

/// Finds the change that made a stored version; `position` may come with a guess.
status rocksdb_journal::locate(std::string_view entity, version_type version, const head& at,
                               position_type& position) const {
  const auto guess = std::exchange(position, at.position);
  if (version == at.version) return {};
  chunk_cache chunks(*database_);
  const record* found = nullptr;
  if (guess < at.position && chunks.find(guess, found).ok() && found->entity == entity &&
      found->version == version) {
    position = guess;
    return {};
  }
  head start;
  if (auto failure = nearest(entity, version, at, start); !failure.ok()) return failure;
  return walk_back(chunks, entity, start.version, start.position, version,
                   [&](const record& next) { position = next.position; });
}

status rocksdb_journal::put_batch(const append_batch& batch, position_type first) {
  batch_.Clear();
  writer_.start(first);
  for (const auto& next : batch.records) {
    if (next.agenda)
      if (auto failure = put_agenda(next); !failure.ok()) return failure;
    if (writer_.add(next)) continue;
    if (auto failure = put_chunk(); !failure.ok()) return failure;
    writer_.start(next.position);
    writer_.add(next);
  }
  if (writer_.count() > 0)
    if (auto failure = put_chunk(); !failure.ok()) return failure;
  for (const auto& next : batch.snapshots) {
    const auto key = snapshot_key(next.entity, next.version);
    if (const auto put = batch_.Put(database_->snapshots(), key, encode_snapshot(key, next));
        !put.ok())
      return not_put(put);
  }
  return {};
}

status rocksdb_journal::put_agenda(const record& change) {
  ::rocksdb::Status put;
  auto edited = edit_agenda(change, [&](bool in, const std::string& key) {
    auto* const rows = database_->agenda();
    const auto result = in ? batch_.Put(rows, key, {}) : batch_.Delete(rows, key);
    if (put.ok()) put = result;
  });
  return put.ok() ? edited : not_put(put);
}

status rocksdb_journal::put_chunk() {
  const position_key key(writer_.first());
  const auto put = batch_.Put(database_->changes(), slice(key.text()), slice(writer_.finish()));
  return put.ok() ? status{} : not_put(put);
}

void rocksdb_journal::after_append(std::size_t appended) {
  // A failure here is remembered, and told to the next append.
  auto result = stopped();
  if (result.ok()) result = heads_->step(appended);
  if (result.ok()) result = database_->turn_log();
  if (!result.ok()) failure_ = std::move(result);
}

status rocksdb_journal::sync() {
  if (options_.read_only) return {};
  if (auto failure = stopped(); !failure.ok()) return failure;
  if (database_->synced()) return {};
  failure_ = database_->sync();
  if (failure_.ok()) failure_ = note_sync(heads_->end().next);
  return failure_;
}

status rocksdb_journal::checkpoint() {
  if (auto failure = stopped(); !failure.ok()) return failure;
  return write_checkpoint();
}

status rocksdb_journal::write_checkpoint() {
  if (auto failure = failure_.ok() ? database_->failure() : failure_; !failure.ok()) return failure;
  failure_ = heads_->checkpoint();
  if (failure_.ok()) failure_ = note_sync(heads_->end().next);
  return failure_;
}

status rocksdb_journal::close() {
  if (!database_) return {}; // it was never open
  if (!gate_.is_closed()) closed_end_ = heads_->end();
  if (auto refused = gate_.close(); !refused.ok()) return refused;
  auto result = options_.read_only ? status{} : write_checkpoint();
  if (result.ok() && !options_.read_only) result = end_ancestry();
  // After a failure nothing more is written: what is on disk stays as it is for the next opening.
  if (result.ok() && !options_.read_only) result = database_->close();
  heads_.reset();
  database_.reset();
  witness_.close();
  lock_.release();
  return result;
}

} // namespace cairn::persistence
