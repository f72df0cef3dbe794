// Processes that end while a world lives, in a static or behind a pointer that nobody deletes, idle and at work: each
// ends by itself within seconds, with its own exit status, and leaves a journal that is whole. Invariant 12.

#include <cairn/cairn.hpp>
#include <cairn/journal.hpp>

#include "tests/crash/exits.hpp"
#include "tests/support/process_child.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace {

using steady = std::chrono::steady_clock;

/// From the call that ends the process to its end.
constexpr std::chrono::seconds end_max{5};

class exit_test : public ::testing::Test {
protected:
  /// Runs a child to its end; how long that took, or nothing when it had to be killed.
  std::optional<steady::duration> run(const exit_way& way, const std::string& data) {
    int pipe_ends[2];
    EXPECT_EQ(::pipe(pipe_ends), 0);
    ::fcntl(pipe_ends[0], F_SETFD, FD_CLOEXEC);
    const pid_t child = start(way, data, pipe_ends[1]);
    ::close(pipe_ends[1]);
    char said = 0;
    const bool began = is_readable(pipe_ends[0]) && ::read(pipe_ends[0], &said, 1) == 1;
    const auto from = steady::now();
    const bool closed = is_readable(pipe_ends[0]); // at the end of whoever holds the other end
    if (!closed) {
      ::kill(child, SIGKILL);
    }
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    ::close(pipe_ends[0]);
    EXPECT_TRUE(began) << "it never came to its end";
    if (!closed) {
      return std::nullopt;
    }
    const auto took = steady::now() - from;
    EXPECT_TRUE(WIFEXITED(status)) << "signal " << WTERMSIG(status);
    EXPECT_EQ(WEXITSTATUS(status), exit_child_status);
    return took;
  }

  static void verify(const std::string& data) {
    const auto journal = cairn::rocksdb(data)();
    cairn::verify_report report;
    const auto whole = cairn::verify_journal(*journal, report);
    EXPECT_TRUE(whole.ok()) << whole.message;
    EXPECT_GT(report.changes, 0U);
    EXPECT_TRUE(journal->close().ok());
  }

  process_directory directory_;

private:
  /// False after four times what it may take: a busy machine is no hang.
  static bool is_readable(int file) {
    const auto longest = std::chrono::milliseconds(end_max) * 4;
    pollfd awaited{file, POLLIN, 0};
    return ::poll(&awaited, 1, static_cast<int>(longest.count())) == 1;
  }

  static pid_t start(const exit_way& way, const std::string& data, int output) {
    std::string words[] = {"crash_tests", "--exit-child", data, name_of(way),
                           std::to_string(output)};
    std::vector<char*> arguments;
    for (auto& word : words) {
      arguments.push_back(word.data());
    }
    arguments.push_back(nullptr);
    pid_t child = 0;
    EXPECT_EQ(::posix_spawn(&child, "/proc/self/exe", nullptr, nullptr, arguments.data(), environ),
              0);
    return child;
  }
};

// Long form: 1,000 processes, most of them busy ones that call `exit`.
TEST_F(exit_test, EveryProcessEndsInTimeAndLeavesAWholeJournal) {
  const bool long_form = std::getenv("CAIRN_TEST_LONG") != nullptr;
  auto ways = exit_ways();
  const std::size_t processes = long_form ? 1'000 : ways.size();
  while (ways.size() < processes) {
    ways.push_back({exit_way::place::in_static, exit_way::ends::exits, true});
  }
  steady::duration longest{};
  for (std::size_t i = 0; i < ways.size() && !HasFailure(); ++i) {
    SCOPED_TRACE(std::to_string(i) + ": " + name_of(ways[i]));
    const std::string data = directory_ / std::to_string(i);
    const auto took = run(ways[i], data);
    ASSERT_TRUE(took) << "it did not end";
    EXPECT_LT(*took, end_max);
    longest = std::max(longest, *took);
    verify(data);
    std::filesystem::remove_all(data);
  }
  const auto longest_ms = std::chrono::duration_cast<std::chrono::milliseconds>(longest).count();
  RecordProperty("processes", static_cast<int>(ways.size()));
  RecordProperty("longest_ms", static_cast<int>(longest_ms));
  if (long_form) {
    std::printf("%zu processes, the longest end took %lld ms\n", ways.size(),
                static_cast<long long>(longest_ms));
  }
}

} // namespace
