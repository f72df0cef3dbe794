#include <cairn/caf.hpp>

#include "tests/support/sample_entities.hpp"

#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <gtest/gtest.h>

#include <future>

namespace {

using sample::counter;

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
