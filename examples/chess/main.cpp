// Real games of chess, played again by the thousand: a game is an entity whose version is the ply,
// a move a command that carries the ply its player has seen. When all are over, the journal has to
// prove it.
#include <cairn/cairn.hpp>
#include <cairn/cli.hpp>

#include "entities.hpp"
#include "options.hpp"
#include "proof.hpp"
#include "report.hpp"
#include "sample.hpp"
#include "tournament.hpp"

#include <atomic>
#include <chrono>
#include <csignal>
#include <exception>
#include <iostream>
#include <istream>
#include <string>

namespace {

std::atomic<bool> stop_requested{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may set it");

/// The second Ctrl-C ends the program at once, which loses nothing either.
void stop_on_signals() {
  const auto stop = [](int signal) {
    stop_requested = true;
    std::signal(signal, SIG_DFL);
  };
  std::signal(SIGINT, stop);
  std::signal(SIGTERM, stop);
}

/// Plays everything and fills in what the world knows, then closes it.
cairn::status play(const chess::options& options, std::istream& input, chess::figures& told,
                   chess::standings& served) {
  cairn::world world({.journal = cairn::rocksdb(options.data)});
  world.host<chess::game>();
  world.host<chess::player>();

  pgn::reader file(input);
  chess::tournament tournament(world, {options.clients, options.impatient}, stop_requested);
  chess::progress progress(tournament.counts(), file, chess::bytes_of(options));
  const auto started = std::chrono::steady_clock::now();
  tournament.play(file, [&] { progress.show(); });
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - started;
  progress.clear();

  told.seconds = taken.count();
  told.batches = world.counts().batches;
  auto outcome = tournament.failure().empty()
                     ? cairn::status{}
                     : cairn::status{cairn::journal_errc::store_failed, tournament.failure()};
  if (outcome.ok() && !stop_requested) {
    outcome = chess::read_all(world, served);
  }
  const auto closed = world.close(); // the replies to all doubled moves have come after it
  chess::take_counts(tournament, told);
  return outcome.ok() ? closed : outcome;
}

/// Opens the journal anew and compares what it gives with what was served.
cairn::status prove(const chess::options& options, const chess::standings& served,
                    chess::figures& told) {
  chess::standings replayed;
  const auto journal = cairn::rocksdb(options.data, {.read_only = true})();
  if (auto read = chess::replay_all(*journal, replayed); !read.ok()) {
    return read;
  }
  told.entities = replayed.size();
  told.differences = chess::differences(served, replayed);
  chess::take_busiest(replayed, told);
  return {};
}

int run(const chess::options& options) {
  const auto input = chess::open_input(options);
  chess::figures told;
  chess::standings served;
  stop_on_signals();
  if (const auto played = play(options, *input, told, served); !played.ok()) {
    return chess::report_failure(played.message);
  }
  if (input->bad()) {
    return chess::report_failure(options.pgn + " cannot be read to its end");
  }
  told.interrupted = stop_requested;
  if (!told.interrupted) {
    if (const auto proved = prove(options, served, told); !proved.ok()) {
      return chess::report_failure(proved.message);
    }
  }
  return chess::report(options, told);
}

} // namespace

int main(int argc, char** argv) try {
  // `chess journal verify --data DIR`, `chess replay --data DIR`, `chess exec --data DIR` …
  if (const auto status = cairn::cli::run_command<chess::game, chess::player>(argc, argv)) {
    return *status;
  }
  chess::options options;
  if (const auto status = chess::parse_options(argc, argv, options)) {
    return *status;
  }
  if (options.data.empty()) {
    chess::write_sample(std::cout, options.sample);
    return 0;
  }
  return run(options);
} catch (const cairn::startup_error& error) {
  return chess::report_failure(error.message());
} catch (const std::exception& error) {
  return chess::report_failure(error.what());
}
