#include "gateway/server/listen_address.hpp"

#include <cairn/error.hpp>

#include <boost/asio/ip/address.hpp>

#include <charconv>
#include <cstdint>
#include <string_view>

namespace cairn::gateway_detail {

namespace {

[[noreturn]] void refuse(const std::string& text, const std::string& why) {
  throw startup_error(std::make_error_code(std::errc::invalid_argument),
                      "cannot listen on \"" + text + "\": " + why);
}

std::uint16_t port_in(const std::string& text, std::string_view port) {
  std::uint16_t number = 0;
  const auto [end, bad] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (bad != std::errc{} || end != port.data() + port.size() || port.empty()) {
    refuse(text, "expected HOST:PORT with a port from 0 to 65535, as in 127.0.0.1:7070");
  }
  return number;
}

} // namespace

boost::asio::ip::tcp::endpoint listen_address(const std::string& text) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos) refuse(text, "expected HOST:PORT, as in 127.0.0.1:7070");
  std::string host = text.substr(0, colon);
  const auto port = port_in(text, std::string_view(text).substr(colon + 1));
  if (host.size() > 1 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  if (host == "localhost") host = "127.0.0.1";
  boost::system::error_code bad;
  const auto address = boost::asio::ip::make_address(host, bad);
  if (bad) refuse(text, "\"" + host + "\" is no address; give one in digits, as in 127.0.0.1");
  if (!address.is_loopback()) {
    refuse(text,
           "only addresses of this machine's loopback (127.0.0.1, ::1): there is neither TLS nor "
           "authorisation here "
           "yet. To be reached from elsewhere, listen on 127.0.0.1 behind a proxy that has both");
  }
  return {address, port};
}

} // namespace cairn::gateway_detail
