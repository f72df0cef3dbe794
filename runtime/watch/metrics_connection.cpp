#include "runtime/watch/metrics_connection.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace cairn::runtime {

namespace {

/// For the head of a request, for taking the answer, and for hanging up, each.
constexpr std::chrono::seconds patience{2};

/// What a scraper sends has some hundred bytes.
constexpr std::size_t head_bytes_max = 8'192;

constexpr std::string_view head_end = "\r\n\r\n";
constexpr std::string_view text_format = "text/plain; version=0.0.4; charset=utf-8";

std::string answer_of(std::string_view status, std::string_view type, std::string_view body,
                      bool with_body) {
  std::string answer = "HTTP/1.1 ";
  answer.append(status).append("\r\nContent-Type: ").append(type);
  answer.append("\r\nContent-Length: ").append(std::to_string(body.size()));
  answer.append("\r\nConnection: close\r\n\r\n");
  return with_body ? answer.append(body) : answer;
}

std::string told(std::string_view status) {
  return answer_of(status, "text/plain; charset=utf-8", std::string(status) + '\n', true);
}

/// Cuts the first word off.
std::string_view next_word(std::string_view& line) {
  const auto end = line.find(' ');
  const auto word = line.substr(0, end);
  line.remove_prefix(end == std::string_view::npos ? line.size() : end + 1);
  return word;
}

} // namespace

std::string answer_to(std::string_view head, const metrics_connection::text_source& metrics) {
  std::string_view line = head.substr(0, head.find("\r\n"));
  const auto method = next_word(line);
  const auto target = next_word(line);
  if (method.empty() || !target.starts_with('/') || !line.starts_with("HTTP/1.")) {
    return told("400 Bad Request");
  }
  if (method != "GET" && method != "HEAD") {
    return told("405 Method Not Allowed");
  }
  if (target.substr(0, target.find('?')) != "/metrics") {
    return told("404 Not Found");
  }
  return answer_of("200 OK", text_format, metrics(), method == "GET");
}

metrics_connection::metrics_connection(int descriptor)
    : descriptor_(descriptor), deadline_(clock::now() + patience) {}

metrics_connection::~metrics_connection() {
  if (descriptor_ >= 0) {
    ::close(descriptor_);
  }
}

metrics_connection::metrics_connection(metrics_connection&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      wish_(other.wish_),
      deadline_(other.deadline_),
      head_(std::move(other.head_)),
      answer_(std::move(other.answer_)),
      written_(other.written_) {}

metrics_connection& metrics_connection::operator=(metrics_connection&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(wish_, other.wish_);
  std::swap(deadline_, other.deadline_);
  std::swap(head_, other.head_);
  std::swap(answer_, other.answer_);
  std::swap(written_, other.written_);
  return *this;
}

void metrics_connection::begin(wish next) {
  wish_ = next;
  deadline_ = clock::now() + patience;
}

void metrics_connection::go_on(const text_source& metrics) {
  if (wish_ == wish::read) {
    read(metrics);
  }
  if (wish_ == wish::write) {
    write();
  }
  if (wish_ == wish::drain) {
    drain();
  }
}

void metrics_connection::read(const text_source& metrics) {
  char bytes[1'024];
  while (wish_ == wish::read) {
    const ssize_t got = ::recv(descriptor_, bytes, sizeof(bytes), 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
      return;
    }
    if (got <= 0) {
      wish_ = wish::end;
      return;
    }
    head_.append(bytes, static_cast<std::size_t>(got));
    if (head_.find(head_end) != std::string::npos) {
      answer_ = answer_to(head_, metrics);
      begin(wish::write);
    } else if (head_.size() > head_bytes_max) {
      answer_ = told("431 Request Header Fields Too Large");
      begin(wish::write);
    }
  }
}

void metrics_connection::write() {
  while (written_ < answer_.size()) {
    const ssize_t sent =
        ::send(descriptor_, answer_.data() + written_, answer_.size() - written_, MSG_NOSIGNAL);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR)) {
      return;
    }
    if (sent <= 0) {
      wish_ = wish::end;
      return;
    }
    written_ += static_cast<std::size_t>(sent);
  }
  ::shutdown(descriptor_, SHUT_WR);
  begin(wish::drain);
}

/// Closing while something is unread would take the end of the answer away from a client that is slow to read it.
void metrics_connection::drain() {
  char bytes[1'024];
  // So much at a time: one that sends without end must not keep the others waiting.
  const ssize_t got = ::recv(descriptor_, bytes, sizeof(bytes), 0);
  if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
    wish_ = wish::end;
  }
}

} // namespace cairn::runtime
