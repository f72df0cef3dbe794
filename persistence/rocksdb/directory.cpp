#include "persistence/rocksdb/directory.hpp"

#include "persistence/rocksdb/database.hpp"
#include "persistence/store/directories.hpp"
#include "persistence/store/directory_lock.hpp"
#include "persistence/store/witness.hpp"

#include <algorithm>
#include <set>
#include <system_error>

namespace cairn::persistence {

namespace {

namespace fs = std::filesystem;

// A directory that is not ours can be large; some names are enough to recognise it.
constexpr std::size_t names_shown = 4;

status list_names(const fs::path& directory, std::set<std::string>& names) {
  std::error_code error;
  auto next = fs::directory_iterator(directory, error);
  for (; !error && next != fs::directory_iterator(); next.increment(error))
    names.insert(next->path().filename());
  return error ? cannot_open(directory, error.value()) : status{};
}

std::string show(const std::set<std::string>& names) {
  std::string text;
  std::size_t shown = 0;
  for (const auto& name : names) {
    if (shown == names_shown) return text + " and more";
    text += (shown == 0 ? "`" : ", `") + name + '`';
    ++shown;
  }
  return text;
}

status check_foreign(const fs::path& directory, std::set<std::string> names) {
  if (names.contains("store") || names.contains("witness")) return {};
  for (const char* ours : {"lock", "store.new"}) names.erase(ours);
  names.erase("lost+found"); // of a file system of its own
  if (names.empty()) return {};
  return {journal_errc::not_a_journal,
          directory.string() + " holds " + show(names) + " and no journal"};
}

/// A store that has files must be whole enough for RocksDB not to take it for a new one.
status check_store(const fs::path& store, bool& empty) {
  std::set<std::string> names;
  if (auto failure = list_names(store, names); !failure.ok()) return failure;
  empty = names.empty();
  if (empty || names.contains("CURRENT")) return {};
  const bool of_rocksdb = std::any_of(names.begin(), names.end(), [](const std::string& name) {
    return name.starts_with("MANIFEST-") || name.ends_with(".sst") || name.ends_with(".log");
  });
  if (!of_rocksdb) {
    return {journal_errc::not_a_journal,
            store.string() + " holds " + show(names) + " and no journal"};
  }
  return {journal_errc::damaged, "damaged: " + store.string() + " has lost its file CURRENT"};
}

} // namespace

fs::path store_path(const fs::path& directory) { return directory / "store"; }

status find_journal(const fs::path& directory, bool& found) {
  found = false;
  std::error_code error;
  const auto kind = fs::status(directory, error).type();
  if (kind == fs::file_type::not_found) return {};
  if (error) return cannot_open(directory, error.value());
  if (kind != fs::file_type::directory)
    return {journal_errc::not_a_journal, directory.string() + " is a file, not a directory"};
  std::set<std::string> names;
  if (auto failure = list_names(directory, names); !failure.ok()) return failure;
  if (auto failure = check_foreign(directory, names); !failure.ok()) return failure;
  bool empty = true;
  if (names.contains("store"))
    if (auto failure = check_store(store_path(directory), empty); !failure.ok()) return failure;
  found = !empty;
  if (found || !names.contains("witness")) return {};
  std::optional<position_type> synced;
  if (auto failure = witness::read(directory, synced); !failure.ok()) return failure;
  if (synced.value_or(0) == 0) return {};
  return {journal_errc::damaged, "damaged: " + store_path(directory).string() +
                                     " is missing or empty, but the journal had " +
                                     std::to_string(*synced) + " changes"};
}

status make_journal(const fs::path& directory, ::rocksdb::Env* env) {
  // Under another name until it is whole, so that a half-made store is never taken for a damaged
  // one.
  const auto unfinished = directory / "store.new";
  std::error_code error;
  fs::remove_all(unfinished, error);
  if (error) return cannot_open(unfinished, error.value());
  rocksdb_database database;
  if (auto failure = database.open(unfinished, rocksdb_database::access::create, env);
      !failure.ok())
    return failure;
  if (auto failure = database.close(); !failure.ok()) return failure;
  // The witness comes first: a store without one would look as if it had lost it.
  witness first;
  if (auto failure = first.open(directory); !failure.ok()) return failure;
  if (auto failure = sync_directory(directory); !failure.ok()) return failure;
  auto* const files = env != nullptr ? env : ::rocksdb::Env::Default();
  if (const auto renamed = files->RenameFile(unfinished.string(), store_path(directory).string());
      !renamed.ok())
    return translate(renamed, journal_errc::cannot_open, store_path(directory).string());
  return sync_directory(directory);
}

} // namespace cairn::persistence
