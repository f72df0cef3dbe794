#pragma once

#include <sys/types.h>

#include <cstdio>
#include <filesystem>
#include <map>
#include <string>

/// Runs the program `cairn` as its users do.
namespace cairn::testing {

/// What a command did.
struct finished {
  int status = -1; ///< 128 + signal where one ended it.
  std::string out;
  std::string err;
};

/// Runs `cairn ARGUMENTS` through a shell, in `directory`.
finished run_cairn(const std::filesystem::path& directory, const std::string& arguments);

/// Runs any command line; `cairn` in it is the program.
finished run_shell(const std::filesystem::path& directory, const std::string& command);

/// A program that holds its journal's directory and answers requests, one line at a time.
class live_program {
public:
  live_program(const std::filesystem::path& directory, const std::string& data);
  ~live_program();
  live_program(const live_program&) = delete;
  live_program& operator=(const live_program&) = delete;

  /// Waits for the reply.
  std::string ask(const std::string& request);

private:
  pid_t process_ = -1;
  std::FILE* requests_ = nullptr;
  std::FILE* replies_ = nullptr;
};

std::string read_file(const std::filesystem::path& path);
void write_file(const std::filesystem::path& path, const std::string& text);

/// Every file below `directory`: its bytes and when it was written.
std::map<std::string, std::string> files_in(const std::filesystem::path& directory);

} // namespace cairn::testing
