#include <cairn/gateway.hpp>

#include "gateway/server/server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <csignal>

namespace cairn {

gateway::gateway(world& served, const gateway_options& options)
    : server_(std::make_unique<server>(served, options)) {}

gateway::~gateway() = default;

std::uint16_t gateway::port() const noexcept { return server_->port(); }

void gateway::drain() { server_->drain(); }

void gateway::run_until_signal() {
  boost::asio::io_context waiting{1};
  boost::asio::signal_set signals(waiting, SIGINT, SIGTERM);
  signals.async_wait([&](const boost::system::error_code&, int) { signals.clear(); });
  waiting.run();
  drain();
}

} // namespace cairn
