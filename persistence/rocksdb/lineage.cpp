#include "persistence/rocksdb/journal.hpp"
#include "persistence/rocksdb/rows.hpp"

namespace cairn::persistence {

status rocksdb_journal::read_ancestry() {
  ancestry_ = {};
  std::string row;
  const auto result = database_->rows().Get({}, database_->agenda(), slice(ancestry_key),
                                            &row); // beside the format
  if (result.IsNotFound()) return {};              // of an older version
  if (!result.ok()) return in_directory(unreadable(result, "the journal's lineages"));
  return in_directory(decode_ancestry(row, ancestry_));
}

status rocksdb_journal::write_ancestry() {
  ::rocksdb::WriteBatch row;
  if (const auto put =
          row.Put(database_->agenda(), slice(ancestry_key), encode_ancestry(ancestry_));
      !put.ok())
    return translate(put, journal_errc::store_failed, "cannot write the journal's lineages");
  return database_->write(row, true);
}

/// Gives the journal a lineage of its own where what is written from now on may not follow what somebody has seen:
/// in a copy, behind a writer who did not sync each change and did not end well, and where nobody knows (`unwitnessed`).
status rocksdb_journal::settle_ancestry(bool unwitnessed) {
  const bool relaxed = options_.durability == durability::relaxed;
  const bool parts =
      ancestry_.parts.empty() || ancestry_.is_copy || ancestry_.may_lose_its_end || unwitnessed;
  if (!parts && !relaxed) return {};
  if (parts) ancestry_.part_at(heads_->end().next);
  ancestry_.may_lose_its_end = relaxed;
  return write_ancestry();
}

status rocksdb_journal::become_copy(std::vector<lineage_part> of) {
  ancestry_.parts = std::move(of);
  ancestry_.is_copy = true;
  return write_ancestry();
}

/// Behind the last sync: nothing can get lost any more.
status rocksdb_journal::end_ancestry() {
  if (!ancestry_.may_lose_its_end) return {};
  ancestry_.may_lose_its_end = false;
  return write_ancestry();
}

} // namespace cairn::persistence
