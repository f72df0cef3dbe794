#include "tests/support/process_child.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>

namespace {

constexpr int patience_ms = 200'000;
constexpr std::size_t chunk_bytes = 64U << 10U;

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

struct pipe_ends {
  int reading = -1;
  int writing = -1;
};

pipe_ends make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) fail("pipe2");
  return {ends[0], ends[1]};
}

void close_end(int& end) {
  if (end >= 0) ::close(std::exchange(end, -1));
}

/// In the child, between fork and exec.
[[noreturn]] void become(const std::filesystem::path& program, const process_options& options,
                         const int (&standard)[3]) {
  for (int number = 0; number < 3; ++number) ::dup2(standard[number], number);
  for (const int number : options.closed) ::close(number);
  if (options.file_bytes_max) {
    const rlimit most{*options.file_bytes_max, *options.file_bytes_max};
    ::setrlimit(RLIMIT_FSIZE, &most);
    std::signal(SIGXFSZ, SIG_IGN); // so that the write fails instead
  }
  for (const int number : {SIGPIPE, SIGINT, SIGTERM}) std::signal(number, SIG_DFL);
  std::vector<char*> arguments;
  std::string name = program.string();
  arguments.push_back(name.data());
  std::vector<std::string> given = options.arguments;
  for (auto& argument : given) arguments.push_back(argument.data());
  arguments.push_back(nullptr);
  ::execv(name.c_str(), arguments.data());
  ::_exit(127);
}

} // namespace

process_child::process_child(const std::filesystem::path& program, const process_options& options) {
  std::signal(SIGPIPE, SIG_IGN);
  const auto in = make_pipe();
  const auto out = make_pipe();
  const auto err = make_pipe();
  const int file = options.output_file.empty()
                       ? out.writing
                       : ::open(options.output_file.c_str(), O_WRONLY | O_CLOEXEC);
  if (file < 0) fail(options.output_file.c_str());
  pid_ = ::fork();
  if (pid_ < 0) fail("fork");
  if (pid_ == 0) become(program, options, {in.reading, file, err.writing});
  for (const int end : {in.reading, out.writing, err.writing}) ::close(end);
  if (file != out.writing) ::close(file);
  input_ = in.writing;
  output_ = out.reading;
  errors_ = err.reading;
  ::fcntl(input_, F_SETFL, O_NONBLOCK);
}

process_child::~process_child() {
  if (runs()) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  close_end(input_);
  close_end(output_);
  close_end(errors_);
}

void process_child::write(std::string_view text) {
  while (!text.empty()) {
    pollfd ready{input_, POLLOUT, 0};
    if (::poll(&ready, 1, patience_ms) == 0) throw std::runtime_error("the child does not read");
    const auto took = ::write(input_, text.data(), text.size());
    if (took < 0 && errno != EAGAIN) fail("write to the child");
    text.remove_prefix(took < 0 ? 0 : static_cast<std::size_t>(took));
  }
}

void process_child::close_input() { close_end(input_); }

void process_child::close_output() { close_end(output_); }

bool process_child::take_line(std::string& line) {
  const auto end = held_.find('\n');
  if (end == std::string::npos && !(output_ended_ && !held_.empty())) return false;
  line = held_.substr(0, end);
  held_.erase(0, end == std::string::npos ? held_.size() : end + 1);
  return true;
}

/// Reads once, when there is something to read in time.
void process_child::fill(int timeout_ms) {
  pollfd ready{output_, POLLIN, 0};
  if (::poll(&ready, 1, timeout_ms) == 0) return;
  char chunk[chunk_bytes];
  const auto got = ::read(output_, chunk, sizeof(chunk));
  if (got < 0) fail("read from the child");
  held_.append(chunk, static_cast<std::size_t>(got));
  output_ended_ = got == 0;
}

std::optional<std::string> process_child::read_line() {
  std::string line;
  while (!take_line(line)) {
    if (output_ended_) return std::nullopt;
    const std::size_t before = held_.size();
    fill(patience_ms);
    if (held_.size() == before && !output_ended_)
      throw std::runtime_error("the child does not reply");
  }
  return line;
}

/// Moves what can be moved, either way.
void process_child::pump(std::string_view& unwritten) {
  pollfd ready[] = {{unwritten.empty() ? -1 : input_, POLLOUT, 0}, {output_, POLLIN, 0}};
  if (::poll(ready, 2, patience_ms) == 0) throw std::runtime_error("the child does nothing");
  if (ready[0].revents != 0) {
    const auto took = ::write(input_, unwritten.data(), unwritten.size());
    if (took > 0) unwritten.remove_prefix(static_cast<std::size_t>(took));
    if (took < 0 && errno == EPIPE) unwritten = {};
    if (unwritten.empty()) close_input();
  }
  if (ready[1].revents != 0) fill(0);
}

std::vector<std::string> process_child::converse(std::string_view input,
                                                 const std::function<void(std::size_t)>& on_line) {
  std::vector<std::string> lines;
  std::string line;
  if (input.empty()) close_input();
  while (!output_ended_) {
    pump(input);
    // Cut in one go: erasing line by line would be quadratic.
    std::size_t begin = 0;
    for (auto end = held_.find('\n'); end != std::string::npos; end = held_.find('\n', begin)) {
      lines.push_back(held_.substr(begin, end - begin));
      begin = end + 1;
      if (on_line) on_line(lines.size());
    }
    held_.erase(0, begin);
  }
  while (take_line(line)) lines.push_back(line);
  close_input();
  return lines;
}

std::size_t process_child::readable() const {
  int bytes = 0;
  if (::ioctl(output_, FIONREAD, &bytes) != 0) fail("FIONREAD");
  return static_cast<std::size_t>(bytes);
}

void process_child::signal(int number) const { ::kill(pid_, number); }

void process_child::signal_other_thread(int number) const {
  const auto threads = "/proc/" + std::to_string(pid_) + "/task";
  for (const auto& thread : std::filesystem::directory_iterator(threads)) {
    const auto id = std::stoi(thread.path().filename().string());
    if (id == pid_) continue;
    ::syscall(SYS_tgkill, pid_, id, number);
    return;
  }
  throw std::runtime_error("the child has one thread only");
}

bool process_child::runs() {
  int ended = 0;
  if (!status_ && ::waitpid(pid_, &ended, WNOHANG) == pid_) {
    status_ = WIFSIGNALED(ended) ? 128 + WTERMSIG(ended) : WEXITSTATUS(ended);
  }
  return !status_;
}

int process_child::wait() {
  if (!process_eventually([this] { return !runs(); }))
    throw std::runtime_error("the child does not end");
  return *status_;
}

std::string process_child::errors() {
  std::string all;
  char chunk[4096];
  for (;;) {
    const auto got = ::read(errors_, chunk, sizeof(chunk));
    if (got <= 0) return all;
    all.append(chunk, static_cast<std::size_t>(got));
  }
}

std::string process_child::status_line(std::string_view name) const {
  std::ifstream file("/proc/" + std::to_string(pid_) + "/status");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(name) && line.substr(name.size(), 1) == ":")
      return line.substr(name.size() + 1);
  }
  return {};
}

process_result run_process(const std::filesystem::path& program, const process_options& options,
                           std::string_view input) {
  process_child child(program, options);
  process_result result;
  result.lines = child.converse(input);
  result.status = child.wait();
  result.errors = child.errors();
  return result;
}

bool process_handles_interrupt(const process_child& child) {
  const auto caught = std::stoull(child.status_line("SigCgt"), nullptr, 16);
  return (caught >> (SIGINT - 1) & 1U) != 0;
}

bool process_eventually(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(patience_ms);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(
        std::chrono::milliseconds(1)); // between two looks at another process
  }
  return true;
}

process_directory::process_directory() {
  std::string name = (std::filesystem::temp_directory_path() / "cairn-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) fail("mkdtemp");
  path_ = name;
}

process_directory::~process_directory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}
