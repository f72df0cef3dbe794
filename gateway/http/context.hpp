#pragma once

#include <cairn/gateway.hpp>
#include <cairn/world.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace cairn::http {

/// What a gateway counts, since it was built. Thread: the loop's.
struct gateway_counts {
  std::size_t connections = 0;                                ///< Now.
  std::map<boost::asio::ip::address, std::size_t> of_address; ///< The same of each.
  std::size_t held_bytes = 0;                                 ///< Bodies and answers, now.
  std::uint64_t accepted = 0;                                 ///< Connections.
  std::uint64_t refused = 0;                                  ///< Connections beyond a limit.
  std::uint64_t broken = 0;      ///< Connections, by an error of the gateway's own.
  std::uint64_t answers[6] = {}; ///< By the first digit of their status.
};

/// What the connections of a gateway share.
struct context {
  context(world& in, const gateway_options& given)
      : served(in), types(in.types()), options(given) {}

  world& served;
  const std::vector<const entity_type*> types; ///< By name.
  const gateway_options options;
  boost::asio::io_context loop{1};      ///< All connections live on its one thread.
  boost::asio::thread_pool listings{1}; ///< They read the journal.
  boost::asio::thread_pool updates{
      1}; ///< One command to many entities may take long, and holds up no listing.
  gateway_counts counts;
  std::atomic<bool> ready{true}; ///< What `/readyz` says.
  bool ending = false;           ///< Connections end with the answer under way. Thread: the loop's.
};

/// `cairn_gateway_…`, as Prometheus reads it.
void write_metrics(std::string& out, const gateway_counts& counts);

} // namespace cairn::http
