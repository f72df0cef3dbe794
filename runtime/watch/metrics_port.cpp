#include "runtime/watch/metrics_port.hpp"

#include <cairn/error.hpp>

#include "runtime/watch/metric_families.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

namespace cairn::runtime {

namespace {

constexpr int backlog = 128;

/// What is being answered when the port closes has so long to be taken.
constexpr std::chrono::milliseconds last_words{500};

/// Until the next try, when the process has no descriptors left.
constexpr std::chrono::milliseconds pause_when_full{100};

[[noreturn]] void throw_cannot_listen(std::uint16_t port, int number) {
  const std::error_code why(number, std::generic_category());
  throw startup_error(
      why, "cannot answer for metrics on port " + std::to_string(port) + " of 127.0.0.1 (" +
               why.message() +
               "): give another one as world_options::metrics_port, 0 for any that is free, or "
               "none");
}

sockaddr_in loopback(std::uint16_t port) noexcept {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int open_listener() noexcept {
  return ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

/// The port that it got.
std::uint16_t listen_on(int listener, std::uint16_t port) {
  const int yes = 1; // a port that was closed a moment ago may be taken again
  sockaddr_in address = loopback(port);
  socklen_t length = sizeof(address);
  auto* const general = reinterpret_cast<sockaddr*>(&address);
  if (listener < 0 || ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) != 0 ||
      ::bind(listener, general, length) != 0 || ::listen(listener, backlog) != 0 ||
      ::getsockname(listener, general, &length) != 0) {
    throw_cannot_listen(port, errno);
  }
  return ntohs(address.sin_port);
}

short events_of(metrics_connection::wish wants) noexcept {
  return wants == metrics_connection::wish::write ? POLLOUT : POLLIN;
}

} // namespace

metrics_port::owned_descriptor::~owned_descriptor() {
  if (descriptor_ >= 0) {
    ::close(descriptor_);
  }
}

metrics_port::metrics_port(const world_metrics& metrics, std::uint16_t port)
    : metrics_(metrics),
      listener_(open_listener()),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      number_(listen_on(listener_.get(), port)) {
  if (wake_.get() < 0) {
    throw_cannot_listen(port, errno);
  }
  clients_.reserve(clients_max);
  thread_ = std::thread([this] { serve(); });
}

metrics_port::~metrics_port() {
  ending_.store(true, std::memory_order_release);
  const std::uint64_t one = 1;
  (void)!::write(wake_.get(), &one, sizeof(one)); // cannot block: nobody else writes
  thread_.join();
}

void metrics_port::serve() {
  std::optional<clock::time_point> end;
  for (;;) {
    const auto now = clock::now();
    end_late(now);
    if (ending_.load(std::memory_order_acquire)) {
      end = end.value_or(now + last_words);
      std::erase_if(clients_, [](const metrics_connection& client) {
        return client.wants() != metrics_connection::wish::write;
      });
      if (clients_.empty() || now >= *end) {
        return;
      }
    }
    if (!wait()) {
      return;
    }
  }
}

/// Waits for whoever can go on, and has him do so. False: it cannot be waited any more.
bool metrics_port::wait() {
  const bool ending = ending_.load(std::memory_order_acquire);
  const auto now = clock::now();
  const bool is_full = now < full_until_;
  auto until = ending ? now + last_words / 10 : is_full ? full_until_ : clock::time_point::max();
  std::array<pollfd, clients_max + 2> all;
  all[0] = {ending ? -1 : wake_.get(), POLLIN, 0};
  all[1] = {ending || is_full ? -1 : listener_.get(), POLLIN, 0};
  for (std::size_t i = 0; i < clients_.size(); ++i) {
    all[i + 2] = {clients_[i].descriptor(), events_of(clients_[i].wants()), 0};
    until = std::min(until, clients_[i].deadline());
  }
  int wait_ms = -1;
  if (until != clock::time_point::max()) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - now);
    wait_ms = static_cast<int>(std::max<std::int64_t>(left.count(), 0));
  }
  if (::poll(all.data(), clients_.size() + 2, wait_ms) < 0 && errno != EINTR) {
    return false;
  }
  const auto text = [this] { return metrics_text(metrics_); };
  for (std::size_t i = 0; i < clients_.size(); ++i) {
    if (all[i + 2].revents == 0) {
      continue;
    }
    try {
      clients_[i].go_on(text);
    } catch (...) { // no memory for it, or a number that cannot be asked for: this one goes without
      clients_[i] = metrics_connection(-1);
    }
  }
  std::erase_if(clients_, [](const metrics_connection& client) {
    return client.wants() == metrics_connection::wish::end || client.descriptor() < 0;
  });
  if (all[1].revents != 0) {
    let_in();
  }
  return true;
}

/// As many as there is room for at once, so that those who are in get their turn in between.
void metrics_port::let_in() {
  for (std::size_t i = 0; i < clients_max; ++i) {
    const int client = ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (client < 0) {
      const bool no_room =
          errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
      if (no_room && !end_one()) {
        full_until_ = clock::now() + pause_when_full;
      }
      return;
    }
    if (clients_.size() == clients_max) {
      end_one();
    }
    clients_.emplace_back(client);
  }
}

void metrics_port::end_late(clock::time_point now) {
  std::erase_if(clients_,
                [now](const metrics_connection& client) { return client.deadline() <= now; });
}

/// The one that came first, rather one that has yet to ask or has its answer. False: there is none.
bool metrics_port::end_one() {
  if (clients_.empty()) {
    return false;
  }
  const auto other = std::find_if(clients_.begin(), clients_.end(), [](const auto& client) {
    return client.wants() != metrics_connection::wish::write;
  });
  clients_.erase(other == clients_.end() ? clients_.begin() : other);
  return true;
}

} // namespace cairn::runtime
