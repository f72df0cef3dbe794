#pragma once

#include <cairn/gateway.hpp>

#include "gateway/http/connection.hpp"
#include "gateway/http/context.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace cairn {

/// Takes connections, and ends them.
/// Thread: the loop's, but for what says otherwise.
class gateway::server {
public:
  /// Thread: any, as all that is public.
  server(world& served, const gateway_options& options);
  ~server();
  server(const server&) = delete;
  server& operator=(const server&) = delete;

  std::uint16_t port() const noexcept { return port_; }
  void drain();

private:
  using tcp = boost::asio::ip::tcp;
  using clock = http::connection::clock;

  void listen();
  void accept();
  void take(tcp::socket socket);
  bool has_room(const tcp::socket& socket) const;
  void look_around();
  void check_all(clock::time_point now);
  void begin_end();

  const std::shared_ptr<http::context> context_;
  tcp::acceptor acceptor_;
  boost::asio::steady_timer round_;
  boost::asio::steady_timer notice_;
  boost::asio::steady_timer pause_; // between attempts when the process has no descriptors left
  std::vector<std::weak_ptr<http::connection>> connections_;
  clock::time_point cut_at_ = clock::time_point::max();
  std::uint16_t port_ = 0;
  std::mutex draining_; // one at a time
  std::thread thread_;
};

} // namespace cairn
