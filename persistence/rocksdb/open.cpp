#include "persistence/rocksdb/directory.hpp"
#include "persistence/rocksdb/journal.hpp"
#include "persistence/rocksdb/store.hpp"
#include "persistence/store/directories.hpp"

#include <thread>

namespace cairn {

namespace persistence {

namespace {

// A live program beside a reader replaces files while they are being opened, at most every few
// seconds.
constexpr int read_attempts = 5;
constexpr std::chrono::milliseconds read_pause{20};

} // namespace

rocksdb_journal::rocksdb_journal(std::filesystem::path directory, const rocksdb_options& options,
                                 ::rocksdb::Env* env)
    : directory_(std::move(directory)), options_(options), env_(env) {
  source_ = [this](std::string_view entity, std::uint64_t hash, status& failure) {
    return heads_->enter(entity, hash, failure);
  };
}

status rocksdb_journal::open() { return options_.read_only ? open_to_read() : open_to_write(); }

status rocksdb_journal::open_to_read() {
  bool passing = false;
  auto result = read_once(passing);
  for (int attempt = 1; !result.ok() && passing && attempt < read_attempts; ++attempt) {
    std::this_thread::sleep_for(read_pause * attempt);
    result = read_once(passing);
  }
  return result;
}

/// `passing` is true for an error that a live program beside this one can be the reason of.
status rocksdb_journal::read_once(bool& passing) {
  passing = false;
  bool found = false;
  if (auto failure = find_journal(directory_, found); !failure.ok()) return failure;
  if (!found) return {journal_errc::cannot_open, directory_.string() + " holds no journal"};
  passing = true;
  // The witness first: a live program may sync more between the two, never less.
  std::optional<position_type> synced;
  if (auto failure = witness::read(directory_, synced); !failure.ok()) return failure;
  heads_.reset();
  database_ = std::make_unique<rocksdb_database>();
  if (auto failure = database_->open(store_path(directory_), rocksdb_database::access::read, env_);
      !failure.ok())
    return failure;
  return load(synced);
}

status rocksdb_journal::open_to_write() {
  bool fresh = false;
  if (auto failure = prepare_directory(fresh); !failure.ok()) return failure;
  std::optional<position_type> synced;
  if (auto failure = witness::read(directory_, synced); !failure.ok()) return failure;
  if (fresh)
    if (auto failure = make_journal(directory_, env_); !failure.ok()) return failure;
  if (!fresh && !synced) {
    notices_.push_back(
        directory_.string() +
        "/witness is missing and was made anew: whether the journal's end is missing "
        "could not be checked");
  }
  bool torn = false;
  std::string text;
  if (!fresh)
    if (auto failure = probe(torn, text); !failure.ok()) return failure;
  database_ = std::make_unique<rocksdb_database>();
  if (auto failure = database_->open(store_path(directory_), rocksdb_database::access::write, env_);
      !failure.ok())
    return failure;
  if (auto failure = load(synced); !failure.ok()) return failure;
  if (torn) {
    notices_.push_back(directory_.string() +
                       ": the last program ended while it was writing; the unfinished end was cut, "
                       "the journal ends at position " +
                       std::to_string(heads_->end().next) + " (" + text + ")");
  }
  if (auto failure = settle_ancestry(!fresh && !synced); !failure.ok()) return failure;
  if (auto failure = witness_.open(directory_); !failure.ok()) return failure;
  return witness_.write(heads_->end().next); // opening has made all that is left durable
}

status rocksdb_journal::prepare_directory(bool& fresh) {
  bool found = false;
  if (auto failure = find_journal(directory_, found); !failure.ok()) return failure;
  if (auto failure = make_directories(directory_); !failure.ok()) return failure;
  if (auto failure = lock_.acquire(directory_); !failure.ok()) return failure;
  // Again, since only now nobody else changes it.
  auto result = find_journal(directory_, found);
  fresh = !found;
  return result;
}

/// Looks, without changing anything, whether the log ends in the middle of a batch: opening would
/// cut that without a word.
status rocksdb_journal::probe(bool& torn, std::string& text) {
  rocksdb_database strict;
  auto result = strict.open(store_path(directory_), rocksdb_database::access::probe, env_);
  torn = result.error == journal_errc::damaged;
  text = result.message;
  if (!torn) return result;
  // Whether it is only torn is for the opening to find out; before that one writes, the format must
  // be known.
  rocksdb_database tolerant;
  return tolerant.open(store_path(directory_), rocksdb_database::access::read, env_);
}

status rocksdb_journal::load(const std::optional<position_type>& synced) {
  heads_ = std::make_unique<rocksdb_heads>(*database_, options_.checkpoint_changes);
  if (auto failure = in_directory(heads_->load()); !failure.ok()) return failure;
  const auto end = heads_->end().next;
  if (end >= synced.value_or(0)) return read_ancestry();
  return in_directory(damaged(
      "damaged: the journal ends at position " + std::to_string(end) +
      ", but its witness says that it was synced up to position " + std::to_string(*synced) +
      ": the changes between are lost. Without the file `witness` it opens as it is"));
}

std::unique_ptr<journal> open_rocksdb(const std::filesystem::path& directory,
                                      const rocksdb_options& options, ::rocksdb::Env* env) {
  auto opened = std::make_unique<rocksdb_journal>(directory, options, env);
  if (const auto result = opened->open(); !result.ok())
    throw startup_error(result.error, result.message);
  return opened;
}

std::unique_ptr<journal> open_rocksdb_copy(const std::filesystem::path& directory,
                                           const rocksdb_options& options,
                                           std::vector<lineage_part> of) {
  auto opened = std::make_unique<rocksdb_journal>(directory, options, nullptr);
  auto result = opened->open();
  if (result.ok()) result = opened->become_copy(std::move(of));
  if (!result.ok()) throw startup_error(result.error, result.message);
  return opened;
}

} // namespace persistence

journal_source rocksdb(std::filesystem::path directory, rocksdb_options options) {
  return [directory = std::move(directory), options] {
    return persistence::open_rocksdb(directory, options, nullptr);
  };
}

} // namespace cairn
