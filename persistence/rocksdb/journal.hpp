#pragma once

#include <cairn/detail/journal.hpp>

#include "persistence/rocksdb/chunks.hpp"
#include "persistence/rocksdb/database.hpp"
#include "persistence/rocksdb/heads.hpp"
#include "persistence/store/ancestry.hpp"
#include "persistence/store/directory_lock.hpp"
#include "persistence/store/reader_gate.hpp"
#include "persistence/store/witness.hpp"

#include <chrono>

namespace cairn::persistence {

/// The journal in a directory, on RocksDB. Source: docs/journal-format.md.
class rocksdb_journal final : public journal {
public:
  rocksdb_journal(std::filesystem::path directory, const rocksdb_options& options,
                  ::rocksdb::Env* env);

  /// Call it first and once. Errors: all that opening can meet; then only the destructor may
  /// follow.
  status open();

  /// Makes of the journal, which is empty, one that is to be filled with what the journal of these lineages holds. It
  /// gets a lineage of its own when it is next opened for writing. Errors: store_failed.
  status become_copy(std::vector<lineage_part> of);

  void append(append_batch& batch, append_callback done) override;
  status find_head(std::string_view entity, head& found) const override;
  status read(std::string_view entity, version_type from, version_type to,
              const record_visitor& visit) const override;
  status scan(position_type from, const record_visitor& visit) const override;
  status heads(std::string_view type, std::string_view after, std::size_t limit, bool with_removed,
               std::vector<listed_head>& found) const override;
  status find_snapshot(std::string_view entity, version_type at_most,
                       std::optional<stored_snapshot>& found) const override;
  status scan_snapshots(const snapshot_visitor& visit) const override;
  status agenda(std::string_view from, std::string_view to,
                const key_visitor& visit) const override;
  std::vector<lineage_part> lineages() const override { return ancestry_.parts; }
  status types(std::vector<std::string>& found) const override;
  tail end() const override;
  status sync() override;
  status checkpoint() override;
  status close() override;
  std::filesystem::path side_directory() const override {
    return options_.read_only ? std::filesystem::path() : directory_;
  }
  std::vector<std::string> notices() const override { return notices_; }

private:
  using clock = std::chrono::steady_clock;

  // rocksdb_open.cpp
  status open_to_read();
  status read_once(bool& passing);
  status open_to_write();
  status prepare_directory(bool& fresh);
  status probe(bool& torn, std::string& text);
  status load(const std::optional<position_type>& synced);

  // rocksdb_lineage.cpp
  status read_ancestry();
  status write_ancestry();
  status settle_ancestry(bool unwitnessed);
  status end_ancestry();

  // rocksdb_append.cpp
  append_result append_now(append_batch& batch);
  status place_snapshots(append_batch& batch, position_type first);
  status locate(std::string_view entity, version_type version, const head& at,
                position_type& position) const;
  status put_batch(const append_batch& batch, position_type first);
  status put_chunk();
  status put_agenda(const record& change);
  bool sync_is_due() const;
  status note_sync(position_type synced);
  status write_checkpoint();
  void after_append(std::size_t appended);
  status stopped() const;

  // rocksdb_read.cpp
  status nearest(std::string_view entity, version_type at_least, const head& at, head& found) const;
  status in_directory(status result) const;

  const std::filesystem::path directory_;
  const rocksdb_options options_;
  ::rocksdb::Env* const env_;
  std::vector<std::string> notices_;
  ancestry ancestry_; // as opening has left it

  reader_gate gate_;
  tail closed_end_; // what `end` says once it is closed

  directory_lock lock_;
  witness witness_;
  std::unique_ptr<rocksdb_database> database_;
  std::unique_ptr<rocksdb_heads> heads_;
  status failure_; // why nothing is written any more, where the database itself does not know

  batch_judge judge_;
  batch_judge::entry_source source_;
  chunk_writer writer_;
  ::rocksdb::WriteBatch batch_;
  clock::time_point last_sync_ = clock::now();
};

} // namespace cairn::persistence
