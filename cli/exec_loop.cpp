#include "cli/exec_loop.hpp"

#include "cli/commands.hpp"
#include "cli/exec_wake.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iostream>
#include <system_error>

namespace cairn::cli {

exec_loop::exec_loop(exec_dispatch& dispatch, reply_box& replies, std::size_t concurrent)
    : dispatch_(dispatch), replies_(replies), concurrent_(concurrent), input_(STDIN_FILENO) {}

bool exec_loop::run() {
  for (;;) {
    start_lines();
    const bool replied = write_replies();
    if (replied && !held_line_.empty()) continue; // it may have waited for just that
    if (input_ended_ && under_way_ == 0) return good_;
    const bool readable = wait();
    if (interrupted()) input_ended_ = true;
    if (readable && !input_ended_) read_input();
  }
}

bool exec_loop::wants_line() const { return !input_ended_ && under_way_ < concurrent_; }

/// A line that waits keeps all behind it waiting too.
bool exec_loop::holds_line() {
  if (!held_line_.empty() && dispatch_.start(held_line_)) held_line_.clear();
  return !held_line_.empty();
}

void exec_loop::start_lines() {
  std::string_view line;
  while (!holds_line() && wants_line() && !must_read_) {
    switch (input_.next(line)) {
      case line_input::next_line::found:
        ++under_way_;
        if (!dispatch_.start(line)) held_line_ = line;
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

bool exec_loop::write_replies() {
  const std::size_t count = replies_.take(output_);
  if (count > 0 && !output_failed_) write_out();
  under_way_ -= count;
  return count > 0;
}

/// Waits until standard output takes something. Once a signal has asked for an end, its reader has a few seconds.
/// False: it took nothing.
bool exec_loop::can_write() const {
  constexpr int grace_ms = 3'000;
  pollfd events[] = {{STDOUT_FILENO, POLLOUT, 0}, {interruption_descriptor(), POLLIN, 0}};
  for (;;) {
    const bool ending = interrupted();
    events[1].fd = ending ? -1 : interruption_descriptor(); // it stays readable
    const int found = ::poll(events, std::size(events), ending ? grace_ms : -1);
    if (events[0].revents != 0) return true;
    if (found == 0 && ending) return false;
  }
}

void exec_loop::write_out() {
  constexpr std::size_t at_once = 4'096; // what a pipe that is ready takes without blocking
  std::size_t written = 0;
  while (written < output_.size()) {
    if (!can_write()) {
      output_failed_ = true;
      return fail("nobody reads the replies on standard output", ETIMEDOUT);
    }
    const auto took = ::write(STDOUT_FILENO, output_.data() + written,
                              std::min(at_once, output_.size() - written));
    if (took >= 0) {
      written += static_cast<std::size_t>(took);
    } else if (errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK) {
      output_failed_ = true;
      return fail("cannot write replies to standard output", errno);
    }
  }
}

/// Waits for a reply, a signal or, where there is room for a line, input. True: there is input.
bool exec_loop::wait() const {
  const bool reads = wants_line() && must_read_ && held_line_.empty();
  const bool has_lines = wants_line() && !must_read_ && held_line_.empty();
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
