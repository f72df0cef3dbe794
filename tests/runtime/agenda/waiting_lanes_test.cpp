// Lanes of messages that wait: what they wait for, when they are tried, and what is read again.

#include "runtime/agenda/waiting_lanes.hpp"

#include "runtime/agenda/agenda_host.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace {

using namespace std::chrono_literals;
using cairn::message_place;
using cairn::runtime::obstacle;
using steady = std::chrono::steady_clock;

class WaitingLanes : public ::testing::Test {
protected:
  bool wait(const std::string& key, obstacle why, message_place place) {
    return lanes_.wait(key, std::move(why), {place, "s/1", "t/1"}, 0, [&](unsigned attempts) {
      return now_ + cairn::runtime::stuck_pause(attempts);
    });
  }
  static obstacle stuck(std::string waits_for) {
    return {obstacle::kind::stuck, std::move(waits_for), "it is broken", {}};
  }
  bool holds(message_place place, const char* to = "t/1") { return lanes_.holds(place, "s/1", to); }

  steady::time_point now_{};
  cairn::runtime::waiting_lanes lanes_;
};

TEST_F(WaitingLanes, PausesGrowToMinutesAndOneIsTold) {
  EXPECT_TRUE(wait("t/1", stuck("t/1"), {5, 0})) << "to be told";
  auto pause = 0ms;
  for (int i = 0; i < 20; ++i) {
    EXPECT_FALSE(lanes_.take_due());
    const auto next = lanes_.make_due(now_);
    ASSERT_TRUE(next);
    EXPECT_GE(*next - now_, pause);
    pause = std::chrono::duration_cast<std::chrono::milliseconds>(*next - now_);
    now_ = *next;
    EXPECT_FALSE(lanes_.make_due(now_));
    ASSERT_EQ(lanes_.take_due(), "t/1");
    EXPECT_FALSE(wait("t/1", stuck("t/1"), {5, 0})) << "told already";
  }
  EXPECT_GE(pause, 1min);
  EXPECT_LE(pause, 10min);
  EXPECT_EQ(lanes_.find("t/1")->attempts, 21U);
}

TEST_F(WaitingLanes, OneThatIsOpenEndsOnceAllOfItWasRead) {
  wait("t/1", stuck("t/1"), {5, 0});
  EXPECT_TRUE(holds({9, 0}));
  EXPECT_TRUE(holds({3, 0})) << "and takes note of it";
  EXPECT_FALSE(holds({9, 0}, "t/2"));
  EXPECT_FALSE(lanes_.is_restless());
  EXPECT_FALSE(lanes_.open_for("t/2"));
  EXPECT_TRUE(lanes_.open_for("t/1"));
  EXPECT_TRUE(lanes_.is_restless());
  EXPECT_EQ(lanes_.first_open(), (message_place{3, 0}));
  EXPECT_FALSE(holds({9, 0}));
  EXPECT_TRUE(lanes_.has({9, 0}, "s/1", "t/1"));
  lanes_.passed({4, 0}, {7, 0}, true);
  EXPECT_EQ(lanes_.first_open(), (message_place{3, 0})) << "it was opened meanwhile";
  lanes_.passed({3, 0}, {7, 0}, false);
  EXPECT_EQ(lanes_.first_open(), (message_place{7, 0}));
  lanes_.passed({7, 0}, {9, 0}, true);
  EXPECT_TRUE(lanes_.empty());
  EXPECT_FALSE(lanes_.is_restless());
  EXPECT_EQ(lanes_.count(obstacle::kind::stuck), 0U);
}

TEST_F(WaitingLanes, OneOfAMessageThatCannotBeReadLetsThoseBeforeItPass) {
  const auto pair = cairn::runtime::waiting_lanes::pair_of("s/1", "t/1");
  wait(pair, stuck(""), {5, 0});
  EXPECT_FALSE(holds({4, 0}));
  EXPECT_TRUE(holds({5, 1}));
  EXPECT_FALSE(lanes_.holds({5, 1}, "s/2", "t/1")) << "another pair's";
}

TEST_F(WaitingLanes, ALeaseThatEndsMakesItDue) {
  const cairn::time_point end(5s);
  lanes_.wait("t/1", {obstacle::kind::leased, "t/1", "leased", end}, {{5, 0}, "s/1", "t/1"}, 0,
              [](unsigned) { return steady::time_point::max(); });
  EXPECT_EQ(lanes_.next_lease_end(), end);
  lanes_.make_due(end - 1us);
  EXPECT_FALSE(lanes_.take_due());
  lanes_.make_due(end);
  EXPECT_EQ(lanes_.take_due(), "t/1");
  EXPECT_FALSE(lanes_.next_lease_end());
}

} // namespace
