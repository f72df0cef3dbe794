#pragma once

#include <cairn/cairn.hpp>

#include "entities.hpp"
#include "pgn.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace chess {

/// What all boards share. The counts go up from callbacks, on any thread.
struct hall {
  cairn::world& world;
  double impatient = 0;          ///< Share of the moves that are sent twice.
  const std::atomic<bool>& stop; ///< Set: nobody moves any more.

  std::atomic<std::uint64_t> found{0};     ///< Moves that an earlier run has made.
  std::atomic<std::uint64_t> accepted{0};  ///< Moves.
  std::atomic<std::uint64_t> doubled{0};   ///< Moves that were sent twice.
  std::atomic<std::uint64_t> conflicts{0}; ///< Replies to moves.
};

class board;

/// Plays one colour of one game. Of the game's course it knows the ply that a reply has shown it.
class client {
public:
  client(board& seat, client& opponent) : board_(seat), opponent_(opponent) {}

  /// Sees the game at `ply`, with itself to move.
  void observe(cairn::version_type ply);

private:
  using reply = cairn::entity_ref<game>::checked<game::move>;

  void moved(const reply& given);

  board& board_;
  client& opponent_;
};

/// A game on its way from where it is found to both players' records. Lives as long as a reply is
/// due. Thread: any; the replies to a game come one after the other.
class board : public std::enable_shared_from_this<board> {
public:
  enum class end {
    counted, ///< Played, and counted for both players.
    left,    ///< `hall::stop` was set.
    bad,     ///< This game cannot be played.
    broken,  ///< Nothing can be played any more: the journal has failed.
  };
  /// Called once. Must neither block nor throw, as a callback of the world.
  using on_end = std::function<void(end how, result ended, const std::string& why)>;

  board(hall& shared, std::string id, pgn::game record, on_end done);

  /// Reads the game and goes on from there.
  void play();

private:
  friend class client;

  /// Empty when what was found is the beginning of what is recorded.
  std::string difference(const game& found) const;
  game::move move_at(cairn::version_type ply) const;
  bool is_doubled(cairn::version_type ply) const;
  void count();
  void count_for(std::string_view name, std::string_view colour, score scored);
  void give_up(const cairn::failed& failure);
  void finish(end how, const std::string& why = {});

  hall& hall_;
  std::string id_;
  pgn::game record_;
  result result_;
  on_end done_;
  cairn::entity_ref<game> game_;
  client white_{*this, black_};
  client black_{*this, white_};
  std::atomic<int> uncounted_{2};
  std::atomic<bool> finished_{false};
};

/// The last part of the game's address if its tag Site is one, else its number in the file.
std::string game_id(const pgn::game& record, std::uint64_t number);

} // namespace chess
