#pragma once

#include <boost/asio/ip/tcp.hpp>

#include <string>

namespace cairn::gateway_detail {

/// Where a gateway may listen: `127.0.0.1:7070`, `[::1]:7070`, `localhost:7070`.
/// Errors: `startup_error` naming what is wrong with `text`, and the way out.
boost::asio::ip::tcp::endpoint listen_address(const std::string& text);

} // namespace cairn::gateway_detail
