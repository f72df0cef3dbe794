// Running a program in earnest: the code of docs/guide/operating.md.

#include <cairn/cairn.hpp>
#include <cairn/cli.hpp>

#include "tests/support/held_journal.hpp"
#include "wallet.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <thread>

namespace {

namespace fs = std::filesystem;

class GuideOperating : public ::testing::Test {
protected:
  void SetUp() override {
    std::string pattern = fs::temp_directory_path() / "cairn-docs-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    root_ = pattern;
    data = root_ / "data";
    copy = root_ / "copy";
  }
  void TearDown() override { fs::remove_all(root_); }

  fs::path data;
  fs::path copy;

private:
  fs::path root_;
};

TEST_F(GuideOperating, LoadingBeforehand) {
  cairn::world world;
  world.host<wallet>();
  EXPECT_TRUE(world.entity<wallet>("alice").send(wallet::earn{1}).get());
  // [preload]
  const auto loaded = world.preload<wallet>([](std::size_t so_far, std::size_t total) {
    std::cerr << so_far << " of " << total << " wallets\n";
  });
  if (!loaded.ok()) { // the others are there
    std::cerr << loaded.message << "\n";
  }
  // [/preload]
  EXPECT_TRUE(loaded.ok());
}

TEST_F(GuideOperating, AWorldOnADirectory) {
  // [rocksdb]
  cairn::rocksdb_options store;
  store.durability = cairn::durability::relaxed; // default: durable
  store.sync_interval = std::chrono::milliseconds(20);

  cairn::world_options options;
  options.journal = cairn::rocksdb(data, store);
  options.limits.resident_max = 200'000;
  options.limits.idle_time = std::chrono::seconds(30);
  // [/rocksdb]

  // [open]
  try {
    cairn::world world(options);
    for (const auto& notice : world.journal().notices()) {
      std::cerr << notice << "\n";
    }
    world.host<wallet>();
    const auto outcome = world.entity<wallet>("alice").send(wallet::earn{100}).get();
    const auto closed = world.close(); // finishes what was accepted, and says when that failed
    std::cout << (outcome && closed.ok() ? "stored\n" : "not stored\n");
  } catch (const cairn::startup_error& error) {
    std::cerr << error.message() << "\n"; // held by another process, damaged, not readable …
  }
  // [/open]

  cairn::world again({.journal = cairn::rocksdb(data)});
  again.host<wallet>();
  EXPECT_EQ(again.entity<wallet>("alice").read().get().state.gold, 100);
  EXPECT_TRUE(again.journal().notices().empty());
}

TEST_F(GuideOperating, ASecondProgramIsToldWhoHoldsTheDirectory) {
  cairn::world world({.journal = cairn::rocksdb(data)});
  try {
    cairn::world second({.journal = cairn::rocksdb(data)});
    FAIL() << "one process at a time";
  } catch (const cairn::startup_error& error) {
    EXPECT_EQ(error.code(), cairn::journal_errc::locked);
    EXPECT_NE(error.message().find("is held by process " + std::to_string(::getpid())),
              std::string::npos)
        << error.message();
  }
  // [read_only]
  const auto journal = cairn::rocksdb(data, {.read_only = true})(); // beside the live program
  std::cout << journal->end().next << " changes\n";
  // [/read_only]
  EXPECT_EQ(journal->end().next, 0U);
}

TEST_F(GuideOperating, ABackupOfALiveWorldOpensAsAJournal) {
  cairn::world world({.journal = cairn::rocksdb(data)});
  world.host<wallet>();
  EXPECT_TRUE(world.entity<wallet>("alice").send(wallet::earn{100}).get());
  // [backup]
  if (const auto copied = world.backup(copy); !copied.ok()) {
    std::cerr << copied.message << "\n";
  }
  // [/backup]
  cairn::world restored({.journal = cairn::rocksdb(copy)});
  restored.host<wallet>();
  EXPECT_EQ(restored.entity<wallet>("alice").read().get().state.gold, 100);
}

// [overloaded]
/// Waits while the world is busy; anything else is the caller's.
cairn::unchecked_outcome<> earn_patiently(const cairn::entity_ref<wallet>& of,
                                          std::int64_t amount) {
  for (auto pause = std::chrono::milliseconds(1);; pause *= 2) {
    auto outcome = of.send(wallet::earn{amount}).get();
    const auto* broken = outcome.failed();
    if (broken == nullptr || broken->error != cairn::runtime_errc::overloaded ||
        pause > std::chrono::seconds(1)) {
      return outcome;
    }
    std::this_thread::sleep_for(pause);
  }
}
// [/overloaded]

TEST_F(GuideOperating, AnOverloadedWorldSaysSoAndServesLater) {
  held_journal journal;
  cairn::world_options options{.journal = journal.source()};
  options.limits.mailbox_max = 1;
  cairn::world world(options);
  world.host<wallet>();
  const auto alice = world.entity<wallet>("alice");
  journal.hold();
  auto first = alice.send(wallet::earn{1});
  journal.await_held(1);
  const auto refused = alice.send(wallet::earn{1}).get();
  EXPECT_EQ(refused.failed()->error, cairn::runtime_errc::overloaded);
  EXPECT_EQ(refused.failed()->fate, cairn::fate::not_written);
  std::thread later([&] { journal.release(); });
  EXPECT_TRUE(earn_patiently(alice, 1));
  later.join();
  EXPECT_TRUE(first.get());
}

std::optional<int> main_of_a_program(int argc, char** argv) {
  // [run_command]
  if (const auto status = cairn::cli::run_command<wallet>(argc, argv)) {
    return *status;
  }
  // [/run_command]
  return std::nullopt;
}

TEST_F(GuideOperating, AProgramHasTheCommandsForItsOwnTypes) {
  {
    cairn::world world({.journal = cairn::rocksdb(data)});
    world.host<wallet>();
    EXPECT_TRUE(world.entity<wallet>("alice").send(wallet::earn{100}).get());
  }
  const auto run = [](std::vector<std::string> words) {
    std::vector<char*> argv;
    for (auto& word : words) argv.push_back(word.data());
    testing::internal::CaptureStdout();
    const auto status = main_of_a_program(static_cast<int>(argv.size()), argv.data());
    std::cout.flush();
    return std::pair(status, testing::internal::GetCapturedStdout());
  };
  const auto [status, text] = run({"bank", "replay", "--data", data, "--json"});
  EXPECT_EQ(status, 0);
  EXPECT_EQ(text, "{\"entity\":\"wallet/alice\",\"version\":1,\"state\":{\"gold\":100}}\n");
  EXPECT_EQ(run({"bank", "--own-option"}).first, std::nullopt) << "the program's own arguments";
}

} // namespace
