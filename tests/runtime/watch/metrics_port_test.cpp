// Metrics over HTTP: while clients go on, on the loopback only, and as long as the world is open.

#include <cairn/cairn.hpp>

#include "tests/support/metrics_world.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace {

using cairn::testing::http_ask;
using cairn::testing::http_get;
using cairn::testing::scrape;
using cairn::testing::slow_client;
using cairn::testing::tally;
using sample::counter;

using MetricsPort = metrics_world;

/// Addresses, in hexadecimal, at which somebody listens on this port.
std::vector<std::string> listening_on(std::uint16_t port) {
  constexpr const char* listen_state = "0A";
  std::vector<std::string> addresses;
  for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    std::ifstream lines(table);
    for (std::string line; std::getline(lines, line);) {
      std::istringstream words(line);
      std::string number;
      std::string local;
      std::string remote;
      std::string state;
      words >> number >> local >> remote >> state;
      const auto colon = local.find(':');
      if (state == listen_state && std::stoul(local.substr(colon + 1), nullptr, 16) == port) {
        addresses.push_back(local.substr(0, colon));
      }
    }
  }
  return addresses;
}

} // namespace

TEST_F(MetricsPort, AreScrapedOverHttpWhileClientsGoOn) {
  open_with_port();
  const auto port = world_->metrics_port();
  ASSERT_TRUE(port);
  tally told;
  std::atomic<int> sent{0};
  std::atomic<int> clients{3};
  std::vector<std::thread> threads;
  for (int client = 0; client < 3; ++client) {
    threads.emplace_back([&, client] {
      for (int round = 0; round < 2'000; ++round) {
        ++sent;
        const auto to = entity(std::to_string(round % 7));
        const auto seen_version = static_cast<cairn::version_type>(round / 7);
        told.command("counter", client == 0
                                    ? cairn::checked_outcome<>(
                                          to.send(counter::add{1}, cairn::at(seen_version)).get())
                                    : to.send(counter::add{1}, cairn::exists).get());
      }
      --clients;
    });
  }
  double before = 0;
  int scrapes = 0;
  while (clients > 0 || scrapes < 3) {
    const double at_least = told.sum(commands);
    const double now = scrape(*port).sum(commands);
    EXPECT_GE(now, at_least) << "who has a reply finds it counted";
    EXPECT_LE(now, sent) << "nothing is counted that was not sent";
    EXPECT_GE(now, before);
    before = now;
    ++scrapes;
  }
  for (auto& thread : threads) {
    thread.join();
  }
  const auto all = scrape(*port);
  told.expect_all_in(all);
  EXPECT_EQ(all.sum(commands), 6'000);
}

TEST_F(MetricsPort, StayAsTheyWereWhenTheWorldWasClosed) {
  open_with_port();
  const auto port = *world_->metrics_port();
  EXPECT_TRUE(entity("a").send(counter::add{1}).get());
  EXPECT_TRUE(world_->close().ok());
  EXPECT_EQ(world_->metrics_port(), std::nullopt);
  EXPECT_EQ(http_get(port, "/metrics"), "") << "nobody answers any more";
  const auto last = seen();
  EXPECT_EQ(last["cairn_journal_position"], 1);
  EXPECT_EQ(last["cairn_entities_resident"], 1);
  EXPECT_EQ(last.sum(commands), 1);
}

TEST_F(MetricsPort, IsOpenToThisMachineOnlyAndOnlyWhenAskedFor) {
  EXPECT_EQ(world_->metrics_port(), std::nullopt);
  open_with_port();
  const auto port = *world_->metrics_port();
  EXPECT_EQ(listening_on(port), std::vector<std::string>{"0100007F"}) << "127.0.0.1";
  EXPECT_EQ(http_get(port, "/other").compare(9, 4, "404 "), 0);
}

TEST_F(MetricsPort, OneThatIsTakenIsNamedAndTheWorldDoesNotOpen) {
  open_with_port();
  const auto port = *world_->metrics_port();
  cairn::world_options options;
  options.metrics_port = port;
  int opened = 0;
  options.journal = [&opened] {
    ++opened;
    return cairn::memory()();
  };
  try {
    const cairn::world second(std::move(options));
    FAIL() << "two on one port";
  } catch (const cairn::startup_error& error) {
    EXPECT_EQ(error.code(), std::errc::address_in_use);
    EXPECT_NE(error.message().find("port " + std::to_string(port) + " of 127.0.0.1"),
              std::string::npos)
        << error.message();
    EXPECT_NE(error.message().find("give another one"), std::string::npos) << error.message();
  }
  EXPECT_EQ(opened, 0) << "nothing else was begun";
  EXPECT_TRUE(scrape(port).has("cairn_journal_position")) << "the first one goes on";
}

TEST_F(MetricsPort, AnswersTheSameAsTheWorldAndWhatItCountsOfItself) {
  open_with_port();
  EXPECT_TRUE(entity("a").send(counter::add{1}).get());
  EXPECT_EQ(scrape(*world_->metrics_port()).families(), seen().families());
}

// A client that never finishes its request, or never reads the answer, holds up nobody: with two threads of a server
// each, a scrape waited for all of them.
TEST_F(MetricsPort, AScrapeIsAnsweredWhateverOthersAreAt) {
  open_with_port();
  const auto port = *world_->metrics_port();
  std::vector<slow_client> others;
  for (int i = 0; i < 100; ++i) {
    others.emplace_back(port, i % 3 == 0   ? ""
                              : i % 3 == 1 ? "GET /metrics HTTP/1.1\r\nHost: a\r\n"
                                           : "GET /metrics HTTP/1.1\r\n\r\n");
  }
  EXPECT_TRUE(scrape(port).has("cairn_journal_position"));
  for (int i = 0; i < 100; ++i) {
    others.emplace_back(port, "GET /metrics HT");
  }
  EXPECT_TRUE(scrape(port).has("cairn_journal_position"));
  EXPECT_TRUE(world_->close().ok()) << "nor the world's end";
}

TEST_F(MetricsPort, WhatIsNoRequestForMetricsIsToldSo) {
  open_with_port();
  const auto port = *world_->metrics_port();
  const auto status_of = [port](const std::string& request) {
    return http_ask(port, request).substr(9, 3);
  };
  EXPECT_EQ(status_of("GET /metrics?x=1 HTTP/1.1\r\nHost: a\r\n\r\n"), "200");
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\n\r\n"), "404");
  EXPECT_EQ(status_of("POST /metrics HTTP/1.1\r\n\r\nbody"), "405");
  EXPECT_EQ(status_of("metrics\r\n\r\n"), "400");
  EXPECT_EQ(status_of("GET /metrics HTTP/1.1\r\nA: " + std::string(20'000, 'a')), "431");
  const auto head = http_ask(port, "HEAD /metrics HTTP/1.1\r\n\r\n");
  EXPECT_EQ(head.substr(9, 3), "200");
  EXPECT_TRUE(head.ends_with("\r\n\r\n")) << "without a body";
  EXPECT_NE(head.find("Content-Type: text/plain; version=0.0.4"), std::string::npos) << head;
}
