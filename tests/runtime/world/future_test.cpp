#include <cairn/cairn.hpp>

#include "tests/support/sample_entities.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <utility>

namespace {

using sample::counter;

/// What `call` throws: the word `no_state`, another text, or nothing.
template <class Call>
std::string future_error_of(Call call) {
  try {
    call();
  } catch (const std::future_error& thrown) {
    return thrown.code() == std::future_errc::no_state ? "no_state" : thrown.what();
  }
  return "";
}

TEST(Future, GivesItsReplyOnceAndThenSaysThatItHasNone) {
  cairn::world world;
  world.host<counter>();
  auto reply = world.entity<counter>("a").send(counter::add{1});
  EXPECT_TRUE(reply.get());
  EXPECT_FALSE(reply.valid());
  EXPECT_EQ(future_error_of([&] { reply.get(); }), "no_state");
  EXPECT_EQ(future_error_of([&] { reply.wait(); }), "no_state");
  EXPECT_EQ(future_error_of([&] { reply.wait_for(std::chrono::seconds(0)); }), "no_state");
}

TEST(Future, OneThatWasMovedFromSaysSo) {
  cairn::world world;
  world.host<counter>();
  auto first = world.entity<counter>("a").send(counter::add{1});
  auto second = std::move(first);
  EXPECT_EQ(future_error_of([&] { first.get(); }), "no_state"); // NOLINT(bugprone-use-after-move)
  EXPECT_TRUE(second.get());
}

} // namespace
