#include <cairn/cairn.hpp>

#include "tests/support/held_journal.hpp"
#include "tests/support/sample_entities.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace {

using sample::counter;

/// Collects positions, and can be made slow.
class collector {
public:
  void take(const cairn::change& committed) {
    std::unique_lock lock(mutex_);
    positions_.push_back(committed.position);
    changed_.notify_all();
    changed_.wait(lock, [this] { return !blocked_; });
  }
  void block(bool blocked) {
    const std::lock_guard lock(mutex_);
    blocked_ = blocked;
    changed_.notify_all();
  }
  std::vector<cairn::position_type> await(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return positions_.size() >= count; });
    return positions_;
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<cairn::position_type> positions_;
  bool blocked_ = false;
};

std::vector<cairn::position_type> counting(cairn::position_type from, cairn::position_type to) {
  std::vector<cairn::position_type> all;
  for (auto position = from; position < to; ++position) {
    all.push_back(position);
  }
  return all;
}

TEST(Subscription, DeliversFromAnyPositionAndThenLive) {
  cairn::world world;
  world.host<counter>();
  for (int i = 0; i < 600; ++i) {
    EXPECT_TRUE(world.entity<counter>(std::to_string(i % 3)).send(counter::add{1}).get());
  }
  collector all;
  collector tail;
  auto from_start =
      world.subscribe(0, [&](const cairn::change& committed) { all.take(committed); });
  auto from_middle =
      world.subscribe(590, [&](const cairn::change& committed) { tail.take(committed); });
  EXPECT_EQ(all.await(600), counting(0, 600));
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(world.entity<counter>("live").send(counter::add{1}).get());
  }
  EXPECT_EQ(all.await(605), counting(0, 605));
  EXPECT_EQ(tail.await(15), counting(590, 605));
  EXPECT_EQ(from_start.state().ok(), true);
}

TEST(Subscription, ASlowSubscriberSkipsNothingAndHoldsNobodyUp) {
  cairn::world world;
  world.host<counter>();
  collector slow;
  slow.block(true);
  auto subscribed =
      world.subscribe(0, [&](const cairn::change& committed) { slow.take(committed); });
  for (int i = 0; i < 2'000; ++i) {
    EXPECT_TRUE(world.entity<counter>("a").send(counter::add{1}).get());
  }
  EXPECT_LE(slow.await(1).size(), 1U);
  slow.block(false);
  EXPECT_EQ(slow.await(2'000), counting(0, 2'000));
}

// Invariant 3: a subscription is a reply too.
TEST(Subscription, NothingIsDeliveredBeforeItIsDurable) {
  held_journal journal;
  cairn::world_options options;
  options.journal = journal.source();
  cairn::world world(std::move(options));
  world.host<counter>();
  collector seen;
  auto subscribed =
      world.subscribe(0, [&](const cairn::change& committed) { seen.take(committed); });
  EXPECT_TRUE(world.entity<counter>("a").send(counter::add{1}).get());
  EXPECT_EQ(seen.await(1).size(), 1U);
  journal.hold();
  auto held = world.entity<counter>("a").send(counter::add{1});
  journal.await_held(1);
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (subscribed.next() == 0 && std::chrono::steady_clock::now() < until) {
    std::this_thread::yield(); // it goes on when the call has returned
  }
  EXPECT_EQ(subscribed.next(), 1U);
  EXPECT_EQ(seen.await(1).size(), 1U);
  journal.release();
  EXPECT_EQ(seen.await(2), counting(0, 2));
  EXPECT_TRUE(held.get());
}

TEST(Subscription, CanBeStoppedFromItsOwnCallAndFromOutside) {
  cairn::world world;
  world.host<counter>();
  collector seen;
  cairn::subscription own;
  std::mutex ready;
  {
    const std::lock_guard lock(ready);
    own = world.subscribe(0, [&](const cairn::change& committed) {
      const std::lock_guard wait(ready);
      own.stop();
      seen.take(committed);
    });
  }
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(world.entity<counter>("a").send(counter::add{1}).get());
  }
  EXPECT_EQ(seen.await(1).size(), 1U);
  own.stop();
  EXPECT_EQ(own.next(), 1U);
}

// Invariant 12.
TEST(Subscription, MayBeDestroyedInItsOwnCall) {
  cairn::world world;
  world.host<counter>();
  collector seen;
  const auto held = std::make_shared<int>(0);
  std::mutex ready;
  auto own = std::make_unique<cairn::subscription>();
  {
    const std::lock_guard lock(ready);
    *own = world.subscribe(0, [&, kept = std::weak_ptr(held), held = held](const auto& committed) {
      const std::lock_guard wait(ready);
      own.reset();
      // What the call holds is there until it has returned.
      EXPECT_EQ(kept.use_count(), held.use_count());
      EXPECT_EQ(held.use_count(), 2);
      seen.take(committed);
    });
  }
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(world.entity<counter>("a").send(counter::add{1}).get());
  }
  seen.await(1);
  EXPECT_TRUE(world.close().ok()); // waits for its thread
  EXPECT_EQ(seen.await(1), counting(0, 1));
  EXPECT_EQ(held.use_count(), 1);
}

TEST(Subscription, OneThatHoldsItselfEndsAndLetsGo) {
  cairn::world world;
  world.host<counter>();
  const auto held = std::make_shared<int>(0);
  auto own = std::make_shared<cairn::subscription>();
  *own = world.subscribe(0, [held, own](const cairn::change&) { own->stop(); });
  own.reset();
  EXPECT_TRUE(world.entity<counter>("a").send(counter::add{1}).get());
  EXPECT_TRUE(world.close().ok());
  EXPECT_EQ(held.use_count(), 1);
}

TEST(Subscription, TwoThatEndEachOtherDoNotWaitForEachOther) {
  cairn::world world;
  world.host<counter>();
  cairn::subscription one;
  cairn::subscription other;
  std::mutex ready;
  std::atomic<int> inside{0};
  const auto end = [&](cairn::subscription& which) {
    return [&](const cairn::change&) {
      { const std::lock_guard wait(ready); }
      ++inside;
      while (inside < 2) { // both are in their calls
        std::this_thread::yield();
      }
      which.stop();
    };
  };
  {
    const std::lock_guard lock(ready);
    one = world.subscribe(0, end(other));
    other = world.subscribe(0, end(one));
  }
  EXPECT_TRUE(world.entity<counter>("a").send(counter::add{1}).get());
  while (inside < 2) { // a world that closes delivers nothing any more
    std::this_thread::yield();
  }
  EXPECT_TRUE(world.close().ok());
}

TEST(Subscription, SubscribingInACallWhileTheWorldClosesIsRefused) {
  std::atomic<bool> closing{false};
  std::atomic<bool> called{false};
  cairn::status told;
  cairn::world world;
  world.host<counter>();
  const auto entity = world.entity<counter>("a");
  auto first = world.subscribe(0, [&](const cairn::change&) {
    called = true;
    while (!closing) {
      entity.post_read([&](const auto& read) {
        closing =
            closing || (read.failure && read.failure->error == cairn::runtime_errc::shutting_down);
      });
      std::this_thread::yield();
    }
    told = world.subscribe(0, [](const cairn::change&) {}).state();
  });
  EXPECT_TRUE(entity.send(counter::add{1}).get());
  while (!called) {
    std::this_thread::yield();
  }
  EXPECT_TRUE(world.close().ok());
  EXPECT_EQ(told.error, cairn::runtime_errc::shutting_down);
}

TEST(Subscription, MayOutliveItsWorld) {
  collector seen;
  cairn::subscription subscribed;
  {
    cairn::world world;
    world.host<counter>();
    subscribed = world.subscribe(0, [&](const cairn::change& committed) { seen.take(committed); });
    EXPECT_TRUE(world.entity<counter>("a").send(counter::add{1}).get());
    seen.await(1);
  }
  EXPECT_EQ(subscribed.next(), 1U);
  subscribed.stop();
}

TEST(Subscription, OneThatThrowsEndsAndSaysWhere) {
  cairn::world world;
  world.host<counter>();
  collector seen;
  auto broken = world.subscribe(0, [&](const cairn::change& committed) {
    if (committed.position == 1) {
      throw std::runtime_error("full");
    }
  });
  auto other = world.subscribe(0, [&](const cairn::change& committed) { seen.take(committed); });
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(world.entity<counter>("a").send(counter::add{1}).get());
  }
  seen.await(3);
  while (broken.state().ok()) {
    std::this_thread::yield();
  }
  EXPECT_EQ(broken.state().message, "the subscriber threw at position 1: full");
  EXPECT_EQ(broken.next(), 1U);
}

} // namespace
