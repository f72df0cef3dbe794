#pragma once

#include <cairn/error.hpp>
#include <cairn/journal.hpp>

#include "cli/commands.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace cairn::cli {

/// What the journal tools and `replay` share.
/// Thread: the main one.

/// How a command ends; see cairn/cli.hpp.
enum exit_status : int {
  exit_good = 0,
  exit_refused = 1,
  exit_not_started = 2,
  exit_ended = exit_interrupted
};

/// Damage, contradictions and what is not there are for a check to find; the rest is the tool's
/// trouble.
exit_status exit_status_of(const status& failure) noexcept;

/// `cairn journal cat`
std::string full_name(const CLI::App* command);

/// Prints `name: message` to standard error.
void complain(const CLI::App* command, std::string_view message);

/// Complains and gives the exit status; `exit_good`, silently, for success.
exit_status conclude(const CLI::App* command, const status& result);

/// Opens a journal for reading; beside a live program, and never changing anything.
/// After:  null: `failure` says why.
std::unique_ptr<journal> open_to_read(const std::string& directory, status& failure);

/// SIGINT and SIGTERM end the process at once from now on: it has nothing to finish.
void end_at_once_on_signals();

/// `1,234,567`
std::string with_commas(std::uint64_t number);

/// For a terminal: control characters, which could move its cursor or forge lines, come out as `\x1b`.
std::string printable(std::string_view text);

/// `"text"`; bytes that are not UTF-8 come out as `?`.
std::string json_text(std::string_view text);

/// Shows on a terminal how far a command is, on one line that goes away at the end; elsewhere
/// nothing.
class progress_line {
public:
  explicit progress_line(std::string what);
  ~progress_line();
  progress_line(const progress_line&) = delete;
  progress_line& operator=(const progress_line&) = delete;

  /// `total` 0: it is not known.
  void show(std::uint64_t done, std::uint64_t total = 0);

private:
  using clock = std::chrono::steady_clock;

  const std::string what_;
  const bool terminal_;
  const clock::time_point start_ = clock::now();
  clock::time_point shown_ = start_;
  bool visible_ = false;
};

} // namespace cairn::cli
