// Every member of a world and of what belongs to it, beside its end and after it. Invariant 12.

#include <cairn/cairn.hpp>
#include <cairn/detail/by_name/any_bulk.hpp>
#include <cairn/detail/by_name/any_entity.hpp>
#include <cairn/detail/by_name/any_transaction.hpp>

#include "tests/support/journal_support.hpp"
#include "tests/support/sample_entities.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <future>
#include <string>
#include <thread>
#include <vector>

namespace {

using sample::counter;

/// A world on a directory, as a closed one has most to lose there.
class ClosedWorld : public ::testing::Test {
protected:
  ClosedWorld() : world_(options(directory_.path())) {
    world_.host<counter>();
    for (int i = 0; i < 20; ++i) {
      EXPECT_TRUE(world_.entity<counter>(std::to_string(i)).send(counter::add{1}).get());
    }
  }

  static cairn::world_options options(const std::filesystem::path& directory) {
    cairn::world_options made;
    made.journal = cairn::rocksdb(directory / "data");
    made.clock = cairn::clock::stepped(cairn::time_point{});
    made.metrics_port = 0;
    return made;
  }

  cairn::entity_ref<counter> entity() { return world_.entity<counter>("1"); }
  cairn::any_entity any() { return {world_, cairn::type_descriptor<counter>(), "counter/1"}; }

  /// A directory that is not there yet.
  std::filesystem::path fresh() { return directory_.path() / std::to_string(next_++); }

  /// What `post` calls back with.
  template <class Reply, class Post>
  static Reply called_back(Post post) {
    std::promise<Reply> told;
    post([&told](Reply reply) { told.set_value(std::move(reply)); });
    return told.get_future().get();
  }

  static std::error_code error_of(const std::optional<cairn::failed>& failure) {
    return failure ? failure->error : std::error_code();
  }
  template <class Outcome>
  static std::error_code error_of(const Outcome& outcome) {
    return outcome.failed() != nullptr ? outcome.failed()->error : std::error_code();
  }

  struct member {
    const char* name;
    std::function<std::error_code()> call; ///< Its error.
  };

  std::vector<member> all_that_say_so() {
    auto all = requests();
    for (auto& each : members()) {
      all.push_back(std::move(each));
    }
    return all;
  }

  std::vector<member> requests() {
    return {
        {"send", [this] { return error_of(entity().send(counter::add{1}).get()); }},
        {"remove", [this] { return error_of(world_.entity<counter>("no").remove().get()); }},
        {"read", [this] { return error_of(entity().read().get().failure); }},
        {"lease", [this] { return error_of(entity().lease(std::chrono::seconds(1)).get()); }},
        {"update",
         [this] {
           const auto ended = entity().update(
               3, [](const counter&, cairn::version_type) { return counter::look{}; });
           return ended.outcome ? error_of(*ended.outcome) : error_of(ended.failure);
         }},
        {"post_read",
         [this] {
           using reading = cairn::reading<counter>;
           return error_of(
               called_back<reading>([&](auto then) { entity().post_read(then); }).failure);
         }},
        {"any_entity::post_read_at",
         [this] {
           using reading = cairn::json_reading;
           return error_of(
               called_back<reading>([&](auto then) { any().post_read_at(1, then); }).failure);
         }},
        {"any_entity::post_history",
         [this] {
           using page = cairn::history_page;
           return error_of(
               called_back<page>([&](auto then) { any().post_history(1, 10, then); }).failure);
         }},
        {"transaction",
         [this] {
           cairn::transaction both(world_);
           both.send(entity(), counter::add{1}).send(world_.entity<counter>("2"), counter::add{1});
           return error_of(both.commit().get());
         }},
        {"read_all",
         [this] {
           cairn::read_all both(world_);
           both.add(entity());
           return both.get().error;
         }},
        {"update_all", [this] { return error_of(update_all(false).failure); }},
        {"update_all, atomic", [this] { return error_of(update_all(true).failure); }},
    };
  }

  std::vector<member> members() {
    return {
        {"list",
         [this] {
           cairn::listing found;
           return world_.list("counter", "", 10, found).error;
         }},
        {"list_undelivered",
         [this] {
           std::vector<cairn::undelivered_message> found;
           return world_.list_undelivered(std::nullopt, 10, found).error;
         }},
        {"preload", [this] { return world_.preload<counter>().error; }},
        {"resend", [this] { return world_.resend(1).error; }},
        {"backup", [this] { return world_.backup(fresh()).error; }},
        {"step", [this] { return world_.step(std::chrono::milliseconds(1)).error; }},
        {"subscribe",
         [this] {
           return world_.subscribe(0, [](const cairn::change& /*committed*/) {}).state().error;
         }},
        {"tick",
         [this] {
           return world_.tick<counter>({"1"}, {}, [](const auto&) { return counter::add{1}; })
               .state()
               .error;
         }},
        {"host",
         [this]() -> std::error_code {
           try {
             world_.host<counter>();
           } catch (const cairn::startup_error& thrown) {
             return thrown.code();
           }
           return {};
         }},
        {"journal().scan",
         [this] {
           return world_.journal().scan(0, [](const cairn::record&) { return true; }).error;
         }},
        {"journal().find_head",
         [this] {
           cairn::head found;
           return world_.journal().find_head("counter/1", found).error;
         }},
    };
  }

  /// Those that have something to say in any case.
  std::vector<member> all_that_go_on() {
    const auto good = std::error_code();
    return {
        {"settle", [=, this] { return world_.settle(), good; }},
        {"counts", [=, this] { return world_.counts().changes < 20 ? bad() : good; }},
        {"metrics", [=, this] { return world_.metrics().empty() ? bad() : good; }},
        {"metrics_port", [=, this] { return static_cast<void>(world_.metrics_port()), good; }},
        {"types", [=, this] { return world_.types().size() != 1 ? bad() : good; }},
        {"journal().end", [=, this] { return world_.journal().end().next < 20 ? bad() : good; }},
        {"journal().notices",
         [=, this] { return world_.journal().notices().size() > 1 ? bad() : good; }},
    };
  }

  cairn::bulk_result update_all(bool atomic) {
    return cairn::update_all<counter>(world_, counter::add{1}, [](const counter&) { return true; },
                                      {.atomic = atomic});
  }

  static std::error_code bad() { return std::make_error_code(std::errc::bad_message); }

  cairn::testing::temporary_directory directory_;
  std::atomic<int> next_{0};
  cairn::world world_;
};

constexpr auto closing = cairn::runtime_errc::shutting_down;

TEST_F(ClosedWorld, EveryMemberSaysSoAfterwards) {
  const auto before = world_.counts();
  EXPECT_TRUE(world_.close().ok());
  for (const auto& each : all_that_say_so()) {
    EXPECT_EQ(each.call(), closing) << each.name;
  }
  for (const auto& each : all_that_go_on()) {
    EXPECT_FALSE(each.call()) << each.name;
  }
  EXPECT_EQ(world_.counts().changes, before.changes);
  EXPECT_EQ(world_.counts().resident, before.resident);
  EXPECT_FALSE(world_.metrics_port());
}

TEST_F(ClosedWorld, EveryMemberMayBeCalledBesideItsEnd) {
  std::vector<std::thread> callers;
  std::atomic<std::size_t> ready{0};
  std::atomic<bool> closed{false};
  const auto said_so = all_that_say_so();
  for (const auto& each : said_so) {
    callers.emplace_back([&] {
      for (bool first = true;; first = false) {
        const auto error = each.call();
        ready += first ? 1 : 0;
        if (error == closing) {
          return;
        }
      }
    });
  }
  const auto goes_on = all_that_go_on();
  for (const auto& each : goes_on) {
    callers.emplace_back([&] {
      for (bool first = true; !closed; first = false) {
        EXPECT_FALSE(each.call()) << each.name;
        ready += first ? 1 : 0;
      }
    });
  }
  while (ready < callers.size()) {
    std::this_thread::yield();
  }
  EXPECT_TRUE(world_.close().ok());
  closed = true;
  for (auto& caller : callers) {
    caller.join();
  }
}

// Requests that are refused since it closes do not keep it open, however fast they come.
TEST_F(ClosedWorld, WhoGoesOnSendingDoesNotKeepItOpen) {
  std::atomic<bool> closed{false};
  std::atomic<int> refused{0};
  std::vector<std::thread> senders;
  for (int i = 0; i < 4; ++i) {
    senders.emplace_back([&] {
      const auto to = entity();
      while (!closed || refused < 1'000) {
        to.post(counter::look{}, [&](const auto& outcome) {
          refused += outcome.failed() != nullptr && outcome.failed()->error == closing ? 1 : 0;
        });
      }
    });
  }
  EXPECT_TRUE(world_.close().ok());
  closed = true;
  for (auto& sender : senders) {
    sender.join();
  }
}

TEST_F(ClosedWorld, ClosingTwiceAndAtOnceGivesTheSameStatus) {
  std::vector<std::thread> callers;
  std::vector<cairn::status> said(4);
  for (auto& each : said) {
    callers.emplace_back([&] {
      each = world_.close();
      EXPECT_EQ(entity().send(counter::add{1}).get().failed()->error, closing);
    });
  }
  for (auto& caller : callers) {
    caller.join();
  }
  said.push_back(world_.close());
  for (const auto& each : said) {
    EXPECT_TRUE(each.ok()) << each.message;
  }
}

TEST_F(ClosedWorld, HandlesMayOutliveIt) {
  auto ended = std::make_unique<cairn::world>();
  ended->host<counter>();
  auto ticks = ended->tick<counter>({"a"}, {}, [](const auto&) { return counter::add{1}; });
  auto subscribed = ended->subscribe(0, [](const cairn::change& /*committed*/) {});
  auto reply = ended->entity<counter>("a").send(counter::add{1});
  ended.reset();
  EXPECT_TRUE(reply.get());
  EXPECT_EQ(ticks.counts().refused, 0U);
  EXPECT_LE(subscribed.next(), 1U);
  ticks.stop();
  subscribed.stop();
}

} // namespace
