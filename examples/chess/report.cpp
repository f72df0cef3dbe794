#include "report.hpp"

#include <unistd.h>

#include <algorithm>
#include <iostream>

namespace chess {

namespace {

constexpr std::size_t differences_shown_max = 20;

/// 217481 as 217,481
std::string grouped(std::uint64_t number) {
  auto text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3; at -= 3) {
    text.insert(at - 3, 1, ',');
  }
  return text;
}

std::uint64_t per_second(std::uint64_t count, double seconds) {
  return seconds > 0 ? static_cast<std::uint64_t>(static_cast<double>(count) / seconds) : 0;
}

void write_figures(std::ostream& out, const figures& told) {
  out << grouped(told.games) << " games: " << grouped(told.results.white) << " won by white, "
      << grouped(told.results.black) << " by black, " << grouped(told.results.drawn) << " drawn, "
      << grouped(told.results.unfinished) << " unfinished\n"
      << grouped(told.moves_accepted) << " moves accepted";
  if (told.moves_accepted != told.moves_of_this_run) {
    out << ", " << grouped(told.moves_of_this_run) << " of them in this run";
  }
  out << "\n"
      << grouped(told.conflicts) << " conflicts, " << grouped(told.moves_doubled)
      << " moves sent twice\n";
  if (told.busiest.games != 0) {
    out << "busiest player: " << told.busiest.player << ", " << grouped(told.busiest.games)
        << " games\n";
  }
  out << grouped(told.moves_per_second) << " moves/s, " << grouped(told.batches) << " batches\n";
}

void write_proof(std::ostream& out, const figures& told) {
  if (told.replay_equals_served) {
    out << "replay equals what was served: " << grouped(told.entities) << " entities\n";
    return;
  }
  out << "REPLAY DIFFERS from what was served, in " << grouped(told.differences.size())
      << " entities:\n";
  const auto shown = std::min(told.differences.size(), differences_shown_max);
  for (std::size_t i = 0; i < shown; ++i) {
    out << "  " << told.differences[i] << "\n";
  }
}

void write_problems(std::ostream& err, const options& chosen, const figures& told) {
  for (const auto& problem : told.problems) {
    err << "chess: " << (chosen.pgn.empty() ? "the sample" : chosen.pgn) << ", " << problem << "\n";
  }
  if (told.problems.size() < told.bad_games) {
    err << "chess: and " << told.bad_games - told.problems.size() << " more\n";
  }
  if (told.bad_games != 0) {
    err << "chess: " << told.bad_games << " games could not be played\n";
  }
  if (told.conflicts != told.moves_doubled) {
    err << "chess: " << told.moves_doubled << " moves were sent twice, but " << told.conflicts
        << " conflicts came back\n";
  }
  if (told.interrupted) {
    err << "chess: ended on request; the same command goes on from here\n";
  }
}

} // namespace

void take_counts(const tournament& played, figures& told) {
  const auto& counts = played.counts();
  told.games = played.games();
  told.moves_of_this_run = counts.accepted;
  told.moves_accepted = counts.found + counts.accepted;
  told.moves_doubled = counts.doubled;
  told.conflicts = counts.conflicts;
  told.results = {played.ended(result::white_won), played.ended(result::black_won),
                  played.ended(result::drawn), played.ended(result::unfinished)};
  told.moves_per_second = per_second(told.moves_of_this_run, told.seconds);
  told.bad_games = played.bad_games();
  told.problems = played.problems();
}

void take_busiest(const standings& all, figures& told) {
  for (const auto& [key, stands] : all) {
    if (cairn::type_of(key) == player::entity::name && stands.version > told.busiest.games) {
      told.busiest = {std::string(cairn::id_of(key)), stands.version};
    }
  }
}

int report(const options& chosen, figures told) {
  told.replay_equals_served = !told.interrupted && told.differences.empty();
  if (chosen.json) {
    std::string text;
    cairn::json::problem wrong;
    if (!cairn::json::encode(text, told, wrong)) {
      return report_failure("the figures cannot be written as JSON: " + wrong.text());
    }
    std::cout << text << "\n";
  } else {
    write_figures(std::cout, told);
    if (!told.interrupted) {
      write_proof(std::cout, told);
    }
  }
  write_problems(std::cerr, chosen, told);
  const bool is_refuted = told.bad_games != 0 || told.conflicts != told.moves_doubled;
  if (told.interrupted) {
    return static_cast<int>(exit_status::interrupted);
  }
  return static_cast<int>(is_refuted || !told.replay_equals_served ? exit_status::refuted
                                                                   : exit_status::well);
}

int report_failure(const std::string& why) {
  std::cerr << "chess: " << why << "\n";
  return static_cast<int>(exit_status::could_not_start);
}

progress::progress(const hall& counts, const pgn::reader& file, std::uint64_t bytes)
    : counts_(counts), file_(file), bytes_(bytes), is_shown_(isatty(STDERR_FILENO) != 0) {}

void progress::show() {
  constexpr std::chrono::milliseconds interval{200};
  const auto now = clock::now();
  if (!is_shown_ || now < next_) {
    return;
  }
  next_ = now + interval;
  const double seconds = std::chrono::duration<double>(now - started_).count();
  std::cerr << "\r\033[K" << grouped(counts_.found + counts_.accepted) << " moves, "
            << grouped(per_second(counts_.accepted, seconds)) << " moves/s";
  if (bytes_ != 0) {
    std::cerr << ", " << std::min<std::uint64_t>(file_.bytes() * 100 / bytes_, 100)
              << " % of the file";
  }
  std::cerr << std::flush;
}

void progress::clear() const {
  if (is_shown_) {
    std::cerr << "\r\033[K" << std::flush;
  }
}

} // namespace chess
