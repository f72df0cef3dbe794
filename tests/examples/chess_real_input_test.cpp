// Real games of a month, from the folder that CAIRN_REAL_INPUT names; CAIRN_TEST_LONG=1 kills more
// often.
#include "tests/examples/chess_support.hpp"
#include "tests/support/journal_support.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace cairn::testing {
namespace {

class ChessRealInput : public ::testing::Test {
protected:
  void SetUp() override {
    const char* folder = std::getenv("CAIRN_REAL_INPUT");
    if (folder == nullptr) {
      GTEST_SKIP() << "CAIRN_REAL_INPUT names no folder with lichess-2016-05.pgn";
    }
    file_ = std::filesystem::path(folder) / "lichess-2016-05.pgn";
    ASSERT_TRUE(std::filesystem::is_regular_file(file_)) << file_ << " is missing";
  }

  arguments games() const { return {"--pgn", file_.string()}; }
  std::filesystem::path in(const char* name) const { return directory_.path() / name; }

private:
  std::filesystem::path file_;
  temporary_directory directory_;
};

void expect_figures(const boost::json::object& told) {
  EXPECT_EQ(told.at("games").to_number<int>(), 4'798);
  EXPECT_EQ(told.at("moves_accepted").to_number<int>(), 217'481);
  const auto& results = told.at("results").as_object();
  EXPECT_EQ(results.at("white").to_number<int>(), 2'492);
  EXPECT_EQ(results.at("black").to_number<int>(), 2'274);
  EXPECT_EQ(results.at("drawn").to_number<int>(), 30);
  EXPECT_EQ(results.at("unfinished").to_number<int>(), 2);
  EXPECT_EQ(told.at("busiest").as_object().at("player"), "german11");
  EXPECT_EQ(told.at("busiest").as_object().at("games").to_number<int>(), 4'690);
  EXPECT_EQ(told.at("conflicts"), told.at("moves_doubled"));
  EXPECT_EQ(told.at("bad_games").to_number<int>(), 0);
  EXPECT_EQ(told.at("replay_equals_served"), true);
}

TEST_F(ChessRealInput, GivesTheFiguresOfTheFile) {
  const auto told = play(games(), in("data"));
  expect_figures(told);
  EXPECT_EQ(told.at("conflicts").to_number<int>(), 0);
}

TEST_F(ChessRealInput, ImpatienceAndKillsChangeNothingInTheEnd) {
  play(games(), in("undisturbed"));
  const char* is_long = std::getenv("CAIRN_TEST_LONG");
  const int kills = is_long != nullptr && std::string(is_long) == "1" ? 10 : 3;
  auto impatient = games();
  impatient.insert(impatient.end(), {"--impatient", "0.1"});
  const auto told =
      play_with_kills(impatient, in("killed"), kills, bytes_in(in("undisturbed")), test_seed());
  expect_figures(told);
  EXPECT_EQ(verified_state(in("killed")), verified_state(in("undisturbed")));
}

TEST_F(ChessRealInput, EachDoubledMoveConflictsOnce) {
  auto impatient = games();
  impatient.insert(impatient.end(), {"--impatient", "0.1"});
  const auto told = play(impatient, in("data"));
  expect_figures(told);
  EXPECT_GT(told.at("conflicts").to_number<int>(), 20'000);
  EXPECT_LT(told.at("conflicts").to_number<int>(), 23'500);
}

} // namespace
} // namespace cairn::testing
