#include "compare/report/terminal.hpp"

#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <iostream>

namespace cairn::compare {

namespace {

constexpr std::array signals{SIGINT, SIGTERM};
std::atomic<bool> asked_for_end{false};

extern "C" void ask_for_end_of_comparison(int /*signal*/) {
  for (const int number : signals) std::signal(number, SIG_DFL);
  asked_for_end.store(true);
}

} // namespace

signals_ask::signals_ask() {
  asked_for_end.store(false);
  struct sigaction action {};
  action.sa_handler = &ask_for_end_of_comparison;
  ::sigfillset(&action.sa_mask);
  for (std::size_t i = 0; i < signals.size(); ++i) ::sigaction(signals[i], &action, &before_[i]);
}

signals_ask::~signals_ask() {
  for (std::size_t i = 0; i < signals.size(); ++i) ::sigaction(signals[i], &before_[i], nullptr);
}

bool signals_ask::asked() noexcept { return asked_for_end.load(); }

progress_line::progress_line() : terminal_(::isatty(STDERR_FILENO) == 1) {}

void progress_line::show(std::string_view text) {
  const auto now = clock::now();
  constexpr std::chrono::seconds between{5};
  if (terminal_) {
    std::cerr << "\r\x1b[K" << text << std::flush;
    shown_ = true;
  } else if (now - last_ >= between) {
    std::cerr << text << std::endl;
    last_ = now;
  }
}

void progress_line::end() {
  if (shown_) std::cerr << "\r\x1b[K" << std::flush;
  shown_ = false;
}

bool write_text(const std::string& to, const std::string& text) {
  if (to == "-") {
    std::cout << text << std::flush;
    if (std::cout) return true;
  } else {
    std::ofstream file(to, std::ios::binary | std::ios::trunc);
    file << text;
    file.close();
    if (file) return true;
  }
  std::cerr << "compare: cannot write " << (to == "-" ? "the standard output" : to) << std::endl;
  return false;
}

std::string command_text(int argc, const char* const* argv) {
  std::string text;
  for (int i = 0; i < argc; ++i) {
    const std::string word = i == 0 ? std::filesystem::path(argv[0]).filename().string() : argv[i];
    if (i > 0) text += ' ';
    const bool plain = word.find_first_of(" '\"\\$&|;<>()*?") == std::string::npos && !word.empty();
    text += plain ? word : "'" + word + "'";
  }
  return text;
}

} // namespace cairn::compare
