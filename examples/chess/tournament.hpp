#pragma once

#include "board.hpp"
#include "pgn.hpp"

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <unordered_set>
#include <vector>

namespace chess {

/// Plays the games of a file, a number of them at once; a game that ends makes room for the next.
/// Must outlive the world's `close`: replies come until then.
class tournament {
public:
  struct settings {
    std::size_t clients = 0; ///< Games at once.
    double impatient = 0;    ///< Share of the moves that are sent twice.
  };

  tournament(cairn::world& world, settings chosen, std::atomic<bool>& stop);

  /// Returns when all games are over, or `stop` was set and no reply to a game is awaited.
  /// Progress: called several times a second.
  void play(pgn::reader& file, const std::function<void()>& progress);

  const hall& counts() const noexcept { return hall_; }

  // Of `play`, once it has returned:
  std::uint64_t games() const noexcept { return games_; }
  std::uint64_t ended(result how) const noexcept { return ended_[static_cast<std::size_t>(how)]; }
  std::uint64_t bad_games() const noexcept { return bad_games_; }
  const std::vector<std::string>& problems() const noexcept {
    return problems_;
  }                                                                ///< The first few.
  const std::string& failure() const noexcept { return failure_; } ///< Set: the journal has failed.

private:
  void start(pgn::game record, std::uint64_t number);
  void end(board::end how, result ended, const std::string& why);
  void report(std::string problem);
  void wait_for_seats(std::size_t count, const std::function<void()>& progress);

  settings settings_;
  std::atomic<bool>& stop_;
  hall hall_;
  std::unordered_set<std::string> ids_;

  std::mutex mutex_; // of what follows
  std::condition_variable seats_changed_;
  std::size_t seats_;
  std::uint64_t games_ = 0;
  std::array<std::uint64_t, 4> ended_{};
  std::uint64_t bad_games_ = 0;
  std::vector<std::string> problems_;
  std::string failure_;
};

} // namespace chess
