// Kills a process that moves gold between a hundred purses by transactions, over and over, and checks that what
// they hold together never changes: to a live reader while it runs, at every 1,000th position of the journal, and
// in the world that recovers from it. Invariants 2, 3, 5, 9 for units of several changes.
//
// The long form, ten seconds of load and more: CAIRN_TEST_LONG=1 crash_tests --gtest_filter='transfer_test.*'

#include <cairn/cairn.hpp>
#include <cairn/journal.hpp>

#include "tests/crash/transfers.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <random>

namespace {

class transfer_test : public ::testing::Test {
protected:
  transfer_test() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "cairn-transfers-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
  }
  ~transfer_test() override { std::filesystem::remove_all(directory_); }

  /// Lets a child run until so many transactions were acknowledged, and kills it there and then.
  void run_and_kill(std::size_t acknowledgements, std::uint64_t seed) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    ::fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    const pid_t child = start_child(seed, ends[1]);
    ::close(ends[1]);
    std::size_t heard = 0;
    while (heard < acknowledgements && hear(ends[0])) {
      ++heard;
    }
    ASSERT_EQ(heard, acknowledgements) << "the child ended by itself";
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    while (hear(ends[0])) { // what it said before it died counts too
    }
    ::close(ends[0]);
    int ended = 0;
    ASSERT_EQ(::waitpid(child, &ended, 0), child);
    ASSERT_TRUE(WIFSIGNALED(ended)) << "exit status " << WEXITSTATUS(ended);
  }

  void check_journal() {
    const auto journal = cairn::rocksdb(directory_ + "/data")();
    cairn::verify_report verified;
    const auto whole = cairn::verify_journal(*journal, verified);
    ASSERT_TRUE(whole.ok()) << whole.message;
    const auto end = journal->end().next;
    EXPECT_GE(end, acknowledged_) << "acknowledged and lost";
    for (; checked_ < end; checked_ += positions_apart) {
      check_sum(*journal, checked_);
    }
    check_sum(*journal, end - 1);
    ASSERT_TRUE(journal->close().ok());
    check_live();
    changes_ = end;
  }

  std::uint64_t changes_ = 0;

private:
  static constexpr cairn::position_type positions_apart = 1'000;

  pid_t start_child(std::uint64_t seed, int output) const {
    std::vector<std::string> words{"crash_tests", "--transfers", directory_ + "/data",
                                   std::to_string(seed), std::to_string(output)};
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

  bool hear(int input) {
    std::uint64_t position = 0;
    std::size_t got = 0;
    while (got < sizeof position) {
      const auto part =
          ::read(input, reinterpret_cast<char*>(&position) + got, sizeof position - got);
      if (part <= 0) {
        return false;
      }
      got += static_cast<std::size_t>(part);
    }
    acknowledged_ = std::max(acknowledged_, position + 2); // two changes at least
    return true;
  }

  /// The gold of all purses after the unit that holds `position`.
  static void check_sum(const cairn::journal& journal, cairn::position_type position) {
    cairn::replay_report replayed;
    cairn::replay_request all;
    all.types = {&cairn::type_descriptor<purse>()};
    all.position = position;
    const auto went = cairn::replay_journal(journal, all, replayed);
    ASSERT_TRUE(went.ok()) << went.message;
    std::int64_t sum = 0;
    for (const auto& entity : replayed.entities) {
      purse state;
      boost::json::value value;
      cairn::json::problem wrong;
      ASSERT_TRUE(cairn::json::parse(entity.state_json, value, wrong) &&
                  cairn::json::decode(value, state, wrong))
          << wrong.text();
      sum += state.gold;
    }
    ASSERT_EQ(sum, gold_in_all) << "at position " << position;
  }

  void check_live() const {
    cairn::world_options options;
    options.journal = cairn::rocksdb(directory_ + "/data");
    cairn::world world(std::move(options));
    world.host<purse>();
    cairn::read_all all(world);
    std::vector<const cairn::reading<purse>*> read;
    for (int i = 0; i < purses; ++i) {
      read.push_back(&all.add(world.entity<purse>(std::to_string(i))));
    }
    ASSERT_TRUE(all.get().ok());
    std::int64_t sum = 0;
    for (const auto* one : read) {
      sum += one->state.gold;
    }
    EXPECT_EQ(sum, gold_in_all);
  }

  std::string directory_;
  std::uint64_t acknowledged_ = 0; // the journal reaches at least so far
  cairn::position_type checked_ = 0;
};

TEST_F(transfer_test, TheSumNeverChangesOverAnyKill) {
  const bool long_form = std::getenv("CAIRN_TEST_LONG") != nullptr;
  const int kills = 20;
  const std::size_t acknowledgements_max = long_form ? 10'000 : 1'000;
  const char* given = std::getenv("CAIRN_TEST_SEED");
  const std::uint64_t seed =
      given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
  SCOPED_TRACE("CAIRN_TEST_SEED=" + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int kill = 0; kill < kills && !HasFatalFailure(); ++kill) {
    run_and_kill(1 + random() % acknowledgements_max, random());
    if (!HasFatalFailure()) {
      check_journal();
    }
  }
  RecordProperty("changes", static_cast<int>(changes_));
  std::printf("%llu changes, %d kills\n", static_cast<unsigned long long>(changes_), kills);
}

} // namespace
