#pragma once

#include <cairn/gateway.hpp>
#include <cairn/world.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <cstdint>
#include <string>

namespace cairn::http {

/// What a gateway counts, since it was built. Thread: the gateway's; `connections` any.
struct gateway_counts {
  std::atomic<std::uint64_t> connections{0}; ///< Now.
  std::uint64_t accepted = 0;                ///< Connections.
  std::uint64_t refused = 0;                 ///< Connections beyond a limit.
  std::uint64_t answers[6] = {};             ///< By the first digit of their status.
};

/// What the connections of a gateway share.
struct context {
  context(world& in, const gateway_options& given) : served(in), options(given) {}

  world& served;
  const gateway_options options;
  boost::asio::io_context loop{1};      ///< All connections live on its one thread.
  boost::asio::thread_pool blocking{1}; ///< For what waits: listings, one command to many entities.
  gateway_counts counts;
  std::atomic<bool> ready{true}; ///< What `/readyz` says.
  bool ending = false;           ///< Connections end with the answer under way. Thread: the loop's.
};

/// `cairn_gateway_…`, as Prometheus reads it.
void write_metrics(std::string& out, const gateway_counts& counts);

} // namespace cairn::http
