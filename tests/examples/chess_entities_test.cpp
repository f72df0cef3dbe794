#include <cairn/testing.hpp>

#include "examples/chess/entities.hpp"

#include <gtest/gtest.h>

namespace chess {
namespace {

using cairn::testing::given;

const game::started started{"a", "b"};

TEST(ChessGame, VersionIsThePly) {
  auto played = given<game>();
  played.when(game::move{"e4", started, {}}, cairn::at(0)).then(started, game::moved{"e4"});
  EXPECT_EQ(played.version(), 1U);
  played.when(game::move{"e5", {}, {}}, cairn::at(1)).then(game::moved{"e5"});
  EXPECT_EQ(played.version(), 2U);
  played.when(game::move{"Nf3", {}, result::white_won}, cairn::at(2))
      .then(game::moved{"Nf3"}, game::ended{result::white_won});
  EXPECT_EQ(played.version(), 3U);
  played.then_state({"a", "b", {"e4", "e5", "Nf3"}, result::white_won});
}

TEST(ChessGame, SecondOfTwoMovesAtOnePlyConflicts) {
  given<game>(started, game::moved{"e4"})
      .when(game::move{"e5", {}, {}}, cairn::at(2))
      .then(game::moved{"e5"})
      .when(game::move{"e5", {}, {}}, cairn::at(2))
      .then_conflict(cairn::conflict_kind::stale);
}

TEST(ChessGame, EndsOnceAndStartsOnce) {
  given<game>(started, game::moved{"e4"}, game::ended{result::drawn})
      .when(game::move{"e5", {}, {}})
      .then_rejected("the game is over");
  given<game>().when(game::move{"e4", {}, {}}).then_rejected("a game is started by its first move");
  given<game>(started, game::moved{"e4"})
      .when(game::move{"e5", started, {}})
      .then_rejected("a game is started by its first move");
}

TEST(ChessPlayer, CountsEachScoreOnItsOwn) {
  given<player>()
      .when(player::count_game{"g1", score::won})
      .then(player::game_counted{"g1", score::won})
      .when(player::count_game{"g2", score::lost})
      .when(player::count_game{"g3", score::drawn})
      .when(player::count_game{"g4", score::unfinished})
      .when(player::count_game{"g5", score::won})
      .then_state({2, 1, 1, 1});
}

} // namespace
} // namespace chess
