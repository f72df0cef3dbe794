#pragma once

#include <cairn/error.hpp>

#include <csignal>
#include <string>
#include <string_view>

namespace cairn::cli {

/// Where lines go: standard output, whose reader may leave when it has seen enough, or a file that
/// is there whole or not at all.
/// Thread: one.
class line_output {
public:
  /// `file` empty: standard output.
  explicit line_output(std::string file);
  ~line_output();
  line_output(const line_output&) = delete;
  line_output& operator=(const line_output&) = delete;

  /// Errors: `cannot_open`.
  status open();

  /// False: nothing more can be written, or is wanted, or the user has interrupted; `finish` tells.
  bool write(std::string_view lines);

  /// Puts the file in its place. Success too when the reader has left.
  /// Errors: `cannot_open`, also after an interruption.
  status finish();

private:
  status fail(const char* what);

  const std::string file_;
  std::string unfinished_; // path of the file until it is whole; empty: there is none
  int descriptor_ = -1;
  bool reader_left_ = false;
  status failure_;
  void (*const pipe_handler_)(int);
};

} // namespace cairn::cli
