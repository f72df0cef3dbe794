#pragma once

#include <cairn/detail/journal.hpp>

namespace rocksdb {
class Env;
}

namespace cairn::persistence {

/// Opens a journal as `rocksdb(directory, options)` does, on files and clock of `env`.
/// Shape:  `env` outlives the journal; null stands for RocksDB's own.
/// Errors: throws startup_error.
std::unique_ptr<journal> open_rocksdb(const std::filesystem::path& directory,
                                      const rocksdb_options& options, ::rocksdb::Env* env);

/// Makes a journal as `rocksdb(directory, options)` does, for a copy of the journal that has the lineages `of`.
/// Errors: throws startup_error.
std::unique_ptr<journal> open_rocksdb_copy(const std::filesystem::path& directory,
                                           const rocksdb_options& options,
                                           std::vector<lineage_part> of);

} // namespace cairn::persistence
