#include "report.hpp"

#include "play/scale.hpp"
#include "proof/claims.hpp"
#include "words.hpp"

#include <algorithm>
#include <iomanip>
#include <iostream>

namespace arena {

namespace {

constexpr std::size_t differences_shown_max = 20;
constexpr int name_width = 24;
constexpr int count_width = 12;

/// For a shell.
std::string quoted(const std::string& word) {
  constexpr const char* plain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./+,:@%";
  if (!word.empty() && word.find_first_not_of(plain) == std::string::npos) {
    return word;
  }
  std::string text = "'";
  for (const char c : word) {
    text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  }
  return text + "'";
}

void write_row(std::ostream& out, const figures::way_type& row) {
  out << "  " << std::left << std::setw(name_width) << row.name << std::right;
  for (const auto count : {row.sent, row.accepted, row.conflicts, row.rejected}) {
    out << std::setw(count_width) << grouped(count);
  }
  out << "\n";
}

void write_figures(std::ostream& out, const figures& told) {
  out << std::fixed << std::setprecision(told.stepped ? 0 : 1) << told.seconds
      << (told.stepped ? " seconds of a stepped clock: " : " seconds: ")
      << counted(told.bots, "bot") << " on " << counted(told.deposits, "deposit") << " and "
      << counted(told.markets, "market") << ", seed " << told.seed << "\n\n  " << std::left
      << std::setw(name_width) << "what they did" << std::right;
  for (const char* const title : {"sent", "accepted", "conflicts", "rejected"}) {
    out << std::setw(count_width) << title;
  }
  out << "\n";
  for (const auto& row : told.ways) {
    write_row(out, row);
  }
  write_row(out, told.all);
  out << "\n  " << grouped(told.reads) << " reads; " << counted(told.changes, "change") << " in "
      << counted(told.batches, "batch", "batches") << "; "
      << counted(told.resident, "entity", "entities") << " in memory\n"
      << "  reply to a command within "
      << milliseconds(std::chrono::microseconds(told.latency_us.p50)) << " ms (half), "
      << milliseconds(std::chrono::microseconds(told.latency_us.p95)) << " ms (95 %), "
      << milliseconds(std::chrono::microseconds(told.latency_us.p99)) << " ms (99 %)\n";
}

void write_proof(std::ostream& out, const proof& shown) {
  constexpr int claim_width = 10;
  out << "\nThe journal was closed, opened again, replayed, and its events were booked:\n";
  for (const auto& one : claims_of(shown)) {
    out << (one.holds ? "  holds   " : "  BROKEN  ") << std::left << std::setw(claim_width)
        << one.name << std::right << one.words << "\n";
  }
  const auto shown_count = std::min(shown.differences.size(), differences_shown_max);
  for (std::size_t i = 0; i < shown_count; ++i) {
    out << "  " << shown.differences[i] << "\n";
  }
  for (const auto& problem : shown.problems) {
    out << "  " << problem << "\n";
  }
}

void write_next(std::ostream& out, const options& chosen) {
  const auto line = [&](const std::string& command, const char* why) {
    out << "  " << command << "\n      " << why << "\n";
  };
  const auto arena = quoted(chosen.program);
  const auto data = " --data " + quoted(chosen.data);
  const auto stepped = " --data " + quoted(chosen.data + "-step");
  out << "\nWhat to try next:\n";
  line(arena + data + " --seconds 3 --crash; " + arena + data + " --seconds 3",
       "is killed in full flight; then recovers, goes on, and proves all of it");
  line(arena + " replay" + data + " --entity player/" + player_id(0),
       "a player as the journal has it; with --version 3, as it once was");
  line(arena + " journal cat" + data + " --entity market/" + market_id(0) + " --limit 5",
       "what happened there first; without --entity, everywhere");
  line("for i in 1 2; do " + arena + stepped + "$i --step --seed 7 --seconds 2 >/dev/null; " +
           arena + " journal export" + stepped + "$i | sha256sum; done",
       "one seed, two journals that are the same to the byte");
  line(arena + " journal agenda" + data + " --limit 5", "whose price falls next");
  line(arena + " --bots 2000 --think 1 --seconds 5", "as fast as this machine goes");
}

} // namespace

void take_counts(const tallied& counted, figures& told) {
  const auto row = [](std::string_view name, const figures_of_way& of) {
    return figures::way_type{std::string(name), of.sent, of.accepted, of.conflicts, of.rejected};
  };
  for (std::size_t i = 0; i < way_count; ++i) {
    told.ways.push_back(row(name_of(static_cast<way>(i)), counted.ways[i]));
  }
  told.all = row("all", counted.all());
  told.reads = counted.reads;
  told.latency_us = {percentile(counted.taken, 0.5).count(),
                     percentile(counted.taken, 0.95).count(),
                     percentile(counted.taken, 0.99).count()};
}

void report_found(const options& chosen, const found_before& found) {
  for (const auto& notice : found.notices) {
    std::cerr << "arena: " << notice << "\n";
  }
  if (found.changes == 0) {
    std::cerr << "a new arena in " << chosen.data << "\n";
    return;
  }
  std::cerr << (found.was_killed ? "recovered " : "going on in ") << chosen.data << ": "
            << counted(found.changes, "change") << " of " << counted(found.seasons, "run")
            << (found.was_killed ? ", the last one killed" : "") << "; "
            << counted(found.players, "player") << ", " << counted(found.deposits, "deposit")
            << ", " << counted(found.listings, "listing") << ", " << grouped(found.open_listings)
            << " of them open; " << counted(found.timers, "timer") << " and "
            << counted(found.messages, "message") << " to go on with\n";
}

void report_crash(const options& chosen, std::uint64_t in_flight) {
  std::cerr << "SIGKILL now, with " << counted(in_flight, "request")
            << " under way. Go on with:\n  " << quoted(chosen.program) << " --data "
            << quoted(chosen.data) << "\n"
            << std::flush;
}

int report(const options& chosen, const figures& told) {
  if (chosen.json) {
    std::string text;
    cairn::json::problem wrong;
    if (!cairn::json::encode(text, told, wrong)) {
      return report_failure("the figures cannot be written as JSON: " + wrong.text());
    }
    std::cout << text << "\n";
  } else {
    write_figures(std::cout, told);
    write_proof(std::cout, told.proof);
    write_next(std::cout, chosen);
  }
  if (!told.proof.holds) {
    return static_cast<int>(exit_status::refuted);
  }
  return static_cast<int>(told.interrupted ? exit_status::interrupted : exit_status::holds);
}

int report_failure(const std::string& why) {
  std::cerr << "arena: " << why << "\n";
  return static_cast<int>(exit_status::could_not_start);
}

} // namespace arena
