#include "tests/examples/program.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <system_error>
#include <thread>

namespace cairn::testing {

namespace {

std::string text_of(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

/// In the child between fork and exec: nothing but system calls.
[[noreturn]] void become(char* const* arguments, const char* out, const char* err) {
  constexpr int cannot_run = 127;
  constexpr mode_t owner_only = 0600;
  ::dup2(::open("/dev/null", O_RDONLY), STDIN_FILENO);
  ::dup2(::open(out, O_WRONLY | O_CREAT | O_TRUNC, owner_only), STDOUT_FILENO);
  ::dup2(::open(err, O_WRONLY | O_CREAT | O_TRUNC, owner_only), STDERR_FILENO);
  ::execv(arguments[0], arguments);
  ::_exit(cannot_run);
}

} // namespace

program::program(const std::vector<std::string>& command) {
  auto folder = (std::filesystem::temp_directory_path() / "cairn-program-XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr) {
    throw std::runtime_error("cannot make " + folder);
  }
  output_ = folder;
  auto words = command;
  words.front() = std::string(CAIRN_BINARY_DIR) + "/" + command.front();
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (auto& word : words) {
    arguments.push_back(word.data());
  }
  arguments.push_back(nullptr);
  const auto out = (output_ / "out").string();
  const auto err = (output_ / "err").string();
  process_ = ::fork();
  if (process_ == 0) {
    become(arguments.data(), out.c_str(), err.c_str());
  }
  if (process_ < 0) {
    throw std::system_error(errno, std::generic_category(), "fork");
  }
}

program::~program() {
  if (process_ > 0) {
    signal(SIGKILL);
    wait();
  }
  std::error_code ignored;
  std::filesystem::remove_all(output_, ignored);
}

bool program::has_ended() {
  if (process_ > 0 && ::waitpid(process_, &wait_status_, WNOHANG) == process_) {
    process_ = -1;
  }
  return process_ < 0;
}

bool program::await_growth(const std::filesystem::path& directory, std::uint64_t bytes) {
  constexpr std::chrono::microseconds between_looks{500};
  auto least = bytes_in(directory);
  while (!has_ended()) {
    const auto now = bytes_in(directory);
    least = std::min(least, now); // it shrinks when an opening has taken over an old log
    if (now >= least + bytes) {
      return true;
    }
    std::this_thread::sleep_for(between_looks);
  }
  return false;
}

void program::signal(int number) const {
  if (process_ > 0) {
    ::kill(process_, number);
  }
}

ended_program program::wait() {
  if (process_ > 0) {
    ::waitpid(process_, &wait_status_, 0);
    process_ = -1;
  }
  constexpr int by_signal = 128;
  const int status =
      WIFEXITED(wait_status_) ? WEXITSTATUS(wait_status_) : by_signal + WTERMSIG(wait_status_);
  return {status, text_of(output_ / "out"), text_of(output_ / "err")};
}

ended_program run(const std::vector<std::string>& command) { return program(command).wait(); }

std::uint64_t bytes_in(const std::filesystem::path& directory) {
  std::uint64_t sum = 0;
  std::error_code gone;
  for (std::filesystem::recursive_directory_iterator at(directory, gone), end; !gone && at != end;
       at.increment(gone)) {
    std::error_code deleted; // a file may go between being listed and being looked at
    const auto size = at->is_regular_file(deleted) ? at->file_size(deleted) : 0;
    sum += deleted ? 0 : size;
  }
  return sum;
}

} // namespace cairn::testing
