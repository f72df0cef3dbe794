#include "bench/suite/apart.hpp"

#include "bench/suite/closed_loop.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <stdexcept>
#include <system_error>

namespace cairn::bench {

namespace {

constexpr int child_interrupted = 3;
constexpr int exit_failed = 1;

/// In the copy: tells what was found, and is gone, without a word to what it shares with the original.
[[noreturn]] void tell(const std::function<double()>& measure, int to) {
  int code = 0;
  try {
    const double found = measure();
    if (::write(to, &found, sizeof found) != static_cast<::ssize_t>(sizeof found)) {
      code = exit_failed;
    }
  } catch (const interruption&) {
    code = child_interrupted;
  } catch (const std::exception& failed) {
    std::fprintf(stderr, "bench: %s\n", failed.what());
    code = exit_failed;
  } catch (...) { // nothing may leave: the copy would go on as if it were the original
    code = exit_failed;
  }
  ::_exit(code);
}

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

} // namespace

double apart(const std::function<double()>& measure) {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) fail("cannot make a pipe");
  const auto child = ::fork();
  if (child < 0) fail("cannot start a process");
  if (child == 0) tell(measure, ends[1]);
  ::close(ends[1]);
  double found = 0;
  ::ssize_t got = 0;
  do {
    got = ::read(ends[0], &found, sizeof found);
  } while (got < 0 && errno == EINTR);
  ::close(ends[0]);
  int ended = 0;
  while (::waitpid(child, &ended, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(ended) && WEXITSTATUS(ended) == child_interrupted) throw interruption{};
  if (!WIFEXITED(ended) || WEXITSTATUS(ended) != 0 || got != static_cast<::ssize_t>(sizeof found)) {
    throw std::runtime_error("what was measured in a process of its own has failed");
  }
  return found;
}

} // namespace cairn::bench
