#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

/// Programs of this build, run as processes of their own.
namespace cairn::testing {

struct ended_program {
  int status = 0; ///< Exit status; 128 + signal when a signal ended it.
  std::string out;
  std::string err;
};

/// A running program; killed with its object.
class program {
public:
  /// `command` begins with the name of a program in this build's folder.
  explicit program(const std::vector<std::string>& command);
  ~program();
  program(const program&) = delete;
  program& operator=(const program&) = delete;

  /// Waits until `directory` holds `bytes` more than when this was called. False: the program ended
  /// before.
  bool await_growth(const std::filesystem::path& directory, std::uint64_t bytes);

  void signal(int number) const;
  ended_program wait();

private:
  bool has_ended();

  std::filesystem::path output_;
  pid_t process_ = -1;
  int wait_status_ = 0;
};

ended_program run(const std::vector<std::string>& command);

/// Sum of the sizes of the files in it and below; 0 when it does not exist.
std::uint64_t bytes_in(const std::filesystem::path& directory);

} // namespace cairn::testing
