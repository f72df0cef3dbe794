#include "persistence/rocksdb/journal.hpp"
#include "persistence/rocksdb/rows.hpp"

#include <algorithm>

namespace cairn::persistence {

status rocksdb_journal::in_directory(status result) const {
  if (!result.ok()) result.message = directory_.string() + ": " + result.message;
  return result;
}

tail rocksdb_journal::end() const {
  const reader_gate::pass inside(gate_);
  return inside ? heads_->end() : closed_end_;
}

status rocksdb_journal::find_head(std::string_view entity, head& found) const {
  const reader_gate::pass inside(gate_);
  if (!inside) return reader_gate::closed();
  return in_directory(heads_->find(entity, found));
}

status rocksdb_journal::heads(std::string_view type, std::string_view after, std::size_t limit,
                              bool with_removed, std::vector<listed_head>& found) const {
  const reader_gate::pass inside(gate_);
  if (!inside) return reader_gate::closed();
  return in_directory(heads_->list(type, after, limit, with_removed, found));
}

status rocksdb_journal::types(std::vector<std::string>& found) const {
  const reader_gate::pass inside(gate_);
  if (!inside) return reader_gate::closed();
  std::set<std::string, std::less<>> names;
  auto result = in_directory(heads_->types(names));
  found.assign(names.begin(), names.end());
  return result;
}

/// Snapshots are an index into the chain of an entity's changes: the nearest one at or above
/// `at_least`, or the head itself.
status rocksdb_journal::nearest(std::string_view entity, version_type at_least, const head& at,
                                head& found) const {
  found = at;
  if (at_least == at.version) return {};
  const std::unique_ptr<::rocksdb::Iterator> rows(
      database_->rows().NewIterator({}, database_->snapshots()));
  rows->Seek(snapshot_key(entity, at_least));
  if (!rows->status().ok())
    return unreadable(rows->status(), "the snapshots of " + std::string(entity));
  if (!rows->Valid()) return {};
  snapshot next;
  if (auto failure = decode_snapshot_key(view(rows->key()), next.entity, next.version);
      !failure.ok())
    return failure;
  if (next.entity != entity || next.version >= at.version) return {};
  if (auto failure = decode_snapshot(view(rows->key()), view(rows->value()), next); !failure.ok())
    return failure;
  found = {next.version, next.position, false};
  return {};
}

status rocksdb_journal::read(std::string_view entity, version_type from, version_type to,
                             const record_visitor& visit) const {
  const reader_gate::pass inside(gate_);
  if (!inside) return reader_gate::closed();
  head at;
  if (auto failure = heads_->find(entity, at); !failure.ok())
    return in_directory(std::move(failure));
  from = std::max<version_type>(from, 1);
  to = std::min(to, at.version);
  if (from > to) return {};
  head start;
  if (auto failure = nearest(entity, to, at, start); !failure.ok())
    return in_directory(std::move(failure));

  std::vector<position_type> positions;
  chunk_cache chunks(*database_);
  auto failure =
      walk_back(chunks, entity, start.version, start.position, from, [&](const record& next) {
        if (next.version <= to) positions.push_back(next.position);
      });
  for (auto next = positions.rbegin(); failure.ok() && next != positions.rend(); ++next) {
    const record* found = nullptr;
    failure = chunks.find(*next, found);
    if (failure.ok() && !visit(*found)) break;
    if (gate_.is_closed()) return reader_gate::closed();
  }
  return in_directory(std::move(failure));
}

status rocksdb_journal::scan(position_type from, const record_visitor& visit) const {
  const reader_gate::pass inside(gate_);
  if (!inside) return reader_gate::closed();
  const auto end =
      heads_->end().next; // before the scan begins: what it sees reaches at least so far
  if (from >= end) return {};
  chunk_scan rows(*database_);
  auto failure = rows.seek(from);
  if (failure.ok()) {
    from -= rows.current().at(from).unit_index;
    if (!rows.current().contains(from)) failure = rows.seek(from);
  }
  unit_check units;
  for (; failure.ok(); failure = rows.next()) {
    for (const auto& next : rows.current().records()) {
      if (next.position < from) continue;
      if (failure = units.follow(next); !failure.ok()) return in_directory(std::move(failure));
      if (!visit(next)) return {};
      if (gate_.is_closed()) return reader_gate::closed();
    }
    if (rows.current().end() < end) continue;
    if (units.whole()) return {};
    return in_directory(
        damaged("damaged at position " + std::to_string(end) + ": the journal ends inside a unit"));
  }
  return in_directory(std::move(failure));
}

status rocksdb_journal::find_snapshot(std::string_view entity, version_type at_most,
                                      std::optional<stored_snapshot>& found) const {
  found.reset();
  const reader_gate::pass inside(gate_);
  if (!inside) return reader_gate::closed();
  const std::unique_ptr<::rocksdb::Iterator> rows(
      database_->rows().NewIterator({}, database_->snapshots()));
  for (rows->SeekForPrev(snapshot_key(entity, at_most)); rows->Valid(); rows->Prev()) {
    snapshot next;
    if (auto failure = decode_snapshot(view(rows->key()), view(rows->value()), next); !failure.ok())
      return in_directory(std::move(failure));
    if (next.entity != entity) break;
    if (next.body.empty()) continue; // only the position was kept
    found = {next.version, next.position, std::string(next.body)};
    return {};
  }
  return rows->status().ok()
             ? status{}
             : in_directory(unreadable(rows->status(), "the snapshots of " + std::string(entity)));
}

status rocksdb_journal::scan_snapshots(const snapshot_visitor& visit) const {
  const reader_gate::pass inside(gate_);
  if (!inside) return reader_gate::closed();
  const std::unique_ptr<::rocksdb::Iterator> rows(
      database_->rows().NewIterator({}, database_->snapshots()));
  for (rows->SeekToFirst(); rows->Valid(); rows->Next()) {
    snapshot next;
    if (auto failure = decode_snapshot(view(rows->key()), view(rows->value()), next); !failure.ok())
      return in_directory(std::move(failure));
    if (!visit(next)) return {};
    if (gate_.is_closed()) return reader_gate::closed();
  }
  return rows->status().ok() ? status{} : in_directory(unreadable(rows->status(), "the snapshots"));
}

status rocksdb_journal::agenda(std::string_view from, std::string_view to,
                               const key_visitor& visit) const {
  const reader_gate::pass inside(gate_);
  if (!inside) return reader_gate::closed();
  ::rocksdb::ReadOptions options;
  const auto bound = slice(to);
  options.iterate_upper_bound = &bound;
  const std::unique_ptr<::rocksdb::Iterator> rows(
      database_->rows().NewIterator(options, database_->agenda()));
  for (rows->Seek(slice(from)); rows->Valid(); rows->Next()) {
    if (!visit(view(rows->key()))) return {};
    if (gate_.is_closed()) return reader_gate::closed();
  }
  return rows->status().ok() ? status{} : in_directory(unreadable(rows->status(), "the agenda"));
}

} // namespace cairn::persistence
