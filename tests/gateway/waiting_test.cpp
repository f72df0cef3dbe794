// What takes long for one client holds up no other.
#include "tests/gateway/asked_gateway.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>

namespace {

/// Decides only when it is let.
struct gated {
  static inline std::atomic<bool> reached{false};
  static inline std::atomic<bool> open{false};

  bool passed = false;
  struct pass {};
  struct make {};
  struct went {};
  struct made {};
  cairn::decision<made> decide(const make& /*command*/) const { return made{}; }
  cairn::decision<went> decide(const pass& /*command*/) const {
    reached = true;
    reached.notify_all();
    open.wait(false);
    return went{};
  }
  void apply(const made& /*event*/) {}
  void apply(const went& /*event*/) { passed = true; }

  using entity = cairn::entity<"gated", cairn::commands<make, pass>>;
};

} // namespace

TEST(GatewayWaiting, ACommandToManyEntitiesHoldsUpNoListing) {
  cairn::world world;
  world.host<gated>();
  cairn::gateway gateway(world, {.listen = "127.0.0.1:0"});
  const auto port = gateway.port();
  ASSERT_EQ(ask_http(port, "POST", "/v1/entities/gated/a/make").status, 200);
  auto all = std::async(std::launch::async, [port] {
    return ask_http(port, "POST", "/v1/update-all", "", R"({"type":"gated","command":"pass"})");
  });
  gated::reached.wait(false);
  auto list = std::async(std::launch::async,
                         [port] { return ask_http(port, "GET", "/v1/entities/gated"); });
  const auto listed = list.wait_for(std::chrono::seconds(30));
  gated::open = true;
  gated::open.notify_all();
  EXPECT_EQ(listed, std::future_status::ready);
  EXPECT_EQ(list.get().status, 200);
  EXPECT_EQ(all.get().body, R"({"updated":{"matched":1,"changed":1,"rejected":0}})");
}
