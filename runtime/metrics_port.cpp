#include "runtime/metrics_port.hpp"

#include <cairn/error.hpp>

#include "runtime/metric_families.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <prometheus/exposer.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <exception>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

namespace cairn {

namespace {

/// A client that says nothing keeps a thread of the server, and the world's end, for so long at most.
constexpr const char* request_timeout_ms = "2000";

sockaddr_in loopback(std::uint16_t port) noexcept {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

/// A socket that closes itself.
class loopback_socket {
public:
  loopback_socket() noexcept : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
  ~loopback_socket() {
    if (descriptor_ >= 0) {
      ::close(descriptor_);
    }
  }
  loopback_socket(const loopback_socket&) = delete;
  loopback_socket& operator=(const loopback_socket&) = delete;

  bool connect(std::uint16_t port) const noexcept { return call(&::connect, port); }
  bool bind(std::uint16_t port) const noexcept { return call(&::bind, port); }

private:
  bool call(int (*what)(int, const sockaddr*, socklen_t), std::uint16_t port) const noexcept {
    const auto address = loopback(port);
    return what(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  }

  int descriptor_;
};

/// The server does not say why it cannot have a port; the system does.
std::error_code why_not(std::uint16_t port) {
  const loopback_socket probe;
  return probe.bind(port) ? std::make_error_code(std::errc::io_error)
                          : std::error_code(errno, std::generic_category());
}

startup_error cannot_listen(std::uint16_t port) {
  const auto why = why_not(port);
  return {why, "cannot answer for metrics on port " + std::to_string(port) + " of 127.0.0.1 (" +
                   why.message() +
                   "): give another one as world_options::metrics_port, 0 for any that is free, or "
                   "none"};
}

/// Ends the server. It looks for its end only when its poll returns, after up to two seconds; a connection makes
/// that at once.
void end(std::unique_ptr<prometheus::Exposer> server, std::uint16_t port) {
  std::atomic<bool> has_ended{false};
  std::thread ending([&] {
    server.reset();
    has_ended.store(true, std::memory_order_release);
  });
  while (!has_ended.load(std::memory_order_acquire)) {
    loopback_socket().connect(port);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  ending.join();
}

} // namespace

metrics_port::metrics_port(const world_metrics& metrics, std::uint16_t port)
    : families_(make_metric_families(metrics)) {
  try {
    const std::vector<std::string> options{
        "listening_ports",    "127.0.0.1:" + std::to_string(port),
        "num_threads",        "2",
        "request_timeout_ms", request_timeout_ms};
    exposer_ = std::make_unique<prometheus::Exposer>(options);
    number_ = static_cast<std::uint16_t>(exposer_->GetListeningPorts().at(0));
  } catch (const std::exception&) {
    throw cannot_listen(port);
  }
  exposer_->RegisterCollectable(families_);
}

metrics_port::~metrics_port() { end(std::move(exposer_), number_); }

} // namespace cairn
