#pragma once

#include <cairn/cairn.hpp>
#include <cairn/gateway.hpp>

#include "tests/support/sample_entities.hpp"
#include "tests/support/scrape.hpp"

#include <string>
#include <string_view>

/// What an HTTP client got.
struct http_answer {
  explicit http_answer(const std::string& text) : whole(text) {
    const auto end = text.find("\r\n\r\n");
    head = text.substr(0, end);
    if (end != std::string::npos) body = text.substr(end + 4);
    if (head.size() > 12) status = std::stoi(head.substr(9, 3));
  }

  /// The value of a header; empty: it is not there.
  std::string header(const std::string& name) const {
    const auto at = head.find("\r\n" + name + ": ");
    if (at == std::string::npos) return "";
    const auto from = at + name.size() + 4;
    return head.substr(from, head.find("\r\n", from) - from);
  }

  std::string whole;
  std::string head;
  std::string body;
  int status = 0;
};

/// Asks on a connection of its own, which the server ends.
inline http_answer ask_http(std::uint16_t port, const std::string& method,
                            const std::string& target, const std::string& headers = "",
                            const std::string& body = "") {
  std::string text =
      method + ' ' + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + headers;
  if (!body.empty()) {
    text +=
        "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
  }
  return http_answer(cairn::testing::http_ask(port, text + "\r\n" + body));
}

/// A world in memory, and its gateway on any port that is free.
class asked_gateway {
public:
  explicit asked_gateway(cairn::gateway_options options = {})
      : open(hosted(world), on_any_port(std::move(options))) {}

  http_answer ask(const std::string& method, const std::string& target,
                  const std::string& headers = "", const std::string& body = "") {
    return ask_http(open.port(), method, target, headers, body);
  }

  http_answer add(const std::string& id, int n, const std::string& headers = "") {
    return ask("POST", "/v1/entities/counter/" + id + "/add", headers,
               "{\"n\":" + std::to_string(n) + "}");
  }

  std::string ask_raw(std::string_view text) { return cairn::testing::http_ask(open.port(), text); }

  cairn::world world;
  cairn::gateway open;

private:
  static cairn::world& hosted(cairn::world& in) {
    in.host<sample::counter>();
    return in;
  }
  static cairn::gateway_options on_any_port(cairn::gateway_options options) {
    options.listen = "127.0.0.1:0";
    return options;
  }
};
