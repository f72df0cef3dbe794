// What users' code throws, in words.

#include <cairn/detail/guard.hpp>

#include "tests/support/leaks.hpp"

#include <gtest/gtest.h>

#include <exception>
#include <new>
#include <stdexcept>
#include <string>

namespace {

/// What the guard says of what `call` throws.
template <class Call>
std::string text_of(Call call) {
  std::string text;
  EXPECT_FALSE(cairn::detail::guard(call, [&](std::string thrown) { text = std::move(thrown); }));
  return text;
}

struct nameless {};

struct speechless final : std::exception {
  const char* what() const noexcept override { return nullptr; }
};

struct bomb {
  ~bomb() noexcept(false) { throw std::runtime_error("when it is let go"); }
};

TEST(Guard, SaysWhatWasThrown) {
  EXPECT_EQ(text_of([] { throw std::runtime_error("broke"); }), "broke");
  EXPECT_EQ(text_of([] { throw std::bad_alloc(); }), "std::bad_alloc");
  EXPECT_EQ(text_of([] { throw "sticks"; }), "sticks");
  EXPECT_EQ(text_of([] { throw std::string("stones"); }), "stones");
  EXPECT_EQ(text_of([] { throw 7; }), "something that is no std::exception: 7");
  EXPECT_EQ(text_of([] { throw -8L; }), "something that is no std::exception: -8");
  EXPECT_EQ(text_of([] { throw 9U; }), "something that is no std::exception: 9");
  EXPECT_EQ(text_of([] { throw nameless{}; }), "something that is no std::exception");
  EXPECT_EQ(text_of([] { throw nullptr; }), "an exception without a text");
}

TEST(Guard, SaysSoWhenWhatWasThrownSaysNothing) {
  EXPECT_EQ(text_of([] { throw speechless{}; }), "an exception without a text");
  EXPECT_EQ(text_of([] { throw std::runtime_error(""); }), "an exception with an empty text");
  EXPECT_EQ(text_of([] { throw static_cast<const char*>(nullptr); }),
            "an exception without a text");
}

// What is said goes into replies, and with a message that comes back into the journal (invariant 13).
TEST(Guard, SaysItInUtf8AndNotTooLong) {
  EXPECT_EQ(text_of([] { throw std::runtime_error("caf\xC3"); }), "caf?");
  std::string euros;
  while (euros.size() < 2 * cairn::detail::thrown_bytes_max) {
    euros += "\xE2\x82\xAC";
  }
  const auto cut = text_of([&] { throw std::runtime_error(euros); });
  EXPECT_EQ(cut, euros.substr(0, cairn::detail::thrown_bytes_max / 3 * 3));
}

TEST(Guard, NothingComesThroughWhenWhatWasThrownIsLetGo) {
  const auto throw_bomb = [] {
    const cairn::testing::may_leak leaks;
    throw bomb{};
  };
  EXPECT_EQ(text_of(throw_bomb), "something that is no std::exception");
}

TEST(Guard, LeavesAloneWhatComesBack) {
  bool called = false;
  EXPECT_TRUE(cairn::detail::guard([&] { called = true; },
                                   [](const std::string& thrown) { FAIL() << thrown; }));
  EXPECT_TRUE(called);
}

} // namespace
