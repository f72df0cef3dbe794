#pragma once

#include <cairn/cairn.hpp>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

/// What lives on when the program ends: games and players.
namespace chess {

BOOST_DEFINE_ENUM_CLASS(result, white_won, black_won, drawn, unfinished)
BOOST_DEFINE_ENUM_CLASS(score, won, lost, drawn, unfinished)

/// A game. Its version is the ply, since a half-move is one change: what begins or ends with a move
/// is one more event of that move's change.
struct game {
  std::string white;
  std::string black;
  std::vector<std::string> moves;
  std::optional<chess::result> result;

  struct started {
    std::string white;
    std::string black;
  };
  struct moved {
    std::string san;
  };
  struct ended {
    chess::result result{};
  };
  struct move {
    std::string san;
    std::optional<started> start;     ///< With the first move: who plays.
    std::optional<chess::result> end; ///< With the last move: how it ends.
  };

  /// Needs no look at whose turn it is: who moves must have seen the ply (`require_expectation`).
  cairn::decision<started, moved, ended> decide(const move& command) const {
    if (result) {
      return cairn::reject("the game is over");
    }
    if (command.start.has_value() != moves.empty()) {
      return cairn::reject("a game is started by its first move");
    }
    cairn::decision<started, moved, ended> happened;
    if (command.start) {
      happened.add(*command.start);
    }
    happened.add(moved{command.san});
    if (command.end) {
      happened.add(ended{*command.end});
    }
    return happened;
  }

  void apply(const started& event) {
    white = event.white;
    black = event.black;
  }
  void apply(const moved& event) { moves.push_back(event.san); }
  void apply(const ended& event) { result = event.result; }

  using entity = cairn::entity<"game", cairn::commands<move>, cairn::require_expectation>;
};

/// A player's record. Its version is the number of games, and nobody needs to have seen it to add
/// one.
struct player {
  std::uint64_t won = 0;
  std::uint64_t lost = 0;
  std::uint64_t drawn = 0;
  std::uint64_t unfinished = 0;

  struct count_game {
    std::string game;
    chess::score score{};
  };
  struct game_counted {
    std::string game;
    chess::score score{};
  };

  cairn::decision<game_counted> decide(const count_game& command) const {
    return game_counted{command.game, command.score};
  }

  void apply(const game_counted& event) {
    switch (event.score) {
      case score::won:
        ++won;
        break;
      case score::lost:
        ++lost;
        break;
      case score::drawn:
        ++drawn;
        break;
      case score::unfinished:
        ++unfinished;
        break;
    }
  }

  /// A run that goes on after a crash cannot know which finished games were counted, so it sends
  /// every one of them again under its command id, the very first too. Hence a player knows the ids
  /// of all its games, for ever: no number of games in between can make one count twice. That is
  /// some hundred bytes a game in memory, and in a snapshot; so there are few of those.
  static constexpr std::uint32_t ids_of_all_games = std::numeric_limits<std::uint32_t>::max();
  static constexpr std::uint32_t games_per_snapshot = 1'000;

  using entity = cairn::entity<"player", cairn::commands<count_game>, cairn::refuse_expectation,
                               cairn::ids_remembered<ids_of_all_games>,
                               cairn::snapshot_changes<games_per_snapshot>>;
};

} // namespace chess
