// Which directories the RocksDB journal opens, what it says of those that it does not, and who may
// open one at the same time.

#include <cairn/detail/journal.hpp>

#include "persistence/store/directory_lock.hpp"
#include "tests/support/journal_support.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <fstream>
#include <set>
#include <thread>

namespace cairn {
namespace {

namespace fs = std::filesystem;
using testing::batch_builder;
using testing::changes_of;
using testing::temporary_directory;

/// What opening answers; success when it opens.
status try_open(const fs::path& directory, const rocksdb_options& options = {}) {
  try {
    (void)rocksdb(directory, options)();
    return {};
  } catch (const startup_error& error) {
    return {error.code(), error.message()};
  }
}

void expect_refused(const status& result, journal_errc error,
                    const std::vector<std::string>& words) {
  EXPECT_EQ(result.error, error) << result.message;
  for (const auto& word : words)
    EXPECT_NE(result.message.find(word), std::string::npos) << result.message;
  EXPECT_EQ(result.message.find('\n'), std::string::npos) << result.message;
}

std::set<std::string> names_in(const fs::path& directory) {
  std::set<std::string> names;
  for (const auto& next : fs::recursive_directory_iterator(directory))
    names.insert(fs::relative(next.path(), directory).string());
  return names;
}

void touch(const fs::path& path) { std::ofstream(path) << "x"; }

class RocksdbDirectory : public ::testing::Test {
protected:
  void fill(const fs::path& directory, version_type changes = 3) {
    const auto opened = rocksdb(directory)();
    for (version_type version = 1; version <= changes; ++version) next_.add("wallet/a", version);
    ASSERT_EQ(next_.append_to(*opened).what, append_result::kind::committed);
    ASSERT_TRUE(opened->close().ok());
  }

  temporary_directory work_;
  const fs::path data_ = work_.path() / "data";
  batch_builder next_;
};

TEST_F(RocksdbDirectory, MissingDirectoriesAreMade) {
  EXPECT_TRUE(try_open(data_ / "deeper" / "still").ok());
  EXPECT_TRUE(fs::exists(data_ / "deeper" / "still" / "store"));
}

TEST_F(RocksdbDirectory, EmptyDirectoriesAreTaken) {
  fs::create_directories(data_ / "lost+found"); // of a file system of its own
  EXPECT_TRUE(try_open(data_).ok());
}

TEST_F(RocksdbDirectory, ForeignDirectoriesAreLeftAlone) {
  fs::create_directory(data_);
  for (const char* name : {"main.cpp", "README.md"}) touch(data_ / name);
  expect_refused(try_open(data_), journal_errc::not_a_journal,
                 {data_.string(), "main.cpp", "README.md"});
  fs::create_directory(data_ / "store");
  touch(data_ / "store" / "apples");
  expect_refused(try_open(data_), journal_errc::not_a_journal, {"apples"});
  EXPECT_EQ(names_in(data_),
            (std::set<std::string>{"README.md", "main.cpp", "store", "store/apples"}));
}

TEST_F(RocksdbDirectory, FileIsNoDirectory) {
  touch(data_);
  expect_refused(try_open(data_), journal_errc::not_a_journal, {data_.string(), "a file"});
}

TEST_F(RocksdbDirectory, InterruptedCreationIsDoneAgain) {
  fs::create_directories(data_ / "store.new");
  touch(data_ / "store.new" / "000001.log");
  touch(data_ / "lock");
  EXPECT_TRUE(try_open(data_).ok());
  EXPECT_FALSE(fs::exists(data_ / "store.new"));
  fs::remove_all(data_ / "store"); // with the witness at 0 nothing can have been lost
  EXPECT_TRUE(try_open(data_).ok());
}

TEST_F(RocksdbDirectory, WhatMayNotBeOpenedIsNamedWithTheReason) {
  fs::create_directory(data_);
  fill(data_ / "mine");
  fs::permissions(data_, fs::perms::owner_all);
  // Root may do anything: a child of another user tries it.
  std::array<int, 2> pipe{};
  ASSERT_EQ(::pipe(pipe.data()), 0);
  const auto child = ::fork();
  if (child == 0) {
    const bool other = ::getuid() != 0 ? ::chmod(data_.c_str(), 0) == 0 : ::setuid(65534) == 0;
    const auto result = try_open(data_ / "mine");
    const auto text =
        (other && result.error == journal_errc::cannot_open ? "yes " : "no ") + result.message;
    (void)!::write(pipe[1], text.data(), text.size());
    ::_exit(0);
  }
  std::string text(4096, '\0');
  text.resize(
      static_cast<std::size_t>(std::max<ssize_t>(::read(pipe[0], text.data(), text.size()), 0)));
  ::waitpid(child, nullptr, 0);
  fs::permissions(data_, fs::perms::owner_all);
  for (const int end : pipe) ::close(end);
  for (const auto& word :
       {std::string("yes "), (data_ / "mine").string(), std::string("Permission denied")})
    EXPECT_NE(text.find(word), std::string::npos) << text;
}

TEST_F(RocksdbDirectory, SecondOpeningIsToldWhoHoldsIt) {
  const auto holder = rocksdb(data_)();
  const auto pid = std::to_string(::getpid());
  expect_refused(try_open(data_), journal_errc::locked,
                 {data_.string() + " is held by process " + pid, "read-only"});
}

TEST_F(RocksdbDirectory, AnotherProcessIsToldWhoHoldsItAndTheLockEndsWithTheProcess) {
  fill(data_);
  std::array<int, 2> held{};
  std::array<int, 2> release{};
  ASSERT_EQ(::pipe(held.data()) + ::pipe(release.data()), 0);
  const auto child = ::fork();
  if (child == 0) {
    ::close(release[1]);
    persistence::directory_lock lock;
    char ok = lock.acquire(data_).ok() ? 'y' : 'n';
    (void)!::write(held[1], &ok, 1);
    (void)!::read(release[0], &ok, 1); // until the parent closes its end
    ::_exit(0);
  }
  char ok = 'n';
  ASSERT_EQ(::read(held[0], &ok, 1), 1);
  EXPECT_EQ(ok, 'y');
  std::ifstream own("/proc/self/cmdline");
  std::string command;
  std::getline(own, command, '\0');
  expect_refused(try_open(data_), journal_errc::locked,
                 {"process " + std::to_string(child) + " (" + command});
  rocksdb_options reading;
  reading.read_only = true;
  EXPECT_TRUE(try_open(data_, reading).ok());
  ::close(release[1]);
  ::waitpid(child, nullptr, 0);
  EXPECT_TRUE(try_open(data_).ok());
  for (const int end : {held[0], held[1], release[0]}) ::close(end);
}

TEST_F(RocksdbDirectory, ReadOnlyLeavesNoTrace) {
  rocksdb_options reading;
  reading.read_only = true;
  expect_refused(try_open(data_, reading), journal_errc::cannot_open,
                 {data_.string(), "no journal"});
  EXPECT_FALSE(fs::exists(data_));
  fill(data_);
  const auto names = names_in(data_);
  const auto opened = rocksdb(data_, reading)();
  EXPECT_EQ(changes_of(*opened).size(), 3U);
  const auto result = next_.add("wallet/a", 4).append_to(*opened);
  EXPECT_EQ(result.what, append_result::kind::failed);
  EXPECT_EQ(result.fate, fate::not_written);
  EXPECT_EQ(result.failure.error, journal_errc::read_only);
  EXPECT_EQ(opened->checkpoint().error, journal_errc::read_only);
  EXPECT_TRUE(opened->sync().ok());
  EXPECT_TRUE(opened->close().ok());
  EXPECT_EQ(names_in(data_), names);
}

TEST_F(RocksdbDirectory, ReadOnlyOpensBesideALiveWriterAndSeesWholeBatches) {
  rocksdb_options options;
  options.checkpoint_changes = 50;
  auto writer = rocksdb(data_, options)();
  std::atomic<bool> reading = true;
  std::thread live([&] {
    batch_builder next;
    for (version_type version = 1; reading; ++version) {
      next.add("wallet/a", version, std::string(3000, 'x'))
          .add("wallet/b", version, std::string(3000, 'y'));
      ASSERT_EQ(next.append_to(*writer).what, append_result::kind::committed);
      // Closing now and then replaces the files under the reader.
      if (version % 40 != 0) continue;
      ASSERT_TRUE(writer->close().ok());
      writer = rocksdb(data_, options)();
    }
  });
  rocksdb_options read_only = options;
  read_only.read_only = true;
  position_type last = 0;
  for (int round = 0; round < 25; ++round) {
    try {
      const auto opened = rocksdb(data_, read_only)();
      const auto found = changes_of(*opened);
      EXPECT_EQ(found.size() % 2, 0U);
      EXPECT_GE(found.size(), last);
      last = found.size();
      EXPECT_TRUE(opened->notices().empty());
    } catch (const startup_error& error) {
      ADD_FAILURE() << error.what();
    }
  }
  reading = false;
  live.join();
}

} // namespace
} // namespace cairn
