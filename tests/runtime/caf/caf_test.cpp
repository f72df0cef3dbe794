#include <cairn/caf.hpp>

#include "tests/support/sample_entities.hpp"

#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using sample::counter;

/// Counts the states that are in memory.
struct counted_state {
  counted_state() noexcept { ++there; }
  counted_state(const counted_state& /*other*/) noexcept { ++there; }
  counted_state& operator=(const counted_state&) noexcept = default;
  ~counted_state() { --there; }
  static inline std::atomic<int> there{0};
};

struct visitor {
  std::int64_t visits = 0;
  counted_state counted{};

  struct visit {
    bool breaks = false;
  };
  struct visited {
    bool breaks = false;
  };

  cairn::decision<visited> decide(const visit& command) const { return visited{command.breaks}; }
  void apply(const visited& event) {
    if (event.breaks) {
      throw std::runtime_error("it breaks");
    }
    ++visits;
  }

  using entity = cairn::entity<"visitor", cairn::commands<visit>>;
};
BOOST_DESCRIBE_STRUCT(visitor, (), (visits)) // `counted` holds nothing that JSON could

// Also what no request waits for: entities that are being rebuilt, loaded, or sent away. Invariant 12.
TEST(Caf, AWorldLeavesNothingOnTheUsersActorSystem) {
  cairn::init_caf_messages();
  caf::actor_system_config config;
  caf::actor_system system(config);
  for (int round = 0; round < 100; ++round) {
    {
      cairn::world_options options;
      options.limits.idle_time = std::chrono::milliseconds(1);
      auto world = cairn::make_world(system, std::move(options));
      world.host<visitor>();
      std::vector<cairn::future<cairn::unchecked_outcome<>>> replies;
      for (int i = 0; i < 40; ++i) {
        const auto entity = world.entity<visitor>(std::to_string(i));
        replies.push_back(entity.send(visitor::visit{false}));
        replies.push_back(entity.send(visitor::visit{i % 3 == 0}));
      }
      for (auto& reply : replies) {
        reply.wait();
      }
    }
    ASSERT_EQ(counted_state::there, 0) << "in round " << round;
  }
}

TEST(Caf, AWorldRunsOnTheUsersActorSystemAndRepliesAsMessages) {
  std::promise<std::vector<std::string>> finished;
  cairn::init_caf_messages();
  caf::actor_system_config config;
  caf::actor_system system(config);
  {
    auto world = cairn::make_world(system);
    world.host<counter>();
    const auto entity = world.entity<counter>("a");
    std::vector<std::string> seen;
    const auto receiver = system.spawn([&](caf::event_based_actor* self) -> caf::behavior {
      return {[&, self](const cairn::entity_reply& reply) {
        std::string words = reply.entity() + " " + reply.command() + " ";
        if (const auto* checked = reply.get_if<cairn::checked_outcome<>>()) {
          words += checked->conflict() != nullptr ? "conflict" : "accepted";
        } else if (const auto* unchecked = reply.get_if<cairn::unchecked_outcome<>>()) {
          words += "accepted at " + std::to_string(unchecked->accepted()->version);
        }
        seen.push_back(words);
        if (seen.size() == 3) {
          finished.set_value(seen);
          self->quit();
        }
      }};
    });
    cairn::send_for(receiver, entity, counter::add{1});
    cairn::send_for(receiver, entity, counter::set{5}, cairn::at(1));
    cairn::send_for(receiver, entity, counter::set{6}, cairn::at(1));
    EXPECT_EQ(finished.get_future().get(),
              (std::vector<std::string>{"counter/a add accepted at 1", "counter/a set accepted",
                                        "counter/a set conflict"}));
    EXPECT_TRUE(world.close().ok());
  }
  system.await_all_actors_done(); // the world has left none behind
}

} // namespace
