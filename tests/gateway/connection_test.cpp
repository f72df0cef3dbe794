// What a client may do to a connection, and what it cannot do to others.
#include "tests/gateway/asked_gateway.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace {

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

std::string add_request(int n, const std::string& more = "") {
  const std::string body = "{\"n\":" + std::to_string(n) + "}";
  return "POST /v1/entities/counter/a/add HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
         "application/json\r\n" +
         more + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

} // namespace

TEST(GatewayConnection, PipelinedRequestsAreAnsweredInTheirOrder) {
  asked_gateway gateway;
  std::string sent;
  for (int i = 0; i < 50; ++i) sent += add_request(1);
  const auto got = gateway.ask_raw(sent + add_request(1, "Connection: close\r\n"));
  EXPECT_EQ(count(got, "HTTP/1.1 200 OK"), 51U);
  std::size_t at = 0;
  for (int i = 1; i <= 51; ++i) {
    at = got.find("{\"version\":" + std::to_string(i) + ",", at);
    ASSERT_NE(at, std::string::npos) << i;
  }
}

TEST(GatewayConnection, HostileRequestsAreRefusedAndHarmNobody) {
  cairn::gateway_options options;
  options.limits.body_bytes_max = 1'000;
  asked_gateway gateway(options);
  const std::string post =
      "POST /v1/entities/counter/a/add HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
      "application/json\r\n";
  struct hostile {
    std::string name;
    std::string text;
    std::string status;
  };
  for (const auto& [name, text, status] : std::initializer_list<hostile>{
           {"both lengths",
            post + "Content-Length: 7\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"},
           {"both lengths, turned",
            post + "Transfer-Encoding: chunked\r\nContent-Length: 7\r\n\r\n0\r\n\r\n", "400"},
           {"two lengths", post + "Content-Length: 7\r\nContent-Length: 8\r\n\r\n{\"n\":1}", "400"},
           {"negative length", post + "Content-Length: -7\r\n\r\n", "400"},
           {"no HTTP", "hello\r\n\r\n", "400"},
           {"bad chunk", post + "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n", "400"},
           {"large header", "GET / HTTP/1.1\r\nX: " + std::string(40'000, 'x') + "\r\n\r\n", "431"},
           {"large body", post + "Content-Length: 1001\r\n\r\n", "413"},
           {"large chunked body",
            post + "Transfer-Encoding: chunked\r\n\r\n7d0\r\n" + std::string(2'000, ' ') +
                "\r\n0\r\n\r\n",
            "413"},
           {"strange expectation", post + "Expect: miracles\r\nContent-Length: 7\r\n\r\n", "417"},
           {"unknown method", "BREW / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
            "405"},
           {"deep JSON",
            post + "Connection: close\r\nContent-Length: 900\r\n\r\n" + std::string(900, '['),
            "400"}}) {
    const auto got = gateway.ask_raw(text);
    EXPECT_EQ(got.substr(0, 12), "HTTP/1.1 " + status) << name << '\n' << got;
    EXPECT_EQ(count(got, "HTTP/1.1 "), 1U) << name << '\n' << got;
  }
  EXPECT_EQ(gateway.ask("GET", "/v1/entities/counter/a").status, 404) << "nothing was done";
  EXPECT_EQ(gateway.add("a", 1).status, 200);
}

TEST(GatewayConnection, ARequestThatIsCutOffLeavesNothing) {
  asked_gateway gateway;
  const auto whole = add_request(1, "Connection: close\r\n");
  for (std::size_t bytes = 0; bytes + 1 < whole.size(); bytes += 7) {
    { cairn::testing::slow_client gone(gateway.open.port(), whole.substr(0, bytes)); }
  }
  EXPECT_EQ(gateway.ask("GET", "/v1/entities/counter/a").status, 404);
}

TEST(GatewayConnection, AClientMayAskWhetherItsBodyIsWanted) {
  asked_gateway gateway;
  const auto got = gateway.ask_raw(add_request(1, "Expect: 100-continue\r\nConnection: close\r\n"));
  EXPECT_EQ(got.substr(0, 12), "HTTP/1.1 100");
  EXPECT_EQ(count(got, "HTTP/1.1 200 OK"), 1U) << got;
}

TEST(GatewayConnection, WhoTakesTooLongForARequestIsToldSoAndLetGo) {
  cairn::gateway_options options;
  options.limits.header_time = std::chrono::milliseconds(200);
  asked_gateway gateway(options);
  // The answer comes though the client goes on waiting: `ask_raw` reads until the server hangs up.
  EXPECT_EQ(gateway.ask_raw("GET / HTTP/1.1\r\nHo").substr(0, 12), "HTTP/1.1 408");
}

TEST(GatewayConnection, AnIdleConnectionEnds) {
  cairn::gateway_options options;
  options.limits.idle_time = std::chrono::milliseconds(200);
  asked_gateway gateway(options);
  EXPECT_EQ(gateway.ask_raw(""), "");
}

TEST(GatewayConnection, MoreConnectionsThanAllowedAreClosedAtOnce) {
  cairn::gateway_options options;
  options.limits.connections_max = 3;
  asked_gateway gateway(options);
  {
    std::vector<cairn::testing::slow_client> held;
    held.reserve(3);
    for (int i = 0; i < 3; ++i) held.emplace_back(gateway.open.port(), "GET");
    EXPECT_EQ(
        gateway.ask_raw("GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"), "");
  }
  for (int i = 0; gateway.ask("GET", "/livez").status != 200; ++i) ASSERT_LT(i, 1'000'000);
}

TEST(GatewayConnection, OneAddressCannotHaveAll) {
  cairn::gateway_options options;
  options.limits.connections_per_address_max = 2;
  asked_gateway gateway(options);
  std::vector<cairn::testing::slow_client> held;
  held.reserve(2);
  for (int i = 0; i < 2; ++i) held.emplace_back(gateway.open.port(), "GET");
  EXPECT_EQ(gateway.ask_raw("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"), "");
}

TEST(GatewayConnection, OnlyTheLoopbackIsListenedOn) {
  cairn::world world;
  for (const std::string address : {"0.0.0.0:0", "192.0.2.1:0", "[::]:0"}) {
    try {
      const cairn::gateway open(world, {.listen = address});
      ADD_FAILURE() << address << " was taken";
    } catch (const cairn::startup_error& refused) {
      EXPECT_NE(refused.message().find(address), std::string::npos) << refused.message();
      EXPECT_NE(refused.message().find("proxy"), std::string::npos) << refused.message();
    }
  }
  for (const std::string address :
       {"", "7070", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:70000", "here:1", "[::1:1"}) {
    EXPECT_THROW((cairn::gateway(world, {.listen = address})), cairn::startup_error) << address;
  }
}

TEST(GatewayConnection, APortThatIsTakenIsNamed) {
  asked_gateway gateway;
  cairn::world world;
  const auto address = "127.0.0.1:" + std::to_string(gateway.open.port());
  try {
    const cairn::gateway open(world, {.listen = address});
    ADD_FAILURE() << "two listen on " << address;
  } catch (const cairn::startup_error& refused) {
    EXPECT_NE(refused.message().find(address), std::string::npos) << refused.message();
  }
}

TEST(GatewayConnection, APageOfAnotherOriginGetsNothing) {
  cairn::gateway_options options;
  options.hosts = {"game.example"};
  asked_gateway gateway(options);
  struct sent {
    std::string headers;
    int status;
  };
  for (const auto& [headers, status] : std::initializer_list<sent>{
           {"Host: localhost:7070\r\n", 200},
           {"Host: LOCALHOST\r\n", 200},
           {"Host: [::1]:7070\r\n", 200},
           {"Host: game.example\r\n", 200},
           {"Host: game.example\r\nOrigin: https://game.example\r\n", 200},
           {"Host: 127.0.0.1:7070\r\nOrigin: http://127.0.0.1:7070\r\n", 200},
           {"Host: 127.0.0.1:7070\r\nOrigin: http://127.0.0.1:8080\r\n", 403},
           {"Host: localhost\r\nOrigin: https://evil.example\r\n", 403},
           {"Host: localhost\r\nOrigin: null\r\n", 403},
           {"Host: localhost\r\nOrigin: http://localhost\r\nOrigin: http://localhost\r\n", 403},
           {"Host: evil.example:7070\r\n", 421},
           {"Host: localhost.evil.example\r\n", 421},
           {"Host: \r\n", 421},
           {"Host: localhost\r\nHost: localhost\r\n", 400},
           {"", 400}}) {
    const http_answer got(gateway.ask_raw("POST /v1/entities/counter/a/look HTTP/1.1\r\n" +
                                          headers +
                                          "Connection: close\r\nContent-Length: 0\r\n\r\n"));
    EXPECT_EQ(got.status, status) << headers << '\n' << got.whole;
  }
}

TEST(GatewayConnection, BodiesOfAllTogetherAreBounded) {
  cairn::gateway_options options;
  options.limits.held_bytes_max = 1'000'000;
  asked_gateway gateway(options);
  const auto held = [&] {
    return cairn::testing::scraped(gateway.ask("GET", "/metrics").body)["cairn_gateway_held_bytes"];
  };
  const auto large = "{\"n\":1" + std::string(600'000, ' ') + "}";
  EXPECT_EQ(gateway.ask("POST", "/v1/entities/counter/a/add", "", large).status, 200);
  {
    const cairn::testing::slow_client slow(gateway.open.port(),
                                           "POST /v1/entities/counter/a/add HTTP/1.1\r\nHost: "
                                           "localhost\r\nContent-Type: application/json\r\n"
                                           "Content-Length: 900000\r\n\r\n" +
                                               std::string(800'000, ' '));
    for (int i = 0; held() < 800'000; ++i) ASSERT_LT(i, 100'000);
    const auto refused = gateway.ask("POST", "/v1/entities/counter/a/add", "", large);
    EXPECT_EQ(refused.status, 503) << refused.whole;
    EXPECT_EQ(refused.header("Retry-After"), "1");
    EXPECT_EQ(gateway.add("a", 1).status, 200) << "there is room for a small one";
  }
  for (int i = 0; held() >= 800'000; ++i) ASSERT_LT(i, 100'000);
  EXPECT_EQ(gateway.ask("POST", "/v1/entities/counter/a/add", "", large).status, 200);
}
