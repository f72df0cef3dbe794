#pragma once

#include <cairn/detail/journal.hpp>

#include <filesystem>

namespace rocksdb {
class Env;
}

/// The directory around the store: DIR/lock, DIR/witness, DIR/store.
namespace cairn::persistence {

/// Looks whether `directory` holds a journal; `found` is false where one may be made.
/// Errors: not_a_journal, naming what is there instead; damaged, when pieces are missing;
/// cannot_open.
status find_journal(const std::filesystem::path& directory, bool& found);

/// Makes an empty journal in `directory`, which is there and locked. A crash in between leaves
/// nothing that the next attempt does not clear away. Errors: cannot_open.
status make_journal(const std::filesystem::path& directory, ::rocksdb::Env* env);

/// Where RocksDB has its files.
std::filesystem::path store_path(const std::filesystem::path& directory);

} // namespace cairn::persistence
