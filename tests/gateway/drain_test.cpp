// How a gateway ends: in a program, and by a signal.
#include "tests/gateway/asked_gateway.hpp"
#include "tests/gateway/served.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <string>
#include <thread>

namespace {

http_answer add(std::uint16_t port) {
  return ask_http(port, "POST", "/v1/entities/counter/a/add", "", R"({"n":1})");
}

} // namespace

TEST(GatewayDrain, WhatIsUnderWayIsAnsweredBeforeItEnds) {
  asked_gateway gateway;
  std::atomic<int> answered{0};
  std::atomic<bool> begun{false};
  std::thread client([&] {
    while (add(gateway.open.port()).status == 200) {
      ++answered;
      begun = true;
      begun.notify_all();
    }
  });
  begun.wait(false);
  gateway.open.drain();
  client.join();
  const auto seen = gateway.world.entity<sample::counter>("a").read().get();
  EXPECT_EQ(seen.version, static_cast<cairn::version_type>(answered.load()));
  EXPECT_EQ(gateway.ask("GET", "/livez").status, 0);
}

TEST(GatewayDrain, IdleConnectionsDoNotHoldItUp) {
  asked_gateway gateway;
  const cairn::testing::slow_client idle(gateway.open.port(), "");
  gateway.add("a", 1);
  gateway.open.drain();
  gateway.open.drain();
}

TEST(GatewayDrain, ReadinessGoesFirst) {
  cairn::gateway_options options;
  options.notice_time = std::chrono::seconds(2);
  asked_gateway gateway(options);
  std::thread ending([&] { gateway.open.drain(); });
  http_answer ready("");
  do ready = gateway.ask("GET", "/readyz");
  while (ready.status == 200);
  ending.join();
  EXPECT_EQ(ready.status, 503) << "it was gone before it said so";
}

TEST(GatewayServe, ASignalEndsItCleanlyAndNothingIsLost) {
  const process_directory directory;
  {
    served first({"--data", directory / "data"});
    ASSERT_NE(first.port(), 0) << first.child().errors();
    EXPECT_EQ(add(first.port()).body, R"({"version":1,"position":0})");
    first.child().signal(SIGTERM);
    EXPECT_EQ(first.child().wait(), 0) << first.child().errors();
  }
  served second({"--data", directory / "data"});
  EXPECT_EQ(ask_http(second.port(), "GET", "/v1/entities/counter/a").body,
            R"({"state":{"value":1},"version":1,"exists":true})");
}

TEST(GatewayServe, WhatWasAcknowledgedIsThereAfterAKill) {
  const process_directory directory;
  int acknowledged = 0;
  for (int round = 0; round < 3; ++round) {
    served killed({"--data", directory / "data"});
    ASSERT_NE(killed.port(), 0);
    std::atomic<int> done{0};
    std::thread client([&] {
      while (add(killed.port()).status == 200) {
        ++done;
        done.notify_all();
      }
    });
    for (int seen = 0; seen < 20; seen = done) done.wait(seen);
    killed.child().signal(SIGKILL);
    client.join();
    acknowledged += done;
  }
  served last({"--data", directory / "data"});
  const auto read = ask_http(last.port(), "GET", "/v1/entities/counter/a");
  const int version = std::stoi(read.header("ETag").substr(1));
  EXPECT_GE(version, acknowledged);
  EXPECT_LE(version, acknowledged + 3) << "one request a round may have been done and not answered";
}

TEST(GatewayServe, ItRefusesToBeReachedFromElsewhere) {
  process_options options;
  options.arguments = {"serve", "--memory", "--listen", "0.0.0.0:0"};
  const auto result = run_process(std::filesystem::path(CAIRN_BINARY_DIR) / "cairn", options);
  EXPECT_EQ(result.status, 2);
  EXPECT_NE(result.errors.find("0.0.0.0:0"), std::string::npos) << result.errors;
}
