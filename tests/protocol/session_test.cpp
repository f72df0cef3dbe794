// Sessions: many requests under way, clients that go, callbacks that throw, bounds, what a transport says of its client.
#include <cairn/protocol.hpp>
#include <cairn/world.hpp>

#include "tests/protocol/asked_session.hpp"
#include "tests/support/held_journal.hpp"
#include "tests/support/reply_text.hpp"
#include "tests/support/sample_entities.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <stdexcept>
#include <thread>

namespace {

using cairn::protocol::reply;
using cairn::protocol::session;
using cairn::protocol::session_options;

std::string add_to(const std::string& id, const std::string& more = {}) {
  return R"({"do":"send","entity":"counter/)" + id + R"(","command":"add","args":{"n":1})" + more +
         "}";
}

std::string add_to_both(const std::string& a, const std::string& b) {
  const auto item = [](const std::string& id) {
    return R"({"entity":"counter/)" + id + R"(","command":"add","args":{"n":1}})";
  };
  return R"({"do":"transact","items":[)" + item(a) + "," + item(b) + "]}";
}

class ProtocolSession : public testing::Test {
protected:
  ProtocolSession() { world_.host<sample::counter>(); }

  std::string state_of(const std::string& id) {
    asked_session asked(world_);
    return member_of(asked.ask(R"({"do":"read","entity":"counter/)" + id + "\"}"), "/state/value");
  }

  held_journal journal_;
  reply_list replies_;
  cairn::world world_{{.journal = journal_.source()}};
};

} // namespace

TEST_F(ProtocolSession, ManyAreUnderWayAndEachHasOneReply) {
  session requests(world_);
  journal_.hold();
  for (int i = 0; i < 100; ++i) {
    requests.handle(add_to(std::to_string(i % 3), R"(,"ref":)" + std::to_string(i)),
                    replies_.callback());
  }
  EXPECT_EQ(requests.under_way(), 100U);
  EXPECT_GT(requests.bytes(), 5'000U);
  EXPECT_EQ(replies_.size(), 0U); // durable before known
  requests.handle("{", replies_.callback());
  EXPECT_EQ(replies_.size(), 1U); // as they are ready
  journal_.release();
  ASSERT_TRUE(replies_.await(101));
  static_cast<void>(world_.close());
  EXPECT_EQ(replies_.size(), 101U);
  EXPECT_EQ(requests.under_way(), 0U);
  EXPECT_EQ(requests.bytes(), 0U);
}

TEST_F(ProtocolSession, WhatWaitsForATransactionHoldsUpNobodyElse) {
  session requests(world_);
  reply_list others;
  journal_.hold();
  requests.handle(add_to_both("a", "b"), replies_.callback());
  requests.handle(add_to("b", R"(,"expect":{"at":1})"), replies_.callback()); // waits
  requests.handle(add_to_both("b", "c"), replies_.callback());                // behind it
  requests.handle(R"({"do":"read","entity":"counter/z"})", others.callback());
  EXPECT_TRUE(others.await(1));
  EXPECT_EQ(replies_.size(), 0U);
  requests.handle(add_to("c", R"(,"expect":{"at":1})"), replies_.callback());
  journal_.release();
  ASSERT_TRUE(replies_.await(4));
  EXPECT_EQ(replies_.line(0),
            R"({"accepted":{"items":[{"version":1},{"version":1}],"position":0}})");
  EXPECT_EQ(replies_.at(1).version, 2U) << replies_.line(1);
  EXPECT_EQ(member_of(replies_.line(2), "/accepted/items/0/version"), "3");
  EXPECT_EQ(replies_.at(3).version, 2U) << replies_.line(3);
}

TEST_F(ProtocolSession, OrderHoldsForALongQueueOfTransactionsAndCommands) {
  session requests(world_);
  constexpr std::size_t rounds = 2'000;
  journal_.hold();
  for (std::size_t i = 0; i < rounds; ++i) {
    const std::string at = std::to_string(2 * i + 1);
    requests.handle(add_to_both("b", "a"), replies_.callback());
    requests.handle(add_to("b", R"(,"expect":{"at":)" + at + "}"), replies_.callback());
  }
  journal_.release();
  ASSERT_TRUE(replies_.await(2 * rounds));
  for (std::size_t i = 0; i < 2 * rounds; ++i) {
    ASSERT_EQ(replies_.at(i).what, cairn::protocol::ending::done) << replies_.line(i);
  }
  EXPECT_EQ(state_of("b"), std::to_string(2 * rounds));
}

TEST_F(ProtocolSession, AWaitingQueueThatIsRefusedEndsWithoutDeepCalls) {
  session requests(world_);
  constexpr std::size_t waiting = 20'000;
  journal_.hold();
  requests.handle(add_to_both("a", "b"), replies_.callback());
  for (std::size_t i = 0; i < waiting; ++i) {
    requests.handle(add_to_both("a", "b"), replies_.callback());
  }
  std::thread closing([this] { static_cast<void>(world_.close()); });
  while (asked_session(world_).ask(R"({"do":"read","entity":"counter/q"})").find("shutting_down") ==
         std::string::npos) {
    std::this_thread::yield();
  }
  journal_.release();
  closing.join();
  ASSERT_TRUE(replies_.await(waiting + 1));
  EXPECT_EQ(member_of(replies_.line(waiting), "/failed/error"), "\"shutting_down\"");
}

TEST_F(ProtocolSession, DestroyedWithRequestsInFlightItIsSilentAndTheyGoOn) {
  auto requests = std::make_unique<session>(world_);
  journal_.hold();
  requests->handle(add_to("a"), replies_.callback());
  requests->handle(add_to_both("b", "c"), replies_.callback());
  requests->handle(add_to("b"), replies_.callback()); // waits, and is never sent
  journal_.await_held(1);
  requests.reset();
  journal_.release();
  world_.settle();
  EXPECT_EQ(state_of("a"), "1");
  EXPECT_EQ(state_of("b"), "1");
  static_cast<void>(world_.close());
  EXPECT_EQ(replies_.size(), 0U);
}

TEST_F(ProtocolSession, CancelWaitsForTheCallbackThatRuns) {
  session requests(world_);
  std::promise<void> began;
  std::promise<void> go_on;
  std::atomic<bool> ended{false};
  requests.handle(add_to("a"), [&](const reply&) {
    began.set_value();
    go_on.get_future().wait();
    ended = true;
  });
  began.get_future().wait();
  std::thread other([&] { go_on.set_value(); });
  requests.cancel();
  EXPECT_TRUE(ended);
  other.join();
  requests.handle(add_to("a"), replies_.callback());
  requests.handle("{", replies_.callback());
  static_cast<void>(world_.close());
  EXPECT_EQ(replies_.size(), 0U);
}

TEST_F(ProtocolSession, ACallbackMayDestroyItsSessionAndSendOnIt) {
  auto requests = std::make_unique<session>(world_);
  std::promise<void> done;
  requests->handle(add_to("a"), [&](const reply&) {
    requests->handle(add_to("a"), [&](const reply&) {
      requests.reset();
      done.set_value();
    });
  });
  done.get_future().wait();
  auto inline_one = std::make_unique<session>(world_);
  inline_one->handle("{", [&](const reply&) { inline_one.reset(); });
  EXPECT_EQ(inline_one, nullptr);
  EXPECT_EQ(state_of("a"), "2");
}

TEST_F(ProtocolSession, ASessionMayOutliveItsWorld) {
  std::unique_ptr<session> requests;
  {
    cairn::world world;
    world.host<sample::counter>();
    requests = std::make_unique<session>(world);
    requests->handle(add_to("a"), replies_.callback());
  }
  EXPECT_EQ(replies_.size(), 1U);
  requests.reset();
}

TEST_F(ProtocolSession, WhatACallbackThrowsEndsThereAndIsTold) {
  std::mutex mutex;
  std::vector<std::string> told;
  session_options options;
  options.callback_threw = [&](std::string_view what) {
    const std::lock_guard lock(mutex);
    told.emplace_back(what);
  };
  session requests(world_, options);
  const auto throws = [](const reply& given) {
    if (given.what == cairn::protocol::ending::invalid) throw 7;
    throw std::runtime_error("client gone");
  };
  requests.handle("{", throws);                   // on this thread
  requests.handle(add_to("a"), throws);           // on a thread of the world
  requests.handle(add_to_both("a", "b"), throws); // what waits behind it goes on
  requests.handle(add_to("b"), replies_.callback());
  ASSERT_TRUE(replies_.await(1));
  EXPECT_EQ(replies_.line(0), R"({"accepted":{"version":2,"position":3}})");
  static_cast<void>(world_.close());
  EXPECT_EQ(told, (std::vector<std::string>{"something that is no std::exception: 7", "client gone",
                                            "client gone"}));
  EXPECT_EQ(requests.under_way(), 0U);
}

TEST_F(ProtocolSession, BeyondItsBoundsARequestIsOverloaded) {
  const std::string overloaded =
      R"({"ref":9,"failed":{"error":"overloaded","fate":"not_written","message":"M"}})";
  session_options options;
  options.under_way_max = 2;
  session few(world_, options);
  journal_.hold();
  few.handle(add_to("a"), replies_.callback());
  few.handle(add_to("a"), replies_.callback());
  few.handle(add_to("a", R"(,"ref":9)"), replies_.callback());
  ASSERT_EQ(replies_.size(), 1U);
  EXPECT_EQ(without_messages(replies_.line(0)), overloaded);

  session_options narrow;
  narrow.bytes_max = 10;
  session small(world_, narrow);
  small.handle(add_to("b"), replies_.callback()); // alone it is never too large
  small.handle(add_to("b", R"(,"ref":9)"), replies_.callback());
  ASSERT_EQ(replies_.size(), 2U);
  EXPECT_EQ(without_messages(replies_.line(1)), overloaded);
  journal_.release();
  ASSERT_TRUE(replies_.await(5));
  EXPECT_EQ(state_of("a"), "2");
  EXPECT_EQ(state_of("b"), "1");
}

TEST_F(ProtocolSession, WhoTheClientIsTheTransportSays) {
  asked_session asked(world_);
  const cairn::metadata given = {{"principal", "alice"}, {"causation", "c-1"}};
  asked.ask(add_to("a", R"(,"meta":{"principal":"alice","who":"x"})"), given);
  EXPECT_EQ(without_messages(asked.ask(add_to("a", R"(,"meta":{"principal":"bob"})"), given)),
            R"({"invalid":{"path":"meta.principal","message":"M"}})");
  asked.ask(add_to("a", R"(,"meta":{"principal":"bob"})"));
  const auto history = asked.ask(R"({"do":"history","entity":"counter/a"})");
  EXPECT_EQ(member_of(history, "/changes/0/meta"),
            R"({"principal":"alice","causation":"c-1","who":"x"})");
  EXPECT_EQ(member_of(history, "/changes/1/meta"), R"({"principal":"bob"})");
}

TEST_F(ProtocolSession, WhatBlocksRunsWhereTheTransportSays) {
  std::vector<std::function<void()>> jobs;
  session_options options;
  options.run_blocking = [&jobs](std::function<void()> job) {
    if (jobs.size() == 2) throw std::runtime_error("full");
    jobs.push_back(std::move(job));
  };
  auto requests = std::make_unique<session>(world_, options);
  const std::string update =
      R"({"do":"update_all","type":"counter","command":"add","args":{"n":1}})";
  requests->handle(update, replies_.callback());
  requests->handle(update, replies_.callback());
  EXPECT_EQ(replies_.size(), 0U);
  requests->handle(update, replies_.callback());
  ASSERT_EQ(replies_.size(), 1U);
  EXPECT_EQ(replies_.line(0),
            R"({"failed":{"error":"overloaded","fate":"not_written","message":"full"}})");
  jobs[0]();
  ASSERT_EQ(replies_.size(), 2U);
  EXPECT_EQ(replies_.line(1), R"({"updated":{"matched":0,"changed":0,"rejected":0}})");
  requests.reset();
  jobs[1](); // the client is gone: nothing is done
  EXPECT_EQ(replies_.size(), 2U);
}
