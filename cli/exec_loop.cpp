#include "cli/exec_loop.hpp"

#include "cli/commands.hpp"
#include "cli/exec_wake.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <iostream>
#include <system_error>

namespace cairn::cli {

exec_loop::exec_loop(exec_dispatch& dispatch, reply_box& replies, std::size_t concurrent)
    : dispatch_(dispatch), replies_(replies), concurrent_(concurrent), input_(STDIN_FILENO) {}

bool exec_loop::run() {
  for (;;) {
    start_lines();
    write_replies();
    if (input_ended_ && under_way_ == 0) return good_;
    const bool readable = wait();
    if (interrupted()) input_ended_ = true;
    if (readable && !input_ended_) read_input();
  }
}

bool exec_loop::wants_line() const { return !input_ended_ && under_way_ < concurrent_; }

void exec_loop::start_lines() {
  std::string_view line;
  while (wants_line() && !must_read_) {
    switch (input_.next(line)) {
      case line_input::next_line::found:
        ++under_way_;
        dispatch_.start(line);
        break;
      case line_input::next_line::too_long:
        ++under_way_;
        dispatch_.refuse_long(line);
        break;
      case line_input::next_line::none:
        must_read_ = true;
        break;
      case line_input::next_line::ended:
        input_ended_ = true;
        break;
    }
  }
}

void exec_loop::write_replies() {
  const std::size_t count = replies_.take(output_);
  if (count > 0 && !output_failed_) write_out();
  under_way_ -= count;
}

void exec_loop::write_out() {
  std::size_t written = 0;
  while (written < output_.size()) {
    const auto took = ::write(STDOUT_FILENO, output_.data() + written, output_.size() - written);
    if (took >= 0) {
      written += static_cast<std::size_t>(took);
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      pollfd ready{STDOUT_FILENO, POLLOUT, 0};
      ::poll(&ready, 1, -1);
    } else if (errno != EINTR) {
      output_failed_ = true;
      return fail("cannot write replies to standard output", errno);
    }
  }
}

/// Waits for a reply, a signal or, where there is room for a line, input. True: there is input.
bool exec_loop::wait() const {
  const bool reads = wants_line() && must_read_;
  const bool has_lines = wants_line() && !must_read_;
  pollfd events[] = {{reads ? STDIN_FILENO : -1, POLLIN, 0},
                     {replies_.descriptor(), POLLIN, 0},
                     {interruption_descriptor(), POLLIN, 0}};
  if (interrupted()) events[2].fd = -1; // it stays readable
  return ::poll(events, std::size(events), has_lines ? 0 : -1) > 0 && events[0].revents != 0;
}

void exec_loop::read_input() {
  if (const int error = input_.read(); error != 0) return fail("cannot read standard input", error);
  must_read_ = false;
}

void exec_loop::fail(const char* what, int error) {
  std::cerr << "cairn exec: " << what << ": " << std::generic_category().message(error)
            << std::endl;
  input_ended_ = true;
  good_ = false;
}

} // namespace cairn::cli
