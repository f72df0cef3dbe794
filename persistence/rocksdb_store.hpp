#pragma once

#include <cairn/journal.hpp>

namespace rocksdb {
class Env;
}

namespace cairn::persistence {

/// Opens a journal as `rocksdb(directory, options)` does, on files and clock of `env`.
/// Shape:  `env` outlives the journal; null stands for RocksDB's own.
/// Errors: throws startup_error.
std::unique_ptr<journal> open_rocksdb(const std::filesystem::path& directory,
                                      const rocksdb_options& options, ::rocksdb::Env* env);

} // namespace cairn::persistence
