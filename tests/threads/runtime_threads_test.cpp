// Directory, entity process, group commit, loader and subscriptions, driven by plain threads instead of actors:
// the form in which ThreadSanitizer sees everything.

#include <cairn/cairn.hpp>

#include "persistence/commit_inbox.hpp"
#include "persistence/group_commit.hpp"
#include "runtime/actor_runtime.hpp"
#include "runtime/directory.hpp"
#include "runtime/entity_process.hpp"
#include "runtime/world_core.hpp"
#include "tests/support/sample_entities.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

namespace {

using sample::counter;

/// Runs jobs one after the other on a thread of its own: what an actor's mailbox is to CAF.
class job_thread {
public:
  job_thread() : thread_([this] { run(); }) {}
  ~job_thread() { stop(); }

  void post(std::function<void()> job) {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
    changed_.notify_one();
  }

  void stop() {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
      changed_.notify_one();
    }
    if (thread_.joinable()) {
      thread_.join();
    }
  }

private:
  void run() {
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [this] { return ending_ || !jobs_.empty(); });
      if (jobs_.empty()) {
        return;
      }
      auto job = std::move(jobs_.front());
      jobs_.pop_front();
      lock.unlock();
      job();
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> jobs_;
  bool ending_ = false;
  std::thread thread_;
};

/// A slot whose entity runs on one of a few plain threads.
class thread_slot final : public cairn::slot {
public:
  thread_slot(std::string key, const cairn::entity_type& type, cairn::entity_host& host,
              void (*finished)(cairn::entity_host&), job_thread& thread)
      : slot(std::move(key), type),
        host_(host),
        finished_(finished),
        thread_(thread),
        process_(*this, host) {}

  void deliver(cairn::detail::request_ptr sent) override {
    thread_.post(
        [self = cairn::slot_ptr(this), this, sent = std::move(sent)] { process_.handle(sent); });
  }
  void deliver(std::shared_ptr<cairn::loaded_entity> loaded) override {
    thread_.post([self = cairn::slot_ptr(this), this, loaded = std::move(loaded)] {
      process_.handle(*loaded);
    });
  }
  void deliver_passivation() override {
    thread_.post([self = cairn::slot_ptr(this), this] { process_.try_passivate(); });
  }
  void deliver_exit() override {}
  void finished() noexcept override {
    cairn::entity_host& host = host_;
    const auto tell_host = finished_;
    leave();
    tell_host(host);
  }

protected:
  void on_lost(std::uint64_t activation) override {
    thread_.post(
        [self = cairn::slot_ptr(this), this, activation] { process_.handle_loss(activation); });
  }

private:
  cairn::entity_host& host_;
  void (*finished_)(cairn::entity_host&);
  job_thread& thread_;
  cairn::entity_process process_;
};

/// An actor runtime without actors.
class thread_runtime final : public cairn::actor_runtime {
public:
  explicit thread_runtime(cairn::actor_surroundings around) : around_(std::move(around)) {
    around_.commit.post = [this](cairn::append_result result) {
      persistence_.post([this, result = std::move(result)] {
        commit_->resume(result);
        go_on();
      });
    };
    commit_ = std::make_unique<cairn::group_commit>(*around_.journal, around_.commit);
  }

  cairn::slot_ptr spawn_entity(std::string_view key, const cairn::entity_type& type) override {
    auto& thread = entities_[next_.fetch_add(1) % entities_.size()];
    return new thread_slot(std::string(key), type, *around_.host, around_.finished, thread);
  }
  void hand_over(cairn::detail::request_ptr decided) override {
    if (inbox_.push(std::move(decided))) {
      persistence_.post([this] { flush(); });
    }
  }
  void sync() override {
    persistence_.post([this] { commit_->sync(); });
  }
  void stop(const std::vector<cairn::slot_ptr>& /*entities*/) override {
    for (auto& thread : entities_) {
      thread.stop();
    }
    persistence_.stop();
  }

private:
  void flush() {
    inbox_.take([this](cairn::detail::request_ptr handed) { commit_->add(std::move(handed)); });
    commit_->flush();
    go_on();
  }

  void go_on() {
    if (commit_->wants_flush()) {
      persistence_.post([this] { flush(); });
    }
  }

  cairn::actor_surroundings around_;
  std::unique_ptr<cairn::group_commit> commit_;
  cairn::commit_inbox inbox_;
  std::atomic<std::size_t> next_{0};
  job_thread persistence_;
  std::array<job_thread, 3> entities_;
};

cairn::world make_thread_world(cairn::world_options options) {
  return cairn::world(std::make_unique<cairn::detail::world_core>(
      std::move(options),
      [](cairn::actor_surroundings around) -> std::unique_ptr<cairn::actor_runtime> {
        return std::make_unique<thread_runtime>(std::move(around));
      }));
}

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
class resting_slot final : public cairn::slot {
public:
  using slot::slot;
  void deliver(cairn::detail::request_ptr /*sent*/) override {}
  void deliver(std::shared_ptr<cairn::loaded_entity> /*loaded*/) override {}
  void deliver_passivation() override {
    if (try_leave()) {
      owner->erase(*this);
    }
  }
  void deliver_exit() override {}
  void finished() noexcept override { leave(); }

  cairn::directory* owner = nullptr;

protected:
  void on_lost(std::uint64_t /*activation*/) override {}
};

// Invariant 11: a slot that was entered is never closed, and a closed one is never entered.
TEST(RuntimeThreads, TheDirectoryNeverHandsOutAClosedSlot) {
  cairn::directory* self = nullptr;
  cairn::directory entities({64, 1'000}, [&](std::string_view key, const cairn::entity_type& type) {
    auto* made = new resting_slot(std::string(key), type);
    made->owner = self;
    return cairn::slot_ptr(made);
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
        cairn::slot_ptr found;
        const std::string key = "counter/" + std::to_string(i % 40);
        const cairn::detail::entity_address address(key, cairn::type_descriptor<counter>());
        if (entities.enter(address, found) == cairn::directory::entry::entered) {
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
