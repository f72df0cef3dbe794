// How a world's entities share its threads.

#include <cairn/cairn.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;

/// Where decisions wait for one another.
class meeting {
public:
  void want(int count) {
    const std::lock_guard lock(mutex_);
    wanted_ = count;
    here_ = 0;
  }

  void come() {
    const std::lock_guard lock(mutex_);
    ++here_;
    more_.notify_all();
  }

  /// Waits for the others; false: they did not come.
  bool meet() {
    come();
    std::unique_lock lock(mutex_);
    return more_.wait_for(lock, 10s, [this] { return here_ >= wanted_; });
  }

private:
  std::mutex mutex_;
  std::condition_variable more_;
  int here_ = 0;
  int wanted_ = 0;
};

meeting meeting_place;

/// Its decisions take as long as their threads let them.
struct patient {
  bool met = false;

  struct wait {};
  struct pass {};
  struct waited {
    bool met = false;
  };

  static cairn::decision<waited> decide(const wait& /*command*/) {
    return waited{meeting_place.meet()};
  }
  static cairn::decision<waited> decide(const pass& /*command*/) {
    meeting_place.come();
    return waited{true};
  }
  void apply(const waited& event) { met = event.met; }

  using entity =
      cairn::entity<"patient",
                    cairn::commands<cairn::named<"wait", wait>, cairn::named<"pass", pass>>,
                    cairn::events<cairn::named<"waited", waited>>>;
};
BOOST_DESCRIBE_STRUCT(patient, (), (met))
BOOST_DESCRIBE_STRUCT(patient::wait, (), ())
BOOST_DESCRIBE_STRUCT(patient::pass, (), ())
BOOST_DESCRIBE_STRUCT(patient::waited, (), (met))

cairn::world_options on_threads(unsigned count) {
  cairn::world_options options;
  options.entity_threads = count;
  return options;
}

TEST(EntityThreads, AllOfThemWorkAtOnce) {
  cairn::world world(on_threads(4));
  world.host<patient>();
  for (int round = 0; round < 20; ++round) {
    meeting_place.want(4);
    std::vector<cairn::future<cairn::unchecked_outcome<>>> sent;
    for (int i = 0; i < 4; ++i) {
      sent.push_back(world.entity<patient>(std::to_string(i)).send(patient::wait{}));
    }
    for (auto& reply : sent) {
      ASSERT_TRUE(reply.get());
    }
    for (int i = 0; i < 4; ++i) {
      ASSERT_TRUE(world.entity<patient>(std::to_string(i)).read().get().state.met) << round;
    }
  }
}

TEST(EntityThreads, OneThatTakesLongHoldsOnlyItsThread) {
  cairn::world world(on_threads(2));
  world.host<patient>();
  for (int round = 0; round < 20; ++round) {
    meeting_place.want(101);
    auto waiting = world.entity<patient>("slow").send(patient::wait{});
    for (int i = 0; i < 100; ++i) { // one after the other: all go past the one that waits for them
      ASSERT_TRUE(world.entity<patient>(std::to_string(i)).send(patient::pass{}).get());
    }
    ASSERT_TRUE(waiting.get());
    ASSERT_TRUE(world.entity<patient>("slow").read().get().state.met) << round;
  }
}

} // namespace
