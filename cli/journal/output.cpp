#include "cli/journal/output.hpp"

#include "cli/commands.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <utility>

namespace cairn::cli {

line_output::line_output(std::string file)
    : file_(std::move(file)),
      pipe_handler_(std::signal(SIGPIPE, SIG_IGN)) {} // a reader that left is an error of `write`

line_output::~line_output() {
  std::signal(SIGPIPE, pipe_handler_);
  if (unfinished_.empty()) return;
  if (descriptor_ >= 0) ::close(descriptor_);
  ::unlink(unfinished_.c_str());
}

status line_output::fail(const char* what) {
  const auto reason = std::generic_category().message(errno);
  failure_ = {journal_errc::cannot_open, (file_.empty() ? std::string("standard output") : file_) +
                                             ": " + what + ": " + reason};
  return failure_;
}

status line_output::open() {
  if (file_.empty()) {
    descriptor_ = STDOUT_FILENO;
    return {};
  }
  auto path = file_ + ".unfinished-" + std::to_string(::getpid());
  descriptor_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor_ < 0) return fail("cannot be made");
  unfinished_ = std::move(path);
  return {};
}

bool line_output::write(std::string_view lines) {
  while (failure_.ok() && !reader_left_ && !lines.empty()) {
    if (interrupted()) {
      failure_ = {std::make_error_code(std::errc::interrupted), "interrupted"};
      break;
    }
    const auto written = ::write(descriptor_, lines.data(), lines.size());
    if (written >= 0) {
      lines.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EPIPE) {
      reader_left_ = true;
    } else if (errno != EINTR) {
      (void)fail("cannot be written");
    }
  }
  return failure_.ok() && !reader_left_;
}

status line_output::finish() {
  if (!failure_.ok() || unfinished_.empty()) return failure_;
  // A file's name must never stand for less than the file.
  if (::fsync(descriptor_) != 0) return fail("cannot be synced");
  if (::close(std::exchange(descriptor_, -1)) != 0) return fail("cannot be closed");
  if (std::rename(unfinished_.c_str(), file_.c_str()) != 0) return fail("cannot be put in place");
  unfinished_.clear();
  return {};
}

} // namespace cairn::cli
