#pragma once

#include "options.hpp"
#include "pgn.hpp"
#include "proof.hpp"
#include "tournament.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace chess {

enum class exit_status { well = 0, refuted = 1, could_not_start = 2, interrupted = 130 };

/// All that a run can tell. `moves_accepted` counts an earlier run's too, `moves_of_this_run` does
/// not.
struct figures {
  struct results_type {
    std::uint64_t white = 0;
    std::uint64_t black = 0;
    std::uint64_t drawn = 0;
    std::uint64_t unfinished = 0;
  };
  struct busiest_type {
    std::string player;
    std::uint64_t games = 0;
  };

  std::uint64_t games = 0;
  std::uint64_t moves_accepted = 0;
  std::uint64_t moves_of_this_run = 0;
  std::uint64_t moves_doubled = 0;
  std::uint64_t conflicts = 0;
  results_type results;
  busiest_type busiest;
  double seconds = 0;
  std::uint64_t moves_per_second = 0;
  std::uint64_t batches = 0;
  std::uint64_t entities = 0;
  bool replay_equals_served = false;
  std::vector<std::string> differences;
  std::uint64_t bad_games = 0;
  std::vector<std::string> problems;
  bool interrupted = false;
};

void take_counts(const tournament& played, figures& told);
void take_busiest(const standings& all, figures& told);

/// Writes figures and proof to standard output, problems to standard error, and says how to exit.
int report(const options& chosen, figures told);

int report_failure(const std::string& why);

/// One line on standard error that shows how far it has got, if that is a terminal.
class progress {
public:
  progress(const hall& counts, const pgn::reader& file, std::uint64_t bytes);
  void show();
  void clear() const;

private:
  using clock = std::chrono::steady_clock;

  const hall& counts_;
  const pgn::reader& file_;
  std::uint64_t bytes_;
  bool is_shown_;
  clock::time_point started_ = clock::now();
  clock::time_point next_ = started_;
};

} // namespace chess
