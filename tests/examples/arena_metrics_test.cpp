// What Prometheus sees of the arena over HTTP, while it runs and at its end, is what the arena itself counts.

#include "tests/examples/program.hpp"
#include "tests/support/journal_support.hpp"
#include "tests/support/scrape.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <future>
#include <string>
#include <thread>
#include <vector>

namespace cairn::testing {
namespace {

/// One that nobody has just now.
std::uint16_t free_port() {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  EXPECT_EQ(::bind(descriptor, reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size), 0);
  ::close(descriptor);
  return ntohs(address.sin_port);
}

/// What one of the bots' ways led to, all of them added up.
std::int64_t sum_of(const boost::json::object& told, const std::vector<std::string>& names,
                    const char* what) {
  std::int64_t sum = 0;
  for (const auto& way : told.at("ways").as_array()) {
    for (const auto& name : names) {
      sum += way.at("name").as_string() == name ? way.at(what).to_number<std::int64_t>() : 0;
    }
  }
  return sum;
}

TEST(ArenaMetrics, AgreeWithTheArenasOwnCountsToTheUnit) {
  const temporary_directory folder;
  const std::uint16_t port = free_port();
  auto playing = std::async(std::launch::async, [&] {
    return run({"arena", "--data", (folder.path() / "data").string(), "--seconds", "1", "--bots",
                "120", "--json", "--metrics-port", std::to_string(port), "--linger", "3"});
  });
  const std::string accepted = R"(cairn_commands_total{type="deposit",outcome="accepted"})";
  scraped last("");
  double grew = 0;
  int seen = 0;
  while (playing.wait_for(std::chrono::milliseconds(10)) != std::future_status::ready) {
    const std::string text = http_get(port, "/metrics");
    if (const auto body = text.find("\r\n\r\n"); body != std::string::npos) {
      scraped now(text.substr(body + 4));
      if (now.has(accepted)) {
        EXPECT_GE(now[accepted], grew) << "a counter went back";
        grew = now[accepted];
        last = std::move(now);
        ++seen;
      }
    }
  }
  const auto ended = playing.get();
  ASSERT_EQ(ended.status, 0) << ended.err;
  ASSERT_GT(seen, 10) << ended.err;
  const auto told = boost::json::parse(ended.out).as_object();
  const auto number = [&](const char* of, const char* what) {
    return told.at("proof").at(of).at(what).to_number<std::int64_t>();
  };
  const auto digs = [&](const char* what) {
    return sum_of(told, {"dig what was seen", "dig without looking"}, what);
  };
  const auto trades = [&](const char* what) {
    return sum_of(told, {"offer for sale", "buy", "take back", "build"}, what);
  };
  const auto transactions = [&](const std::string& outcome) {
    return last[R"(cairn_transactions_total{of="commands",outcome=")" + outcome + "\"}"];
  };
  EXPECT_GT(digs("accepted"), 0);
  EXPECT_GT(trades("accepted"), 0);
  EXPECT_EQ(last[accepted], digs("accepted") + told.at("deposits").to_number<std::int64_t>());
  EXPECT_EQ(last[R"(cairn_commands_total{type="deposit",outcome="conflict"})"], digs("conflicts"));
  EXPECT_EQ(last[R"(cairn_commands_total{type="deposit",outcome="rejected"})"], digs("rejected"));
  EXPECT_EQ(last.sum(R"(cairn_conflicts_total{type="deposit")"), digs("conflicts"));
  EXPECT_EQ(last[R"(cairn_commands_total{type="player",outcome="accepted"})"],
            number("messages", "carried") + told.at("bots").to_number<std::int64_t>());
  EXPECT_EQ(last[R"(cairn_commands_total{type="player",outcome="rejected"})"],
            number("messages", "came_back"));
  EXPECT_EQ(last[R"(cairn_commands_total{type="listing",outcome="accepted"})"],
            number("timers", "lowered"));
  EXPECT_EQ(transactions("accepted"), trades("accepted"));
  EXPECT_EQ(transactions("conflict"), trades("conflicts"));
  EXPECT_EQ(transactions("rejected"), trades("rejected"));
  EXPECT_EQ(last["cairn_batch_changes_sum"], told.at("changes").to_number<std::int64_t>());
  EXPECT_EQ(last["cairn_batch_changes_count"], told.at("batches").to_number<std::int64_t>());
  EXPECT_EQ(last["cairn_messages_pending"], 0);
}

} // namespace
} // namespace cairn::testing
