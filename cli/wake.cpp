#include "cli/wake.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace cairn::cli {

wake_pipe::wake_pipe() {
  if (::pipe(ends_) != 0) {
    throw std::system_error(errno, std::generic_category(), "cannot make a pipe");
  }
  for (const int end : ends_) {
    ::fcntl(end, F_SETFD, FD_CLOEXEC);
    ::fcntl(end, F_SETFL, O_NONBLOCK);
  }
}

wake_pipe::~wake_pipe() {
  ::close(ends_[0]);
  ::close(ends_[1]);
}

void wake_pipe::raise() const noexcept {
  const int before = errno;         // of whatever a signal interrupted
  (void)!::write(ends_[1], "!", 1); // a full pipe is as readable as can be
  errno = before;
}

void wake_pipe::clear() const noexcept {
  char bytes[64];
  while (::read(ends_[0], bytes, sizeof(bytes)) > 0) {
  }
}

} // namespace cairn::cli
