// Kills a loaded child process over and over, and checks after each kill that nothing acknowledged is lost or
// doubled, that the journal is whole, and that what it replays to is what a world serves. Invariants 2, 3, 5, 9.
//
// SIGKILL keeps the page cache: what a missing sync would lose is the business of the fault tests.

#include <cairn/by_name.hpp>
#include <cairn/cairn.hpp>
#include <cairn/journal.hpp>

#include "tests/crash/child.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <future>
#include <random>

namespace {

/// What the parent knows of an account.
struct books {
  std::uint64_t acknowledged = 0; ///< highest number
  std::uint64_t version = 0;      ///< highest version told
};

class kill_test : public ::testing::Test {
protected:
  kill_test() {
    std::string pattern = (std::filesystem::temp_directory_path() / "cairn-kill-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
  }
  ~kill_test() override { std::filesystem::remove_all(directory_); }

  /// Lets a child run until so many acknowledgements have come, and kills it there and then.
  void run_and_kill(std::size_t acknowledgements) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    ::fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    const pid_t child = start_child(ends[1]);
    ::close(ends[1]);
    acknowledgement said;
    std::size_t heard = 0;
    while (heard < acknowledgements && hear(ends[0], said)) {
      ++heard;
    }
    ASSERT_EQ(heard, acknowledgements) << "the child ended by itself";
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    while (hear(ends[0], said)) { // what it said before it died counts too
    }
    ::close(ends[0]);
    int ended = 0;
    ASSERT_EQ(::waitpid(child, &ended, 0), child);
    ASSERT_TRUE(WIFSIGNALED(ended)) << "exit status " << WEXITSTATUS(ended);
  }

  void check_journal() {
    cairn::rocksdb_options options;
    const auto journal = cairn::rocksdb(directory_ + "/data", options)();
    cairn::verify_report verified;
    const auto whole = cairn::verify_journal(*journal, verified);
    ASSERT_TRUE(whole.ok()) << whole.message;
    cairn::replay_report replayed;
    cairn::replay_request all;
    all.types = {&cairn::type_descriptor<account>()};
    all.verify = true;
    const auto went = cairn::replay_journal(*journal, all, replayed);
    ASSERT_TRUE(went.ok()) << went.message;
    ASSERT_FALSE(replayed.divergence);
    for (const auto& entity : replayed.entities) {
      check_account(entity);
    }
    changes_ = verified.changes;
    ASSERT_TRUE(journal->close().ok());
    check_live(replayed);
  }

  std::vector<books> books_ = std::vector<books>(crash_accounts);
  std::uint64_t changes_ = 0;
  std::uint64_t duplicates_ = 0;

private:
  pid_t start_child(int output) {
    std::vector<std::string> words{"crash_tests", "--crash-child", directory_ + "/data",
                                   std::to_string(output)};
    for (const auto& account : books_) {
      words.push_back(std::to_string(account.acknowledged + 1));
    }
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

  bool hear(int input, acknowledgement& said) {
    std::size_t got = 0;
    while (got < sizeof said) {
      const auto part = ::read(input, reinterpret_cast<char*>(&said) + got, sizeof said - got);
      if (part <= 0) {
        return false;
      }
      got += static_cast<std::size_t>(part);
    }
    auto& known = books_[said.account];
    EXPECT_EQ(said.number, known.acknowledged + 1)
        << "account " << said.account << ": out of order";
    EXPECT_EQ(said.version, said.number) << "each number is one change";
    known.acknowledged = said.number;
    known.version = said.version;
    duplicates_ += said.duplicate;
    return true;
  }

  /// Deposits 1 … n, each once and in order, n at least what was acknowledged.
  void check_account(const cairn::replayed_entity& entity) {
    const auto index = std::stoul(std::string(cairn::id_of(entity.entity)));
    account state;
    boost::json::value value;
    cairn::json::problem wrong;
    ASSERT_TRUE(cairn::json::parse(entity.state_json, value, wrong) &&
                cairn::json::decode(value, state, wrong))
        << wrong.text();
    EXPECT_GE(entity.version, books_[index].version) << entity.entity << ": acknowledged and lost";
    ASSERT_EQ(state.deposits.size(), entity.version);
    for (std::size_t i = 0; i < state.deposits.size(); ++i) {
      ASSERT_EQ(state.deposits[i], i + 1) << entity.entity;
    }
  }

  /// What a world serves is what the journal replays to.
  void check_live(const cairn::replay_report& replayed) {
    cairn::world_options options;
    options.journal = cairn::rocksdb(directory_ + "/data");
    cairn::world world(std::move(options));
    world.host<account>();
    for (const auto& entity : replayed.entities) {
      std::promise<cairn::json_reading> read;
      cairn::any_entity(world, cairn::type_descriptor<account>(), entity.entity)
          .post_read([&](cairn::json_reading reading) { read.set_value(std::move(reading)); });
      const auto live = read.get_future().get();
      EXPECT_EQ(live.state_json, entity.state_json) << entity.entity;
      EXPECT_EQ(live.version, entity.version);
    }
  }

  std::string directory_;
};

TEST_F(kill_test, NothingAcknowledgedIsLostAndNothingIsTakenTwice) {
  const bool long_form = std::getenv("CAIRN_TEST_LONG") != nullptr;
  const int kills = long_form ? 500 : 50;
  const char* given = std::getenv("CAIRN_TEST_SEED");
  const std::uint64_t seed =
      given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
  SCOPED_TRACE("CAIRN_TEST_SEED=" + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int kill = 0; kill < kills && !HasFatalFailure(); ++kill) {
    // From the very first commands to some hundred batches in.
    run_and_kill(random() % (kill % 3 == 0 ? 20 : 1'500));
    check_journal();
  }
  EXPECT_GT(duplicates_, 0U)
      << "no kill ever fell between a write and its reply: this test showed too little";
  RecordProperty("changes", static_cast<int>(changes_));
}

} // namespace
