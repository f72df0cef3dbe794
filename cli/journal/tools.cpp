#include "cli/journal/tools.hpp"

#include <cairn/json.hpp>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <iostream>

namespace cairn::cli {

namespace {

constexpr std::chrono::milliseconds progress_interval{100};

} // namespace

exit_status exit_status_of(const status& failure) noexcept {
  if (failure.ok()) return exit_good;
  const auto& error = failure.error;
  if (error == std::errc::interrupted) return exit_ended;
  const bool refused = error == journal_errc::damaged || error == journal_errc::no_such_version ||
                       error == entity_errc::unknown_event || error == entity_errc::invalid_event ||
                       error == entity_errc::entity_error;
  return refused ? exit_refused : exit_not_started;
}

std::string full_name(const CLI::App* command) {
  const auto* parent = command->get_parent();
  return parent == nullptr ? command->get_name() : full_name(parent) + ' ' + command->get_name();
}

void complain(const CLI::App* command, std::string_view message) {
  std::cerr << full_name(command) << ": " << message << std::endl;
}

exit_status conclude(const CLI::App* command, const status& result) {
  if (!result.ok()) complain(command, result.message);
  return exit_status_of(result);
}

std::unique_ptr<journal> open_to_read(const std::string& directory, status& failure) {
  rocksdb_options options;
  options.read_only = true;
  try {
    return rocksdb(directory, options)();
  } catch (const startup_error& error) {
    failure = {error.code(), error.message()};
  }
  return nullptr;
}

void end_at_once_on_signals() {
  for (const int number : {SIGINT, SIGTERM}) std::signal(number, SIG_DFL);
}

std::string with_commas(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, 1, ',');
  return text;
}

std::string printable(std::string_view text) {
  std::string out;
  for (const char byte : text) {
    const auto code = static_cast<unsigned char>(byte);
    if (code < 0x20U || code == 0x7FU) {
      out += fmt::format("\\x{:02x}", code);
    } else {
      out += byte;
    }
  }
  return out;
}

std::string json_text(std::string_view text) {
  std::string out;
  if (json::write_string(out, text)) return out;
  std::string shown;
  for (const char byte : text) shown += static_cast<unsigned char>(byte) < 0x80U ? byte : '?';
  json::write_string(out, shown);
  return out;
}

progress_line::progress_line(std::string what)
    : what_(std::move(what)), terminal_(::isatty(STDERR_FILENO) == 1) {}

progress_line::~progress_line() {
  if (visible_) std::cerr << "\r\033[K" << std::flush;
}

void progress_line::show(std::uint64_t done, std::uint64_t total) {
  const auto now = clock::now();
  if (!terminal_ || now - shown_ < progress_interval) return;
  shown_ = now;
  visible_ = true;
  const double seconds = std::chrono::duration<double>(now - start_).count();
  std::cerr << '\r' << what_ << ' ' << with_commas(done);
  if (total != 0) std::cerr << " of " << with_commas(total);
  std::cerr << " changes, "
            << with_commas(static_cast<std::uint64_t>(static_cast<double>(done) / seconds))
            << "/s\033[K" << std::flush;
}

} // namespace cairn::cli
