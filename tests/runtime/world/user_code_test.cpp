// Users' code may throw anything, anywhere: the table of what is thrown by what, with CAF's actors. The same cells on
// plain threads are in tests/threads.

#include <cairn/caf.hpp>

#include "tests/support/user_code/user_code_scene.hpp"

#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <gtest/gtest.h>

#include <future>
#include <string>

namespace {

using cairn::testing::user_code_row;
using cairn::testing::user_code_rows;
using sample::rascal;

cairn::world make_world_of_actors(cairn::world_options options) {
  return cairn::world(std::move(options));
}

class UserCode : public testing::TestWithParam<user_code_row> {};

// Invariant 12.
TEST_P(UserCode, MayThrowAnything) {
  for (const auto& thrown : sample::thrown_kinds()) {
    SCOPED_TRACE(thrown.name);
    GetParam().check(&make_world_of_actors, thrown);
  }
}

INSTANTIATE_TEST_SUITE_P(Table, UserCode, testing::ValuesIn(user_code_rows()),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(UserCodeTable, HasEveryKindOfCodeAndOfWhatIsThrown) {
  EXPECT_GE(user_code_rows().size() * sample::thrown_kinds().size(), 60U);
}

// What the user's own actor does with a reply is its own affair.
TEST(UserCodeTable, AHandlerOfRepliesMayThrowToo) {
  cairn::init_caf_messages();
  for (const auto& thrown : sample::thrown_kinds()) {
    if (!thrown.suits_others) {
      continue; // more than CAF itself can take
    }
    SCOPED_TRACE(thrown.name);
    caf::actor_system_config config;
    caf::actor_system system(config);
    {
      auto world = cairn::make_world(system);
      world.host<rascal>();
      const auto entity = world.entity<rascal>("a");
      std::promise<void> called;
      const auto receiver = system.spawn([&](caf::event_based_actor*) -> caf::behavior {
        return {[&](const cairn::entity_reply& /*reply*/) {
          called.set_value();
          thrown.raise();
        }};
      });
      cairn::send_for(receiver, entity, rascal::add{1});
      called.get_future().wait();
      cairn::send_for(receiver, entity, rascal::add{1}); // to nobody, soon
      EXPECT_EQ(entity.send(rascal::add{1}).get().accepted()->version, 3U);
      EXPECT_TRUE(world.close().ok());
    }
    system.await_all_actors_done();
  }
}

} // namespace
