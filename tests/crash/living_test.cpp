// Kills a process at each point between the decision that sends a message or sets a timer and the acknowledgement of
// what it led to, early and late, over and over on one directory; then lets it run to its end, and checks that each
// message and each timer took effect exactly once.

#include "tests/crash/living.hpp"

#include <cairn/cairn.hpp>
#include <cairn/journal.hpp>

#include "tests/support/living_entities.hpp"

#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

namespace {

using sample::bell;
using sample::till;

class LivingCrash : public ::testing::TestWithParam<unsigned> {
protected:
  LivingCrash() {
    std::string pattern = (std::filesystem::temp_directory_path() / "cairn-living-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
  }
  ~LivingCrash() override { std::filesystem::remove_all(directory_); }

  /// How the child ended: as `waitpid` says.
  int run(unsigned point, unsigned times) const {
    std::vector<std::string> words{"crash_tests", "--living", directory_ + "/data",
                                   std::to_string(point), std::to_string(times)};
    std::vector<char*> arguments;
    for (auto& word : words) {
      arguments.push_back(word.data());
    }
    arguments.push_back(nullptr);
    pid_t child = 0;
    EXPECT_EQ(::posix_spawn(&child, "/proc/self/exe", nullptr, nullptr, arguments.data(), environ),
              0);
    int ended = 0;
    EXPECT_EQ(::waitpid(child, &ended, 0), child);
    return ended;
  }

  void check() const {
    cairn::world_options options;
    options.journal = cairn::rocksdb(directory_ + "/data");
    cairn::world world(std::move(options));
    world.host<till>();
    world.host<bell>();
    const auto bank = world.entity<till>("bank").read().get().state;
    const auto shop = world.entity<till>("shop").read().get().state;
    std::int64_t posted = 0;
    for (int i = 0; i < living_posts; ++i) {
      posted += i % 4 == 3 ? 0 : 1 + i % 3;
    }
    EXPECT_EQ(shop.coins, posted);
    EXPECT_EQ(shop.got.size(), std::size_t{living_posts - living_posts / 4});
    EXPECT_EQ(bank.coins, living_coins - posted);
    EXPECT_EQ(bank.came_back, living_posts / 4);
    const auto clock = world.entity<bell>("clock").read().get();
    EXPECT_EQ(clock.state.rings, living_timers - living_timers / 7);
    EXPECT_EQ(clock.version, 2U * living_timers);
    cairn::verify_report report;
    const auto verified = cairn::verify_journal(world.journal(), report);
    EXPECT_TRUE(verified.ok()) << verified.message;
    bool empty = true;
    EXPECT_TRUE(
        world.journal().agenda("g", "\x7f", [&](std::string_view) { return empty = false; }).ok());
    EXPECT_TRUE(empty) << "something is still to be done";
  }

  std::string directory_;
};

TEST_P(LivingCrash, EachMessageAndTimerTakesEffectOnce) {
  int kills = 0;
  for (const unsigned times : {1U, 2U, 5U, 13U, 30U}) {
    const int ended = run(GetParam(), times);
    kills += WIFSIGNALED(ended) ? 1 : 0;
    ASSERT_TRUE(WIFSIGNALED(ended) || WEXITSTATUS(ended) == 0) << WEXITSTATUS(ended);
  }
  EXPECT_GE(kills, 2) << "the point was hardly ever passed";
  ASSERT_EQ(run(0, 0), 0);
  check();
  ASSERT_EQ(run(0, 0), 0) << "once more changes nothing";
  check();
}

std::string name_of_point(const ::testing::TestParamInfo<unsigned>& point) {
  static const std::vector<std::string> names{"Decided",    "Batched",   "Synced",
                                              "Dispatched", "Delivered", "Acknowledged"};
  return names[point.param];
}

INSTANTIATE_TEST_SUITE_P(Points, LivingCrash, ::testing::Range(0U, 6U), name_of_point);

} // namespace
