// Directory, entity process, group commit, loader and subscriptions, driven by plain threads instead of actors:
// the form in which ThreadSanitizer sees everything.

#include <cairn/cairn.hpp>

#include "runtime/entity/slot.hpp"
#include "runtime/world/directory.hpp"
#include "tests/support/sample_entities.hpp"
#include "tests/support/thread_world.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace {

using cairn::testing::make_thread_world;
using sample::counter;

void send_from_many_threads(cairn::world& world) {
  world.host<counter>();
  std::atomic<std::size_t> delivered{0};
  auto subscribed = world.subscribe(0, [&](const cairn::change&) { ++delivered; });
  constexpr int senders = 4;
  constexpr int rounds = 300;
  std::vector<std::thread> threads;
  for (int sender = 0; sender < senders; ++sender) {
    threads.emplace_back([&, sender] {
      for (int round = 0; round < rounds; ++round) {
        const auto own = world.entity<counter>("own-" + std::to_string(sender));
        const auto shared = world.entity<counter>("shared-" + std::to_string(round % 5));
        auto first = own.send(counter::add{1}, cairn::at(static_cast<cairn::version_type>(round)));
        auto second = shared.send(
            counter::add{1}, {"id-" + std::to_string(sender) + "-" + std::to_string(round), {}});
        EXPECT_TRUE(first.get());
        EXPECT_TRUE(second.get());
        EXPECT_GE(shared.read().get().version, 1U);
        cairn::listing listed;
        EXPECT_TRUE(world.list("counter", "", 10, listed).ok());
      }
    });
  }
  for (auto& thread : threads) {
    thread.join();
  }
  std::int64_t sum = 0;
  for (int i = 0; i < 5; ++i) {
    sum += world.entity<counter>("shared-" + std::to_string(i)).read().get().state.value;
  }
  EXPECT_EQ(sum, senders * rounds);
  while (delivered < static_cast<std::size_t>(senders * rounds * 2)) {
    std::this_thread::yield();
  }
}

TEST(RuntimeThreads, SendingReadingListingAndSubscribingAtOnce) {
  auto world = make_thread_world({});
  send_from_many_threads(world);
}

TEST(RuntimeThreads, TheSameWhileSomebodyLooksAtTheMetrics) {
  auto world = make_thread_world({});
  std::atomic<bool> ends{false};
  std::size_t looks = 0;
  std::thread looking([&] {
    while (!ends || looks == 0) {
      EXPECT_NE(world.metrics().find("cairn_journal_position"), std::string::npos);
      ++looks;
    }
  });
  send_from_many_threads(world);
  ends = true;
  looking.join();
  const auto last = world.metrics();
  EXPECT_NE(last.find("cairn_commands_total{type=\"counter\",outcome=\"accepted\"} 2400\n"),
            std::string::npos)
      << last;
}

TEST(RuntimeThreads, TheSameWhileEntitiesComeAndGo) {
  cairn::world_options options;
  options.limits.idle_time = std::chrono::milliseconds(1);
  auto world = make_thread_world(std::move(options));
  send_from_many_threads(world);
  while (world.counts().resident > 0) {
    std::this_thread::yield(); // whether one left before was a matter of chance; now all have
  }
  const auto before = world.counts().activations;
  EXPECT_GE(before, 9U);
  EXPECT_GE(world.entity<counter>("shared-0").read().get().version, 1U);
  EXPECT_GT(world.counts().activations, before);
}

TEST(RuntimeThreads, ClosingWhileOthersSend) {
  auto world = make_thread_world({});
  world.host<counter>();
  std::vector<std::thread> threads;
  std::atomic<std::uint64_t> accepted{0};
  for (int sender = 0; sender < 3; ++sender) {
    threads.emplace_back([&] {
      const auto entity = world.entity<counter>("a");
      for (;;) {
        const auto outcome = entity.send(counter::add{1}).get();
        if (!outcome) {
          EXPECT_EQ(outcome.failed()->error, cairn::runtime_errc::shutting_down);
          return;
        }
        ++accepted;
      }
    });
  }
  while (accepted < 100) {
    std::this_thread::yield();
  }
  EXPECT_TRUE(world.close().ok());
  for (auto& thread : threads) {
    thread.join();
  }
}

// What is due for one type is under way while the next is hosted.
TEST(RuntimeThreads, TypesAreHostedWhileOthersSend) {
  for (int round = 0; round < 20; ++round) {
    auto world = make_thread_world({});
    world.host<counter>();
    std::atomic<bool> ends{false};
    std::atomic<int> sent{0};
    std::thread sending([&] {
      const auto entity = world.entity<counter>("a");
      while (!ends) {
        EXPECT_TRUE(entity.send(counter::add{1}).get());
        ++sent;
      }
    });
    while (sent < 3) {
      std::this_thread::yield();
    }
    world.host<sample::dice>();
    world.host<sample::form>();
    world.host<sample::tally>();
    ends = true;
    sending.join();
    EXPECT_EQ(world.types().size(), 4U);
    EXPECT_EQ(world.entity<counter>("a").read().get().version,
              static_cast<cairn::version_type>(sent.load()));
  }
}

/// Keeps requests until the test looks.
class resting_slot final : public cairn::runtime::slot {
public:
  using slot::slot;
  void deliver(cairn::detail::request_ptr /*sent*/) override {}
  void deliver(std::shared_ptr<cairn::runtime::loaded_entity> /*loaded*/) override {}
  void deliver_passivation() override {
    if (try_leave()) {
      owner->erase(*this);
    }
  }
  void deliver_exit() override {}
  void finished(std::size_t /*counted_bytes*/) noexcept override { leave(); }

  cairn::runtime::directory* owner = nullptr;

protected:
  void on_lost(std::uint64_t /*activation*/) override {}
};

// Invariant 11: a slot that was entered is never closed, and a closed one is never entered.
TEST(RuntimeThreads, TheDirectoryNeverHandsOutAClosedSlot) {
  cairn::runtime::directory* self = nullptr;
  cairn::runtime::directory entities({64, 1'000},
                                     [&](std::string_view key, const cairn::entity_type& type) {
                                       auto* made = new resting_slot(std::string(key), type);
                                       made->owner = self;
                                       return cairn::runtime::slot_ptr(made);
                                     });
  self = &entities;
  std::atomic<bool> ending{false};
  std::thread sweeper([&] {
    while (!ending) {
      entities.tick();
      entities.sweep(0);
    }
  });
  std::vector<std::thread> senders;
  std::atomic<std::uint64_t> entered{0};
  for (int sender = 0; sender < 3; ++sender) {
    senders.emplace_back([&] {
      for (int i = 0; i < 5'000; ++i) {
        cairn::runtime::slot_ptr found;
        const std::string key = "counter/" + std::to_string(i % 40);
        const cairn::detail::entity_address address(key, cairn::type_descriptor<counter>());
        if (entities.enter(address, found) == cairn::runtime::directory::entry::entered) {
          EXPECT_FALSE(found->is_closed());
          EXPECT_EQ(found->key(), key);
          ++entered;
          found->leave();
        }
      }
    });
  }
  for (auto& sender : senders) {
    sender.join();
  }
  ending = true;
  sweeper.join();
  EXPECT_GT(entered, 10'000U);
  entities.sweep(0);
  EXPECT_EQ(entities.size(), 0U);
}

} // namespace
