#pragma once

#include <cairn/protocol.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace cairn {

class world;

/// Bounds of a gateway. What goes beyond one is refused with a status that says so; it never costs another client.
struct gateway_limits {
  std::size_t connections_max = 10'000;
  std::size_t connections_per_address_max = 1'000;
  /// Of all connections' bodies and answers together: 503 beyond. One alone is never too large.
  std::size_t held_bytes_max = std::size_t{256} << 20U;
  std::size_t header_bytes_max = 16U << 10U;             ///< Of a request: 431 beyond.
  std::size_t body_bytes_max = protocol::line_bytes_max; ///< Of a request: 413 beyond.
  std::chrono::milliseconds header_time{
      10'000}; ///< From a head's first byte to its last: 408 beyond.
  std::chrono::milliseconds body_time{30'000}; ///< For a body, and for a client to take its answer.
  std::chrono::milliseconds idle_time{
      75'000}; ///< A connection without a request is closed after it.
};

/// How a gateway listens.
struct gateway_options {
  /// `HOST:PORT`; port 0: any that is free (`gateway::port`). Addresses of this machine's loopback only: there is neither
  /// TLS nor authorisation yet, so that whoever reaches the port may do everything.
  std::string listen = "127.0.0.1:7070";
  /// Names that clients call it by in `Host`, without port, besides `localhost`, `127.0.0.1` and `[::1]`: a proxy may hand its
  /// own on. Requests for others are refused, and so are those of a browser's page of another origin.
  std::vector<std::string> hosts{};
  gateway_limits limits{};
  /// At `drain`: so long `/readyz` says 503 before connections are refused, for a balancer to notice.
  std::chrono::milliseconds notice_time{0};
  /// At `drain`: what has no reply by then is cut off.
  std::chrono::milliseconds drain_time{10'000};
};

/// Serves a world's entities over HTTP/1.1: docs/http.md. One thread serves all connections; it never waits for the world.
/// A library of its own: `cairn::gateway`.
/// Thread: any, but for construction and destruction.
class gateway {
public:
  /// Listens when this returns. `served` outlives it; the types that it hosts then are served.
  /// Errors: `startup_error` naming the address and a way out: it is no address, not of the loopback, or taken.
  explicit gateway(world& served, const gateway_options& options = {});

  /// As `drain`, and waits for a command to many entities that is being carried out.
  ~gateway();
  gateway(const gateway&) = delete;
  gateway& operator=(const gateway&) = delete;

  /// The port that it listens on.
  std::uint16_t port() const noexcept;

  /// Says so at `/readyz`, takes no more connections, answers what is under way, and ends all connections.
  /// After:  no request is under way; nothing is called any more.
  /// Thread: blocks, at most about `notice_time` and `drain_time`; any but the world's own.
  void drain();

  /// Returns when SIGINT or SIGTERM has come and everything is drained. A second signal ends the process at once.
  /// Thread: the main one.
  void run_until_signal();

private:
  class server;
  std::unique_ptr<server> server_;
};

} // namespace cairn

namespace CLI { // NOLINT(readability-identifier-naming): CLI11 calls itself so
class App;
}

namespace cairn::cli {

struct session;

/// `cairn serve`, for a program's own types (library `cairn::serve`):
/// `cairn::cli::run_command<wallet>(argc, argv, {cairn::cli::serve})`.
void serve(CLI::App& program, session& shared);

} // namespace cairn::cli
