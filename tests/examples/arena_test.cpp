// The arena as a process: that its proof holds, that it can fail, and what being killed must not change.
#include <cairn/cairn.hpp>

#include "examples/arena/model/deposit.hpp"
#include "tests/examples/program.hpp"
#include "tests/support/journal_support.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace cairn::testing {
namespace {

using words = std::vector<std::string>;

class Arena : public ::testing::Test {
protected:
  std::filesystem::path in(const char* name) const { return folder_.path() / name; }

  words command(const char* data, const words& what) const {
    words all{"arena", "--data", in(data).string()};
    all.insert(all.end(), what.begin(), what.end());
    return all;
  }

  /// Plays to the end and gives the figures; a failed expectation when the status is not `status`.
  boost::json::object play(const char* data, words what, int status = 0) const {
    what.emplace_back("--json");
    return figures_of(run(command(data, what)), status);
  }

  static boost::json::object figures_of(const ended_program& ended, int status) {
    EXPECT_EQ(ended.status, status) << ended.err << ended.out;
    boost::system::error_code wrong;
    const auto figures = boost::json::parse(ended.out, wrong);
    EXPECT_TRUE(!wrong && figures.is_object()) << ended.out;
    return figures.is_object() ? figures.as_object() : boost::json::object{};
  }

  std::string exported(const char* data) const {
    const auto ended = run({"arena", "journal", "export", "--data", in(data).string()});
    EXPECT_EQ(ended.status, 0) << ended.err;
    return ended.out;
  }

private:
  temporary_directory folder_;
};

std::int64_t number(const boost::json::object& from, const char* name) {
  return from.at(name).to_number<std::int64_t>();
}

void expect_conserved(const boost::json::object& told, std::int64_t bots) {
  const auto& proof = told.at("proof").as_object();
  EXPECT_EQ(proof.at("holds"), true) << boost::json::serialize(proof);
  const auto& gold = proof.at("gold").as_object();
  EXPECT_EQ(number(gold, "founded"), bots * 100);
  EXPECT_EQ(gold.at("held"), gold.at("founded"));
  const auto& ore = proof.at("ore").as_object();
  EXPECT_EQ(number(ore, "founded"), bots / 2 * 60);
  EXPECT_EQ(number(ore, "in_deposits") + number(ore, "in_bags") + number(ore, "in_listings"),
            number(ore, "founded"));
  EXPECT_EQ(number(proof.at("listings").as_object(), "sold_twice"), 0);
}

TEST_F(Arena, PlaysAndProvesIt) {
  const auto told = play("data", {"--seconds", "1", "--bots", "90"});
  expect_conserved(told, 90);
  const auto& all = told.at("all").as_object();
  EXPECT_GT(number(all, "accepted"), 0);
  EXPECT_EQ(number(all, "sent"),
            number(all, "accepted") + number(all, "conflicts") + number(all, "rejected"));
  const auto verified = run({"arena", "journal", "verify", "--data", in("data").string()});
  EXPECT_EQ(verified.status, 0) << verified.err;
}

TEST_F(Arena, SaysInWordsWhatItProvedAndWhatToTryNext) {
  const auto ended = run(command("data", {"--seconds", "1", "--bots", "30", "--live"}));
  EXPECT_EQ(ended.status, 0) << ended.err;
  for (const char* claim :
       {"holds   replay", "holds   gold", "holds   ore", "holds   listings", "holds   messages",
        "holds   timers", "holds   units", "What to try next:", "--crash"}) {
    EXPECT_NE(ended.out.find(claim), std::string::npos) << claim << "\n" << ended.out;
  }
  EXPECT_EQ(ended.out.find("BROKEN"), std::string::npos) << ended.out;
  EXPECT_NE(ended.err.find("conflicts"), std::string::npos) << "the head of the live figures";
}

/// Invariant 5, and 3: what a bot was told is still there.
TEST_F(Arena, KilledInFullFlightItGoesOnAndNothingIsLost) {
  for (int i = 0; i < 3; ++i) {
    const auto killed = run(command("data", {"--seconds", "1", "--crash"}));
    EXPECT_EQ(killed.status, 128 + SIGKILL) << killed.err;
    EXPECT_NE(killed.err.find("SIGKILL now"), std::string::npos) << killed.err;
  }
  const auto told = play("data", {"--seconds", "1"});
  expect_conserved(told, 300);
  const auto& found = told.at("found").as_object();
  EXPECT_EQ(number(found, "seasons"), 3);
  EXPECT_EQ(found.at("was_killed"), true);
  EXPECT_EQ(number(found, "players"), 300);
  const auto again = play("data", {"--seconds", "1"});
  expect_conserved(again, 300);
  EXPECT_EQ(again.at("found").as_object().at("was_killed"), false);
}

TEST_F(Arena, SteppedTheSameSeedGivesTheSameJournal) {
  const words what{"--step", "--seed", "7", "--seconds", "1", "--bots", "60"};
  expect_conserved(play("one", what), 60);
  expect_conserved(play("two", what), 60);
  EXPECT_EQ(exported("one"), exported("two"));
  play("one", what); // each goes on, from where its journal ends
  play("two", what);
  EXPECT_EQ(exported("one"), exported("two"));
  play("other", {"--step", "--seed", "8", "--seconds", "1", "--bots", "60"});
  EXPECT_NE(exported("one"), exported("other"));
}

TEST_F(Arena, OreFromNowhereIsFound) {
  play("data", {"--seconds", "1", "--bots", "30"});
  {
    world forging({.journal = rocksdb(in("data"))});
    forging.host<arena::deposit>();
    const auto forged =
        forging.entity<arena::deposit>("vein-00001").send(arena::deposit::crumble{5}).get();
    ASSERT_TRUE(forged);
  }
  const auto told = play("data", {"--seconds", "1", "--bots", "30"}, 1);
  const auto& proof = told.at("proof").as_object();
  EXPECT_EQ(proof.at("holds"), false);
  EXPECT_EQ(number(proof, "unbalanced"), 1);
  const auto shown = run(command("data", {"--seconds", "1", "--bots", "30"}));
  EXPECT_EQ(shown.status, 1);
  EXPECT_NE(shown.out.find("BROKEN  ore"), std::string::npos) << shown.out;
}

TEST_F(Arena, InterruptedEndsCleanlyWithTheProof) {
  program playing(command("data", {"--seconds", "0", "--json"}));
  ASSERT_TRUE(playing.await_growth(in("data"), 200'000));
  playing.signal(SIGINT);
  const auto told = figures_of(playing.wait(), 130);
  EXPECT_EQ(told.at("interrupted"), true);
  expect_conserved(told, 300);
}

TEST_F(Arena, MorePlayersJoinAndFewerLeaveNothingBehind) {
  expect_conserved(play("data", {"--seconds", "1", "--bots", "30"}), 30);
  expect_conserved(play("data", {"--seconds", "1", "--bots", "90"}), 90);
  expect_conserved(play("data", {"--seconds", "1", "--bots", "30"}), 90);
}

TEST_F(Arena, SaysWhyItCannotStart) {
  std::ofstream(in("file")) << "x";
  const struct {
    words what;
    std::string why;
  } table[]{
      {command("file", {}), "is a file"},
      {{"arena", "--bots", "0"}, "--bots"},
      {{"arena", "--seconds", "-1"}, "--seconds"},
      {{"arena", "--crash", "--seconds", "0"}, "--crash"},
      {{"arena", "--crash", "--step"}, "--step"},
      {{"arena", "nonsense"}, "nonsense"},
  };
  for (const auto& wrong : table) {
    const auto ended = run(wrong.what);
    EXPECT_EQ(ended.status, 2) << wrong.why << ended.err;
    EXPECT_NE(ended.err.find(wrong.why), std::string::npos) << ended.err;
  }
  EXPECT_EQ(run({"arena", "--help"}).status, 0);
}

} // namespace
} // namespace cairn::testing
