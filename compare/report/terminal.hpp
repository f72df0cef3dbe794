#pragma once

#include <array>
#include <chrono>
#include <csignal>
#include <string>
#include <string_view>

namespace cairn::compare {

/// Exit status of who was asked to end by a signal and has.
inline constexpr int exit_interrupted = 128 + SIGINT;

/// How far something is, on standard error: in place on a terminal, else a line now and then.
class progress_line {
public:
  progress_line();

  void show(std::string_view text);
  /// Takes it away again.
  void end();

private:
  using clock = std::chrono::steady_clock;

  bool terminal_;
  bool shown_ = false;
  clock::time_point last_{};
};

/// Writes a file, or to the standard output for `-`. False: it could not, which was said.
bool write_text(const std::string& to, const std::string& text);

/// While it lives, the first SIGINT or SIGTERM asks for an end, and the next one does what it did without us.
/// Thread: the main one; one at a time.
class signals_ask {
public:
  signals_ask();
  ~signals_ask();
  signals_ask(const signals_ask&) = delete;
  signals_ask& operator=(const signals_ask&) = delete;

  static bool asked() noexcept;

private:
  std::array<struct sigaction, 2> before_;
};

/// The command as it was given, the program's folder left out.
std::string command_text(int argc, const char* const* argv);

} // namespace cairn::compare
