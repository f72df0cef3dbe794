#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// How a child is started, beside its program.
struct process_options {
  std::vector<std::string> arguments;
  std::vector<int> closed;                   ///< Standard descriptors that it starts without.
  std::string output_file;                   ///< Instead of a pipe.
  std::optional<std::size_t> file_bytes_max; ///< Writing beyond it fails as on a full disk.
};

/// A program that runs as a child, its standard input, output and error on pipes. Every wait ends
/// after a minute with an exception, so that a test fails instead of hanging.
class process_child {
public:
  process_child(const std::filesystem::path& program, const process_options& options);
  ~process_child();
  process_child(const process_child&) = delete;
  process_child& operator=(const process_child&) = delete;

  void write(std::string_view text);
  void close_input();
  void close_output();

  /// The next line of its output without its end, or nothing when the output has ended.
  std::optional<std::string> read_line();

  /// Writes `input`, closes it and reads the output to its end, both at once. Input that nobody
  /// reads any more is given up. `on_line` is called with the number of lines read so far.
  std::vector<std::string> converse(std::string_view input,
                                    const std::function<void(std::size_t)>& on_line = {});

  /// Bytes of output that wait to be read.
  std::size_t readable() const;

  void signal(int number) const;

  /// To a thread that is not its main one.
  void signal_other_thread(int number) const;

  /// Its exit status, or 128 and the signal that ended it.
  int wait();

  /// True while it has not ended.
  bool runs();

  /// Everything that it has written to standard error; after `wait`.
  std::string errors();

  pid_t pid() const noexcept { return pid_; }

  /// A line of `/proc/PID/status` without its name.
  std::string status_line(std::string_view name) const;

private:
  void pump(std::string_view& unwritten);
  bool take_line(std::string& line);
  void fill(int timeout_ms);

  pid_t pid_ = -1;
  int input_ = -1;
  int output_ = -1;
  int errors_ = -1;
  std::string held_;
  bool output_ended_ = false;
  std::optional<int> status_;
};

/// What a child that ran to its end left.
struct process_result {
  int status = 0;
  std::vector<std::string> lines;
  std::string errors;
};

process_result run_process(const std::filesystem::path& program, const process_options& options,
                           std::string_view input = {});

/// Does the process handle SIGINT itself by now?
bool process_handles_interrupt(const process_child& child);

/// Waits until `condition` holds; false after a minute.
bool process_eventually(const std::function<bool()>& condition);

/// A directory that is gone with it.
class process_directory {
public:
  process_directory();
  ~process_directory();
  process_directory(const process_directory&) = delete;
  process_directory& operator=(const process_directory&) = delete;

  const std::filesystem::path& path() const noexcept { return path_; }
  std::string operator/(std::string_view name) const { return (path_ / name).string(); }

private:
  std::filesystem::path path_;
};
