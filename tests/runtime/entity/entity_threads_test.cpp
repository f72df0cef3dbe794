// How a world's entities share its threads.

#include <cairn/cairn.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <future>
#include <mutex>
#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;

/// Where decisions wait for one another.
class meeting {
public:
  void begin() {
    const std::lock_guard lock(mutex_);
    here_ = 0;
  }

  void come() {
    const std::lock_guard lock(mutex_);
    ++here_;
    more_.notify_all();
  }

  /// Waits until so many are there, without coming.
  bool see(int wanted) {
    std::unique_lock lock(mutex_);
    return more_.wait_for(lock, 10s, [&] { return here_ >= wanted; });
  }

  /// Comes, and waits until so many are there; false: they did not come.
  bool meet(int wanted) {
    come();
    return see(wanted);
  }

private:
  std::mutex mutex_;
  std::condition_variable more_;
  int here_ = 0;
};

meeting meeting_place;

/// Its decisions take as long as their threads let them.
struct patient {
  bool met = false;

  struct wait {
    int count = 0;
  };
  struct pass {};
  struct waited {
    bool met = false;
  };

  static cairn::decision<waited> decide(const wait& command) {
    return waited{meeting_place.meet(command.count)};
  }
  static cairn::decision<waited> decide(const pass& /*command*/) {
    meeting_place.come();
    return waited{true};
  }
  void apply(const waited& event) { met = event.met; }

  using entity = cairn::entity<"patient", cairn::commands<wait, pass>>;
};

cairn::world_options on_threads(unsigned count) {
  cairn::world_options options;
  options.entity_threads = count;
  return options;
}

TEST(EntityThreads, AllOfThemWorkAtOnce) {
  cairn::world world(on_threads(4));
  world.host<patient>();
  for (int round = 0; round < 20; ++round) {
    meeting_place.begin();
    std::vector<cairn::future<cairn::unchecked_outcome<>>> sent;
    sent.reserve(4);
    for (int i = 0; i < 4; ++i) {
      sent.push_back(world.entity<patient>(std::to_string(i)).send(patient::wait{4}));
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
    meeting_place.begin();
    auto waiting = world.entity<patient>("slow").send(patient::wait{101});
    for (int i = 0; i < 100; ++i) { // one after the other: all go past the one that waits for them
      ASSERT_TRUE(world.entity<patient>(std::to_string(i)).send(patient::pass{}).get());
    }
    ASSERT_TRUE(waiting.get());
    ASSERT_TRUE(world.entity<patient>("slow").read().get().state.met) << round;
  }
}

TEST(EntityThreads, WhatWaitsBehindOneThatTakesLongIsRunByOthers) {
  cairn::world world(on_threads(2));
  world.host<patient>();
  constexpr int others = 40;
  for (int round = 0; round < 5; ++round) {
    meeting_place.begin();
    std::vector<cairn::future<cairn::unchecked_outcome<>>> sent;
    const auto send = [&](const std::string& id, auto command) {
      sent.push_back(world.entity<patient>(id).send(command));
    };
    send("a", patient::wait{3});
    send("b", patient::wait{3});
    ASSERT_TRUE(meeting_place.see(2)); // both threads are taken
    // What comes now is in line, with one that waits for all others.
    send("slow", patient::wait{3 + 1 + others});
    for (int i = 0; i < others; ++i) {
      send(std::to_string(i), patient::pass{});
    }
    meeting_place.come();
    for (auto& reply : sent) {
      ASSERT_TRUE(reply.get());
    }
    ASSERT_TRUE(world.entity<patient>("slow").read().get().state.met) << round;
  }
}

TEST(EntityThreads, AChainOfReadsDoesNotKeepOthersOut) {
  std::atomic<bool> ended{false};
  std::promise<void> passed;
  std::size_t reads = 0; // on the entities' one thread
  cairn::world world(on_threads(1));
  world.host<patient>();
  const std::array<cairn::entity_ref<patient>, 2> read{world.entity<patient>("one"),
                                                       world.entity<patient>("two")};
  const auto other = world.entity<patient>("other");
  for (const auto& each : {read[0], read[1], other}) {
    ASSERT_EQ(each.read().get().version, 0U); // in memory from here on
  }
  std::function<void()> again = [&] { // from the last one's reply
    read[++reads % 2].post_read([&](const cairn::reading<patient>&) {
      if (!ended) {
        again();
      }
    });
  };
  again();
  other.post(patient::pass{}, [&](const auto&) { passed.set_value(); });
  EXPECT_EQ(passed.get_future().wait_for(10s), std::future_status::ready);
  ended = true;
}

} // namespace
