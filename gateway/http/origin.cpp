#include "gateway/http/origin.hpp"

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/field.hpp>

#include <algorithm>
#include <string_view>

namespace cairn::http {

namespace {

namespace bh = boost::beast::http;
using text_view = boost::beast::string_view;

bool is_same(std::string_view a, std::string_view b) {
  return boost::beast::iequals({a.data(), a.size()}, {b.data(), b.size()});
}

/// `here:7070` without the port, `[::1]:7070` too.
std::string_view name_in(std::string_view host) {
  const auto end = host.starts_with('[') ? host.find(']') : std::string_view::npos;
  const auto colon = host.find(':', end == std::string_view::npos ? 0 : end);
  return host.substr(0, colon);
}

bool is_known(std::string_view host, std::span<const std::string> hosts) {
  const auto name = name_in(host);
  for (const std::string_view ours : {"localhost", "127.0.0.1", "[::1]"}) {
    if (is_same(name, ours)) return true;
  }
  return std::any_of(hosts.begin(), hosts.end(),
                     [&](const auto& known) { return is_same(name, known); });
}

/// Behind `https://`.
std::string_view host_of(std::string_view origin) {
  const auto at = origin.find("://");
  return at == std::string_view::npos ? std::string_view() : origin.substr(at + 3);
}

} // namespace

std::optional<answer> refuse_origin(const received& from, std::span<const std::string> hosts) {
  constexpr unsigned http_1_0 = 10;
  const auto given = from.count(bh::field::host);
  if (given == 0 && from.version() == http_1_0) return std::nullopt; // no browser does so
  if (given != 1) return problem(400, "invalid", "expected it once", "Host");
  const text_view field = from[bh::field::host];
  const std::string_view host(field.data(), field.size());
  if (!is_known(host, hosts)) {
    return problem(421, "unknown_host",
                   "this gateway does not go by that name; it is told its names by `hosts` "
                   "(`cairn serve --host NAME`)",
                   "Host");
  }
  const auto origins = from.count(bh::field::origin);
  if (origins == 0) return std::nullopt;
  const text_view origin = from[bh::field::origin];
  if (origins == 1 && is_same(host_of({origin.data(), origin.size()}), host)) return std::nullopt;
  return problem(403, "foreign_origin", "a page of another origin may not send requests", "Origin");
}

} // namespace cairn::http
