#include "tests/cli/journal_program.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace cairn::testing {

namespace fs = std::filesystem;

namespace {

constexpr auto program = CAIRN_BINARY_DIR "/cairn";

} // namespace

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_file(const fs::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
}

finished run_shell(const fs::path& directory, const std::string& command) {
  static int runs = 0;
  const auto base = (fs::temp_directory_path() /
                     ("cairn-run-" + std::to_string(::getpid()) + '-' + std::to_string(++runs)))
                        .string();
  write_file(base + ".sh", "cairn() { '" + std::string(program) + "' \"$@\"; }\ncd '" +
                               directory.string() + "'\n" + command + '\n');
  const int ended =
      std::system(("bash '" + base + ".sh' >'" + base + ".out' 2>'" + base + ".err'").c_str());
  finished done;
  done.status = WIFEXITED(ended) ? WEXITSTATUS(ended) : 128 + WTERMSIG(ended);
  done.out = read_file(base + ".out");
  done.err = read_file(base + ".err");
  for (const char* kind : {".sh", ".out", ".err"}) fs::remove(base + kind);
  return done;
}

finished run_cairn(const fs::path& directory, const std::string& arguments) {
  return run_shell(directory, "cairn " + arguments + " </dev/null");
}

live_program::live_program(const fs::path& directory, const std::string& data) {
  std::array<int, 2> in{};
  std::array<int, 2> out{};
  if (::pipe(in.data()) != 0 || ::pipe(out.data()) != 0) throw std::runtime_error("pipe");
  process_ = ::fork();
  if (process_ == 0) {
    ::dup2(in[0], STDIN_FILENO);
    ::dup2(out[1], STDOUT_FILENO);
    for (const int end : {in[0], in[1], out[0], out[1]}) ::close(end);
    if (::chdir(directory.c_str()) == 0)
      ::execl(program, "cairn", "exec", "--data", data.c_str(), nullptr);
    ::_exit(127);
  }
  ::close(in[0]);
  ::close(out[1]);
  requests_ = ::fdopen(in[1], "w");
  replies_ = ::fdopen(out[0], "r");
}

live_program::~live_program() {
  std::fclose(requests_); // the end of its input ends it
  int ended = 0;
  ::waitpid(process_, &ended, 0);
  std::fclose(replies_);
}

std::string live_program::ask(const std::string& request) {
  std::fputs((request + '\n').c_str(), requests_);
  std::fflush(requests_);
  std::string reply;
  for (int next = std::fgetc(replies_); next != EOF && next != '\n'; next = std::fgetc(replies_))
    reply += static_cast<char>(next);
  return reply;
}

std::map<std::string, std::string> files_in(const fs::path& directory) {
  std::map<std::string, std::string> files;
  for (const auto& next : fs::recursive_directory_iterator(directory)) {
    const auto written = next.last_write_time().time_since_epoch().count();
    files[next.path().string()] =
        std::to_string(written) + (next.is_regular_file() ? read_file(next.path()) : "");
  }
  return files;
}

} // namespace cairn::testing
