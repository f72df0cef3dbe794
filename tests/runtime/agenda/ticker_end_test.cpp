// Invariant 12: the end of a ticker.

#include <cairn/cairn.hpp>

#include "tests/support/sample_entities.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace {

using sample::counter;

std::vector<std::string> many_ids() {
  std::vector<std::string> ids;
  for (int i = 0; i < 5'000; ++i) {
    ids.push_back(std::to_string(i));
  }
  return ids;
}

constexpr cairn::tick_options each_millisecond{.every = std::chrono::milliseconds(1)};

TEST(Ticker, MakesNothingAnyMoreOnceItHasEnded) {
  cairn::world world;
  world.host<counter>();
  std::atomic<int> made{0};
  auto ticks = std::make_unique<cairn::ticker>(
      world.tick<counter>(many_ids(), each_millisecond, [&](const auto&) {
        ++made;
        return counter::add{1};
      }));
  while (made < 10) {
    std::this_thread::yield();
  }
  ticks.reset();
  const int at_its_end = made;
  EXPECT_TRUE(world.close().ok()); // all that was sent is answered
  EXPECT_EQ(made, at_its_end);
}

TEST(Ticker, WhatItHoldsGoesWithIt) {
  cairn::world world;
  world.host<counter>();
  const auto held = std::make_shared<int>(0);
  auto ticks =
      world.tick<counter>({"a"}, each_millisecond, [held](const auto&) { return counter::add{1}; });
  ticks.stop();
  EXPECT_EQ(held.use_count(), 1);
}

TEST(Ticker, MayEndInsideItsOwnMake) {
  cairn::world world;
  world.host<counter>();
  std::atomic<int> made{0};
  std::promise<void> ended;
  std::mutex ready;
  auto ticks = std::make_unique<cairn::ticker>();
  {
    const std::lock_guard lock(ready);
    *ticks = world.tick<counter>(many_ids(), each_millisecond, [&](const auto&) {
      const std::lock_guard wait(ready);
      ++made;
      ticks.reset();
      ended.set_value();
      return counter::add{1};
    });
  }
  ended.get_future().wait();
  EXPECT_TRUE(world.close().ok());
  EXPECT_EQ(made, 1);
}

TEST(Ticker, MakingOneMayStartAnotherWhileTheWorldCloses) {
  std::atomic<int> made{0};
  std::mutex mutex;
  std::vector<cairn::ticker> others;
  cairn::world world;
  world.host<counter>();
  auto ticks = world.tick<counter>({"a", "b"}, each_millisecond, [&](const auto&) {
    const std::lock_guard lock(mutex);
    others.push_back(
        world.tick<counter>({"c"}, each_millisecond, [](const auto&) { return counter::add{1}; }));
    ++made;
    return counter::add{1};
  });
  while (made < 3) {
    std::this_thread::yield();
  }
  EXPECT_TRUE(world.close().ok());
}

TEST(Ticker, OneOfAClosedWorldSaysSo) {
  cairn::world world;
  world.host<counter>();
  EXPECT_TRUE(world.close().ok());
  const auto ticks =
      world.tick<counter>({"a"}, each_millisecond, [](const auto&) { return counter::add{1}; });
  EXPECT_EQ(ticks.state().error, cairn::runtime_errc::shutting_down);
}

} // namespace
