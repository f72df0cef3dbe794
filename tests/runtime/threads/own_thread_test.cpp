// What waits for a world says so when it is called on a world's own thread: each such call in each such place.

#include <cairn/cairn.hpp>
#include <cairn/detail/by_name/any_bulk.hpp>

#include "tests/support/held_journal.hpp"
#include "tests/support/journal_support.hpp"
#include "tests/support/sample_entities.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <system_error>

namespace {

using sample::counter;

/// Its code calls what the test sets.
struct caller {
  std::int64_t calls = 0;

  struct call {};
  struct called {};

  static std::function<void()>& inside() {
    static std::function<void()> set;
    return set;
  }

  cairn::decision<called> decide(const call& /*command*/) const {
    inside()();
    return called{};
  }
  void apply(const called& /*event*/) { ++calls; }

  using entity = cairn::entity<"caller", cairn::commands<call>>;
};

/// What a call ended with.
struct ended {
  std::error_code error;
  std::string text;
};

ended end_of(cairn::status given) { return {given.error, std::move(given.message)}; }

ended end_of(const std::optional<cairn::failed>& failure) {
  return failure ? ended{failure->error, failure->message} : ended{};
}

template <class Call>
ended thrown_by(Call call) {
  try {
    call();
  } catch (const std::system_error& thrown) {
    return {thrown.code(), thrown.what()};
  }
  return {};
}

/// A world, and a reply that will not come before the test lets it.
class OwnThread : public ::testing::Test {
protected:
  OwnThread() {
    cairn::world_options options;
    options.journal = held_.source();
    other_ = std::make_unique<cairn::world>(std::move(options));
    other_->host<counter>();
    EXPECT_TRUE(other_->entity<counter>("a").send(counter::add{1}).get());
    held_.hold();
    pending_ = std::make_unique<cairn::future<cairn::unchecked_outcome<>>>(
        other_->entity<counter>("a").send(counter::add{1}));
    held_.await_held(1);

    options = {};
    options.journal = cairn::rocksdb(directory_.path() / "data");
    options.clock = cairn::clock::stepped(cairn::time_point{});
    options.log.level = cairn::log_level::info;
    options.log.sink = [this](std::string_view /*line*/) {
      if (in_sink_) {
        in_sink_();
      }
    };
    world_ = std::make_unique<cairn::world>(std::move(options));
    world_->host<counter>();
    world_->host<caller>();
    EXPECT_TRUE(world_->entity<counter>("a").send(counter::add{1}).get());
  }
  ~OwnThread() override {
    held_.release();
    caller::inside() = nullptr;
  }

  struct named_call {
    const char* name;
    std::function<ended()> call;
  };

  std::vector<named_call> calls() {
    return {
        {"future::get", [this] { return thrown_by([this] { pending_->get(); }); }},
        {"future::wait", [this] { return thrown_by([this] { pending_->wait(); }); }},
        {"future::wait_for",
         [this] { return thrown_by([this] { pending_->wait_for(std::chrono::hours(1)); }); }},
        {"entity_ref::update",
         [this] {
           return end_of(world_->entity<counter>("a")
                             .update(3, [](const counter&, auto) { return counter::add{1}; })
                             .failure);
         }},
        {"read_all::get",
         [this] {
           cairn::read_all both(*world_);
           both.add(world_->entity<counter>("a"));
           return end_of(both.get());
         }},
        {"cairn::update_all", [this] { return end_of(update_all(false).failure); }},
        {"cairn::update_all", [this] { return end_of(update_all(true).failure); }},
        {"world::settle", [this] { return thrown_by([this] { world_->settle(); }); }},
        {"world::step", [this] { return end_of(world_->step(std::chrono::seconds(1))); }},
        {"world::preload", [this] { return end_of(world_->preload<counter>()); }},
        {"world::resend", [this] { return end_of(world_->resend(0)); }},
        {"world::backup", [this] { return end_of(world_->backup(directory_.path() / "copy")); }},
        {"world::close", [this] { return end_of(world_->close()); }},
        {"world::close", [this] { return end_of(other_->close()); }},
    };
  }

  cairn::bulk_result update_all(bool atomic) {
    return cairn::update_all<counter>(*world_, counter::add{1}, [](const counter&) { return true; },
                                      {.atomic = atomic});
  }

  /// Makes every call, which must be refused.
  void call_all() {
    EXPECT_FALSE(pending_->wait_for(std::chrono::seconds(0))); // looks only
    for (const auto& [name, call] : calls()) {
      const auto [error, text] = call();
      EXPECT_EQ(error, cairn::runtime_errc::would_block) << name;
      EXPECT_NE(text.find(std::string(name) + " waits"), std::string::npos) << text;
    }
    done_.set_value();
  }

  /// Once `begin` has led to the calls, the world goes on.
  void check(const std::function<void()>& begin) {
    begin();
    done_.get_future().wait();
    EXPECT_TRUE(world_->entity<counter>("b").send(counter::add{1}).get());
    in_sink_ = nullptr;
    EXPECT_TRUE(world_->close().ok());
  }

  cairn::testing::temporary_directory directory_;
  held_journal held_;
  std::function<void()> in_sink_;
  std::promise<void> done_;
  std::unique_ptr<cairn::world> other_;
  std::unique_ptr<cairn::future<cairn::unchecked_outcome<>>> pending_;
  std::unique_ptr<cairn::world> world_;
};

TEST_F(OwnThread, IsRefusedInDecide) {
  caller::inside() = [this] { call_all(); };
  check([this] { EXPECT_TRUE(world_->entity<caller>("a").send(caller::call{}).get()); });
}

TEST_F(OwnThread, IsRefusedInACallbackOfAChange) {
  check([this] {
    world_->entity<counter>("a").post(counter::add{1}, [this](const auto&) { call_all(); });
  });
}

TEST_F(OwnThread, IsRefusedInACallbackOfARead) {
  check([this] { world_->entity<counter>("a").post_read([this](const auto&) { call_all(); }); });
}

TEST_F(OwnThread, IsRefusedInACallbackOfATransaction) {
  check([this] {
    cairn::transaction both(*world_);
    both.send(world_->entity<counter>("a"), counter::add{1})
        .send(world_->entity<counter>("b"), counter::add{1});
    both.commit([this](const auto&) { call_all(); });
  });
}

// The caller's own thread, but the world counts the request until its callback has returned.
TEST_F(OwnThread, IsRefusedInACallbackAtTheDoor) {
  check([this] {
    world_->entity<counter>("").post(counter::add{1}, [this](const auto&) { call_all(); });
  });
}

TEST_F(OwnThread, IsRefusedInASubscription) {
  cairn::subscription subscribed;
  std::atomic<bool> first{true};
  check([&] {
    subscribed = world_->subscribe(0, [&](const cairn::change&) {
      if (first.exchange(false)) {
        call_all();
      }
    });
  });
}

TEST_F(OwnThread, IsRefusedInATick) {
  cairn::world ticking;
  ticking.host<counter>();
  std::atomic<bool> first{true};
  cairn::ticker ticks;
  check([&] {
    ticks = ticking.tick<counter>({"a"}, {.every = std::chrono::milliseconds(1)}, [&](const auto&) {
      if (first.exchange(false)) {
        call_all();
      }
      return counter::add{1};
    });
  });
}

TEST_F(OwnThread, IsRefusedInAPredicate) {
  std::atomic<bool> first{true};
  check([&] {
    cairn::update_all<counter>(*world_, counter::add{1}, [&](const counter&) {
      if (first.exchange(false)) {
        call_all();
      }
      return false;
    });
  });
}

TEST_F(OwnThread, IsRefusedInTheLogsSink) {
  std::atomic<bool> first{true};
  in_sink_ = [&] {
    if (first.exchange(false)) {
      call_all();
    }
  };
  check([this] { // a failing subscription writes a line
    auto broken =
        world_->subscribe(0, [](const cairn::change&) { throw std::runtime_error("no"); });
    while (broken.state().ok()) {
      std::this_thread::yield();
    }
  });
}

TEST_F(OwnThread, AReplyThatIsThereMayBeTaken) {
  auto reply = world_->entity<counter>("a").send(counter::add{1});
  reply.wait();
  std::promise<bool> taken;
  world_->entity<counter>("a").post_read(
      [&](const auto&) { taken.set_value(reply.wait_for(std::chrono::hours(1)) && reply.get()); });
  EXPECT_TRUE(taken.get_future().get());
}

TEST_F(OwnThread, EndingAHandleInsideDoesNotWait) {
  cairn::subscription subscribed = world_->subscribe(0, [](const cairn::change&) {});
  cairn::ticker ticks =
      world_->tick<counter>({"a"}, {}, [](const auto&) { return counter::add{1}; });
  check([&] {
    world_->entity<counter>("a").post_read([&](const auto&) {
      subscribed.stop();
      ticks.stop();
      done_.set_value();
    });
  });
}

// It has no way to fail: the process says what to do and stops.
TEST(OwnThreadDeath, DestroyingAWorldInsideStopsTheProcess) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto destroy_inside = [] {
    auto world = std::make_unique<cairn::world>();
    world->host<counter>();
    std::promise<void> never;
    world->entity<counter>("a").post(counter::add{1}, [&](const auto&) { world.reset(); });
    never.get_future().wait();
  };
  EXPECT_DEATH(destroy_inside(), "a world was destroyed where it cannot be waited for");
}

} // namespace
