#include "cli/exec/loop.hpp"

#include "cli/commands.hpp"
#include "cli/wake.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iostream>
#include <system_error>

namespace cairn::cli {

namespace {

/// Of lines without a reply. Far below what a session and a world refuse beyond, so that a file of any lines gets
/// through.
constexpr std::size_t bytes_under_way_max = std::size_t{64} << 20U;

} // namespace

exec_loop::exec_loop(protocol::session& requests, reply_box& replies, std::size_t concurrent)
    : requests_(requests), replies_(replies), concurrent_(concurrent), input_(STDIN_FILENO) {}

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

bool exec_loop::wants_line() const {
  const bool has_room = under_way_ == 0 || requests_.bytes() < bytes_under_way_max;
  return !input_ended_ && under_way_ < concurrent_ && has_room;
}

void exec_loop::start_lines() {
  const auto put = [&replies = replies_](const protocol::reply& given) { replies.put(given); };
  std::string_view line;
  while (wants_line() && !must_read_) {
    switch (input_.next(line)) {
      case line_input::next_line::found:
        ++under_way_;
        requests_.handle(line, put);
        break;
      case line_input::next_line::too_long:
        ++under_way_;
        requests_.refuse_long(std::string(line), put);
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
