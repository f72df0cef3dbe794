#include "cli/exec/input.hpp"

#include <unistd.h>

#include <cerrno>

namespace cairn::cli {

namespace {

/// As much as a pipe holds.
constexpr std::size_t read_bytes = 64U << 10U;

/// A buffer that grew beyond this for one long line is given back.
constexpr std::size_t kept_bytes_max = 1U << 20U;

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

} // namespace

line_input::next_line line_input::next(std::string_view& line) {
  for (;;) {
    const auto end = held_.find('\n', scanned_);
    const bool whole = end != std::string::npos;
    const std::string_view text(held_.data() + begin_, (whole ? end : held_.size()) - begin_);
    if (skipping_ || text.size() > protocol::line_bytes_max) {
      scanner_.feed(text);
      skipping_ = true;
    }
    if (!whole && !ended_) {
      scanned_ = held_.size();
      if (skipping_) begin_ = scanned_;
      return next_line::none;
    }
    begin_ = scanned_ = whole ? end + 1 : held_.size();
    if (skipping_) {
      skipping_ = false;
      line = reference_ = scanner_.finish();
      return next_line::too_long;
    }
    if (!is_blank(text)) {
      line = text;
      return next_line::found;
    }
    if (!whole) return next_line::ended;
  }
}

int line_input::read() {
  held_.erase(0, begin_);
  scanned_ -= begin_;
  begin_ = 0;
  if (held_.capacity() > kept_bytes_max && held_.size() < read_bytes) held_ = std::string(held_);
  const std::size_t before = held_.size();
  held_.resize(before + read_bytes);
  const auto got = ::read(descriptor_, held_.data() + before, read_bytes);
  const int error = got < 0 ? errno : 0;
  held_.resize(before + (got > 0 ? static_cast<std::size_t>(got) : 0));
  ended_ = got == 0;
  const bool nothing_yet = error == EINTR || error == EAGAIN || error == EWOULDBLOCK;
  return nothing_yet ? 0 : error;
}

} // namespace cairn::cli
