// Who answers many at once does so a few at a time: entities with a backlog, ticks of large groups.

#include <cairn/cairn.hpp>

#include "runtime/agenda/tick_group.hpp"
#include "runtime/entity/request_line.hpp"
#include "tests/support/held_journal.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <vector>

namespace slices {

/// Tells when it decides; a test may look at it, and hold it up.
struct worker {
  static inline std::atomic<int> done{0};
  static inline std::function<void(int)> on_work{};

  std::int64_t works = 0;

  struct work {
    std::int64_t number = 0;
  };
  struct worked {};
  cairn::decision<worked> decide(const work& c) const {
    ++done;
    if (on_work) {
      on_work(static_cast<int>(c.number));
    }
    return {worked{}};
  }
  void apply(const worked& /*event*/) { ++works; }

  using entity = cairn::entity<"worker", cairn::commands<work>>;
};

} // namespace slices

namespace {

using slices::worker;

/// At most so many in a row while others wait: a slice, and one more that was under way.
constexpr int in_a_row_max = 2 * 64;
constexpr int crowd = 1'000;

class Slices : public ::testing::Test {
protected:
  Slices() {
    worker::on_work = nullptr;
    worker::done = 0;
  }
  ~Slices() override {
    world_.reset();
    worker::on_work = nullptr;
  }

  void open(unsigned threads) {
    cairn::world_options options;
    options.journal = journal_.source();
    options.entity_threads = threads;
    world_ = std::make_unique<cairn::world>(std::move(options));
    world_->host<worker>();
  }
  cairn::entity_ref<worker> entity(const std::string& id) { return world_->entity<worker>(id); }

  held_journal journal_;
  std::unique_ptr<cairn::world> world_;
};

// With one thread: what another entity is sent while the first of a backlog is decided comes after a few more.
TEST_F(Slices, AnEntityThatWasLoadedLetsOthersIn) {
  open(1);
  ASSERT_TRUE(entity("other").send(worker::work{0}).get());
  worker::done = 0;
  journal_.hold_reading("worker/hot");
  std::atomic<int> answered{0};
  std::vector<int> order;
  const auto hot = entity("hot");
  for (int i = 1; i <= crowd; ++i) {
    hot.post(worker::work{i}, [&](const auto& given) { answered += given ? 1 : 0; });
  }
  std::promise<int> others_turn;
  const auto other = entity("other");
  worker::on_work = [&](int number) {
    if (number == -1) {
      others_turn.set_value(worker::done);
    } else {
      order.push_back(number);
    }
    if (number == 1) {
      other.post(worker::work{-1}, [](const auto&) {});
    }
  };
  journal_.hold_reading("");
  EXPECT_LE(others_turn.get_future().get(), in_a_row_max);
  EXPECT_EQ(hot.read().get().state.works, crowd);
  ASSERT_EQ(order.size(), static_cast<std::size_t>(crowd)); // invariant 11: and in order
  for (int i = 0; i < crowd; ++i) {
    ASSERT_EQ(order[static_cast<std::size_t>(i)], i + 1);
  }
  world_->settle();
  EXPECT_TRUE(world_->close().ok());
  EXPECT_EQ(answered, crowd);
}

// So do those who are told that it cannot be loaded; who comes meanwhile has it tried again.
TEST_F(Slices, AnEntityThatCannotBeLoadedLetsOthersIn) {
  open(1);
  ASSERT_TRUE(entity("other").send(worker::work{0}).get());
  worker::done = 0;
  journal_.hold_reading("worker/hot");
  journal_.fail_reading("worker/hot");
  std::atomic<int> failed{0};
  std::promise<int> others_turn;
  const auto other = entity("other");
  worker::on_work = [&](int number) {
    if (number == -1) {
      others_turn.set_value(failed);
    }
  };
  const auto hot = entity("hot");
  for (int i = 1; i <= crowd; ++i) {
    hot.post(worker::work{i}, [&](const auto& given) {
      failed += given.failed() != nullptr ? 1 : 0;
      if (failed == 1) {
        journal_.fail_reading("");
        other.post(worker::work{-1}, [](const auto&) {});
      }
    });
  }
  journal_.hold_reading("");
  EXPECT_LE(others_turn.get_future().get(), in_a_row_max);
  EXPECT_TRUE(hot.send(worker::work{0}).get());
  EXPECT_EQ(failed, crowd);
}

// What comes while a transaction holds an entity waits; let go, it does not keep its thread to itself.
TEST_F(Slices, AnEntityThatATransactionLetsGoLetsOthersIn) {
  open(2);
  for (const char* id : {"a", "b", "other"}) {
    ASSERT_TRUE(entity(id).send(worker::work{0}).get());
  }
  worker::done = 0;
  std::promise<void> held;
  std::promise<void> go_on;
  std::promise<int> others_turn;
  const auto other = entity("other");
  std::atomic<int> of_a{0};
  worker::on_work = [&, may_go_on = go_on.get_future().share()](int number) {
    if (number == -2) { // the transaction at `b`: `a` is held
      held.set_value();
      may_go_on.wait();
    } else if (number == -1) {
      others_turn.set_value(of_a);
    } else if (number > 0 && ++of_a == 1) {
      other.post(worker::work{-1}, [](const auto&) {});
    }
  };
  cairn::transaction both(*world_);
  both.send(entity("a"), worker::work{0}).send(entity("b"), worker::work{-2});
  auto committed = both.commit();
  held.get_future().wait();
  const auto a = entity("a");
  std::atomic<int> answered{0};
  for (int i = 1; i <= crowd; ++i) {
    a.post(worker::work{i}, [&](const auto& given) { answered += given ? 1 : 0; });
  }
  go_on.set_value();
  EXPECT_TRUE(committed.get());
  EXPECT_LE(others_turn.get_future().get(), crowd / 2) << "one of two threads is free at any time";
  EXPECT_EQ(a.read().get().state.works, crowd + 2);
  EXPECT_TRUE(world_->close().ok());
  EXPECT_EQ(answered, crowd);
}

// Each answered at once, as by a world that has too much to do.
TEST(TickGroup, SendsAFewAtATimeAndIsToldToGoOn) {
  constexpr std::size_t entities = 1'000;
  std::size_t sent = 0;
  std::size_t told = 0;
  auto time = cairn::clock::stepped(cairn::time_point{});
  const auto group = std::make_shared<cairn::runtime::tick_group>(
      entities, cairn::tick_options{.every = std::chrono::seconds(1)}, time,
      [&](std::size_t /*index*/, const cairn::tick& /*now*/, std::function<void(bool)> then) {
        ++sent;
        then(false);
      },
      [&] { ++told; }, [](const std::string& /*thrown*/) {});
  time.set(cairn::time_point(std::chrono::seconds(1)));
  group->begin_due();
  EXPECT_LE(sent, 64U);
  std::size_t rounds = 0;
  for (; group->is_running() && rounds < entities; ++rounds) {
    EXPECT_EQ(told, rounds + 1) << "somebody is told that there is more";
    group->go_on();
  }
  EXPECT_EQ(sent, entities);
  EXPECT_EQ(group->counts().refused, entities);
  EXPECT_EQ(group->counts().ticks, 1U);
}

class noted_request final : public cairn::detail::request {
public:
  explicit noted_request(int given) : number(given) {}
  void complete() noexcept override {}
  int number;
};

TEST(RequestLine, KeepsTheOrderHoweverManyComeAndGo) {
  cairn::runtime::request_line line;
  int pushed = 0;
  int popped = 0;
  for (int round = 0; round < 500; ++round) {
    for (int i = 0; i < 7; ++i) {
      line.push(cairn::detail::request_ptr(new noted_request(pushed++)));
    }
    for (int i = 0; i < (round < 250 ? 3 : 11) && !line.empty(); ++i) {
      EXPECT_EQ(static_cast<noted_request&>(*line.pop()).number, popped++);
    }
    EXPECT_EQ(line.size(), static_cast<std::size_t>(pushed - popped));
  }
  while (!line.empty()) {
    EXPECT_EQ(static_cast<noted_request&>(*line.pop()).number, popped++);
  }
  EXPECT_EQ(pushed, popped);
}

} // namespace
