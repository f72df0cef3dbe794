// A small world of deposits, players and markets, played by bots that act on what they have seen. When they are done,
// or were killed and have gone on, the journal has to prove that nothing was lost, made or sold twice.
#include <cairn/cairn.hpp>
#include <cairn/cli.hpp>

#include "options.hpp"
#include "proof/standings.hpp"
#include "report.hpp"
#include "run.hpp"

#include <atomic>
#include <csignal>
#include <exception>

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

} // namespace

int main(int argc, char** argv) try {
  // `arena journal verify --data DIR`, `arena replay --data DIR`, `arena types` …
  if (const auto status = cairn::cli::run_command(argc, argv, arena::entity_types())) {
    return *status;
  }
  arena::options options;
  if (const auto status = arena::parse_options(argc, argv, options)) {
    return *status;
  }
  stop_on_signals();
  arena::figures told;
  if (const auto ran = arena::run(options, stop_requested, told); !ran.ok()) {
    return arena::report_failure(ran.message);
  }
  return arena::report(options, told);
} catch (const cairn::startup_error& error) {
  return arena::report_failure(error.message());
} catch (const std::exception& error) {
  return arena::report_failure(error.what());
}
