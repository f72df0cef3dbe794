// Whether a new journal's directory is durable where it stands: a power cut takes a directory that was never synced
// into its parent, with all the synced files in it. No test can cut the power under ext4, so this program's own
// `fsync` notes which directories were synced, and passes on.

#include <cairn/detail/change.hpp>
#include <cairn/detail/tools/transfer.hpp>

#include "persistence/rocksdb/store.hpp"
#include "tests/support/journal_support.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <filesystem>
#include <mutex>
#include <set>
#include <sstream>

namespace {

std::mutex& synced_mutex() {
  static std::mutex mutex;
  return mutex;
}

std::set<std::string>& synced_directories() {
  static std::set<std::string> directories;
  return directories;
}

void note_synced(int file) {
  struct stat found {};
  if (::fstat(file, &found) != 0 || !S_ISDIR(found.st_mode)) return;
  std::error_code error;
  const auto path = std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(file), error);
  const std::scoped_lock lock(synced_mutex());
  synced_directories().insert(path.string());
}

} // namespace

extern "C" int fsync(int file) {
  note_synced(file);
  return static_cast<int>(::syscall(SYS_fsync, file));
}

namespace cairn {
namespace {

using testing::batch_builder;
using testing::temporary_directory;

namespace fs = std::filesystem;

class Directories : public ::testing::Test {
protected:
  static void forget_synced() {
    const std::scoped_lock lock(synced_mutex());
    synced_directories().clear();
  }

  static bool is_synced(const fs::path& directory) {
    const std::scoped_lock lock(synced_mutex());
    return synced_directories().contains(fs::canonical(directory).string());
  }

  temporary_directory directory_;
};

TEST_F(Directories, EachNewParentOfAJournalIsSyncedIntoItsOwn) {
  const auto below = directory_.path() / "game" / "eu" / "data";
  forget_synced();
  const auto journal = persistence::open_rocksdb(below, {}, nullptr);
  EXPECT_TRUE(is_synced(below));
  EXPECT_TRUE(is_synced(directory_.path() / "game" / "eu"));
  EXPECT_TRUE(is_synced(directory_.path() / "game"));
  EXPECT_TRUE(is_synced(directory_.path()));
}

TEST_F(Directories, ADirectoryThatIsThereAlreadyIsSyncedIntoItsParent) {
  fs::create_directory(directory_.path() / "data");
  forget_synced();
  const auto journal = persistence::open_rocksdb(directory_.path() / "data", {}, nullptr);
  EXPECT_TRUE(is_synced(directory_.path()));
}

TEST_F(Directories, BackupAndImportSyncTheParentsThatTheyMake) {
  const auto source = persistence::open_rocksdb(directory_.path() / "source", {}, nullptr);
  change first;
  first.events.push_back({"earned", 1, R"({"amount":1})"});
  std::string body;
  encode_change_body(body, first);
  batch_builder batch;
  batch.add("wallet/a", 1, body);
  ASSERT_EQ(batch.append_to(*source).what, append_result::kind::committed);

  forget_synced();
  const auto copied = backup_directory(*source, directory_.path() / "b1" / "b2" / "copy");
  ASSERT_TRUE(copied.ok()) << copied.message;
  EXPECT_TRUE(is_synced(directory_.path()));
  EXPECT_TRUE(is_synced(directory_.path() / "b1"));
  EXPECT_TRUE(is_synced(directory_.path() / "b1" / "b2"));

  std::string lines;
  const auto exported = export_journal(*source, {}, [&](std::string_view some) {
    lines += some;
    return true;
  });
  ASSERT_TRUE(exported.ok()) << exported.message;
  std::istringstream in(lines);
  forget_synced();
  const auto imported = import_directory(in, directory_.path() / "i1" / "i2" / "copy");
  ASSERT_TRUE(imported.ok()) << imported.message;
  EXPECT_TRUE(is_synced(directory_.path()));
  EXPECT_TRUE(is_synced(directory_.path() / "i1"));
  EXPECT_TRUE(is_synced(directory_.path() / "i1" / "i2"));
}

} // namespace
} // namespace cairn
