#pragma once

#include <cairn/protocol.hpp>

#include "cli/exec/input.hpp"
#include "cli/exec/replies.hpp"

#include <cstddef>
#include <string>

namespace cairn::cli {

/// Takes lines from standard input and writes replies to standard output, up to `concurrent` lines
/// under way. A line counts as under way until its reply is written, which is what bounds memory
/// before a slow reader.
class exec_loop {
public:
  exec_loop(protocol::session& requests, reply_box& replies, std::size_t concurrent);

  /// Runs until the input ends, a signal asks for an end, or input or output fails; every line that
  /// was started is replied to. False: input or output failed, and standard error says why.
  bool run();

private:
  bool wants_line() const;
  void start_lines();
  void write_replies();
  bool can_write() const;
  void write_out();
  void read_input();
  bool wait() const;
  void fail(const char* what, int error);

  protocol::session& requests_;
  reply_box& replies_;
  std::size_t concurrent_;
  line_input input_;
  std::string output_;        // being written
  std::size_t under_way_ = 0; // lines started and not yet replied to
  bool input_ended_ = false;  // no more lines are started
  bool must_read_ = true;     // what has been read holds no whole line
  bool output_failed_ = false;
  bool good_ = true;
};

} // namespace cairn::cli
