#include "tests/support/scrape.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sstream>

namespace cairn::testing {

namespace {

constexpr std::string_view type_line = "# TYPE ";

/// Somebody who answers nothing for so long is taken to have nothing to say.
constexpr timeval patience{10, 0};

/// Negative: nobody listens.
int connect_to(std::uint16_t port) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ::setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  if (::connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
    ::close(descriptor);
    return -1;
  }
  return descriptor;
}

} // namespace

slow_client::slow_client(std::uint16_t port, std::string_view sent)
    : descriptor_(connect_to(port)) {
  (void)::send(descriptor_, sent.data(), sent.size(), MSG_NOSIGNAL);
}

slow_client::~slow_client() {
  if (descriptor_ >= 0) {
    ::close(descriptor_);
  }
}

scraped::scraped(std::string_view text) {
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(type_line)) {
      const auto name =
          line.substr(type_line.size(), line.find(' ', type_line.size()) - type_line.size());
      EXPECT_TRUE(families_.insert(name).second) << name << " is there twice";
    } else if (!line.starts_with('#') && !line.empty()) {
      const auto space = line.rfind(' ');
      const auto name = line.substr(0, space);
      EXPECT_TRUE(values_.emplace(name, std::stod(line.substr(space + 1))).second)
          << name << " is there twice";
    }
  }
}

double scraped::operator[](const std::string& name) const {
  const auto found = values_.find(name);
  if (found == values_.end()) {
    ADD_FAILURE() << "there is no " << name;
    return -1;
  }
  return found->second;
}

double scraped::sum(std::string_view prefix) const {
  double sum = 0;
  for (auto at = values_.lower_bound(std::string(prefix));
       at != values_.end() && at->first.starts_with(prefix); ++at) {
    sum += at->second;
  }
  return sum;
}

std::string http_get(std::uint16_t port, const std::string& target) {
  return http_ask(port, "GET " + target + " HTTP/1.0\r\n\r\n");
}

std::string http_ask(std::uint16_t port, std::string_view request) {
  const int descriptor = connect_to(port);
  std::string answer;
  if (descriptor >= 0) {
    // Who ends just now may hang up before: then there is no answer either.
    (void)::send(descriptor, request.data(), request.size(), MSG_NOSIGNAL);
    char bytes[4096];
    for (ssize_t got = 0; (got = ::recv(descriptor, bytes, sizeof(bytes), 0)) > 0;) {
      answer.append(bytes, static_cast<std::size_t>(got));
    }
    ::close(descriptor);
  }
  return answer;
}

scraped scrape(std::uint16_t port) {
  const auto answer = http_get(port, "/metrics");
  EXPECT_EQ(answer.compare(9, 4, "200 "), 0) << answer.substr(0, 200);
  const auto body = answer.find("\r\n\r\n");
  return scraped(body == std::string::npos ? std::string() : answer.substr(body + 4));
}

} // namespace cairn::testing
