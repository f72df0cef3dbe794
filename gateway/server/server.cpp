#include "gateway/server/server.hpp"

#include <cairn/entity.hpp>

#include "gateway/server/listen_address.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <string>
#include <utility>

namespace cairn {

namespace {

namespace net = boost::asio;
using error_code = boost::system::error_code;

/// So exact are the times of `gateway_limits`.
constexpr std::chrono::milliseconds round_time{100};

/// So long nobody is let in when the process has no descriptors for more.
constexpr std::chrono::milliseconds pause_time{50};

[[noreturn]] void refuse(const std::string& address, const error_code& why) {
  const std::string way_out =
      why == net::error::address_in_use
          ? "; stop what listens there, or give another port (0: any that is free)"
          : "";
  throw startup_error(why, "cannot listen on " + address + ": " + why.message() + way_out);
}

} // namespace

gateway::server::server(world& served, const gateway_options& options)
    : context_(std::make_shared<http::context>(served, options)),
      acceptor_(context_->loop),
      round_(context_->loop),
      notice_(context_->loop),
      pause_(context_->loop) {
  listen();
  accept();
  look_around();
  thread_ = std::thread([with = context_] {
    const auto run = [&] { with->loop.run(); };
    const auto count = [&](const std::string&) { ++with->counts.broken; };
    while (!detail::guard(run, count)) { // what throws is let go, the others go on
    }
  });
}

gateway::server::~server() {
  drain();
  context_->listings.join();
  context_->updates.join();
}

void gateway::server::listen() {
  const auto& address = context_->options.listen;
  const auto endpoint = gateway_detail::listen_address(address);
  error_code failed;
  acceptor_.open(endpoint.protocol(), failed);
  if (!failed) acceptor_.set_option(tcp::acceptor::reuse_address(true), failed);
  if (!failed) acceptor_.bind(endpoint, failed);
  if (!failed) acceptor_.listen(net::socket_base::max_listen_connections, failed);
  if (failed) refuse(address, failed);
  port_ = acceptor_.local_endpoint().port();
}

void gateway::server::accept() {
  acceptor_.async_accept([this](error_code failed, tcp::socket socket) {
    if (failed == net::error::operation_aborted || !acceptor_.is_open()) return;
    if (!failed) {
      detail::guard([&] { take(std::move(socket)); },
                    [&](const std::string&) { ++context_->counts.broken; });
      return accept();
    }
    pause_.expires_after(pause_time);
    pause_.async_wait([this](error_code ended) {
      if (!ended && acceptor_.is_open()) accept();
    });
  });
}

void gateway::server::take(tcp::socket socket) {
  if (!has_room(socket)) {
    ++context_->counts.refused;
    return; // closes it
  }
  ++context_->counts.accepted;
  const auto taken = std::make_shared<http::connection>(std::move(socket), context_);
  connections_.push_back(taken);
  taken->start();
}

bool gateway::server::has_room(const tcp::socket& socket) const {
  const auto& limits = context_->options.limits;
  if (context_->counts.connections >= limits.connections_max) return false;
  error_code failed;
  const auto peer = socket.remote_endpoint(failed).address();
  if (failed) return false;
  const auto known = context_->counts.of_address.find(peer);
  return known == context_->counts.of_address.end() ||
         known->second < limits.connections_per_address_max;
}

void gateway::server::look_around() {
  const auto now = clock::now();
  detail::guard([&] { check_all(now); }, [&](const std::string&) { ++context_->counts.broken; });
  if (context_->ending && (connections_.empty() || now >= cut_at_)) return;
  round_.expires_after(round_time);
  round_.async_wait([this](error_code ended) {
    if (!ended) look_around();
  });
}

void gateway::server::check_all(clock::time_point now) {
  std::erase_if(connections_, [](const auto& weak) { return weak.expired(); });
  for (const auto& weak : connections_) {
    if (const auto known = weak.lock()) {
      if (now >= cut_at_) {
        known->cut();
      } else {
        known->check(now);
      }
    }
  }
}

/// The loop ends when its last connection has.
void gateway::server::begin_end() {
  error_code ignored;
  acceptor_.close(ignored);
  pause_.cancel();
  context_->ending = true;
  cut_at_ = clock::now() + context_->options.drain_time;
  for (const auto& weak : connections_) {
    if (const auto known = weak.lock()) known->finish();
  }
  round_.cancel();
  look_around();
}

void gateway::server::drain() {
  const std::lock_guard alone(draining_);
  if (!thread_.joinable()) return;
  context_->ready = false;
  net::post(context_->loop, [this] {
    notice_.expires_after(context_->options.notice_time);
    notice_.async_wait([this](error_code) { begin_end(); });
  });
  thread_.join();
}

} // namespace cairn
