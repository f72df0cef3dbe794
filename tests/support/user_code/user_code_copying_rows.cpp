// Rows of the table of users' code: what makes, copies and moves states, commands, events and replies.

#include "tests/support/user_code/user_code_scene.hpp"

#include <boost/json.hpp>

namespace cairn::testing {

namespace {

using sample::place;
using sample::rascal;
using sample::thrown_kind;

/// A new entity cannot be made; the next attempt may.
void check_make_state(const world_maker& make, const thrown_kind& thrown) {
  user_code_scene scene(make, thrown);
  scene.light(place::make_state, 1);
  const auto anew = scene.world.entity<rascal>("anew");
  scene.expect_failed(anew.send(rascal::add{1}).get());
  EXPECT_TRUE(anew.send(rascal::add{1}).get());
  scene.expect_others_go_on();
}

void check_make_state_again(const world_maker& make, const thrown_kind& thrown) {
  user_code_scene scene(make, thrown);
  const auto gone = scene.world.entity<rascal>("gone");
  EXPECT_TRUE(gone.send(rascal::add{1}).get());
  EXPECT_TRUE(gone.remove().get());
  scene.light(place::make_state, 1);
  scene.expect_failed(gone.send(rascal::add{1}, absent).get());
  EXPECT_TRUE(gone.send(rascal::add{1}, absent).get());
  scene.expect_others_go_on();
}

void check_make_state_of_a_reading(const world_maker& make, const thrown_kind& thrown) {
  user_code_scene scene(make, thrown);
  scene.light(place::make_state, 1);
  scene.expect_comes_out([&] { static_cast<void>(scene.bad().read()); });
  scene.expect_others_go_on();
}

void check_copy_in_a_read(const world_maker& make, const thrown_kind& thrown) {
  user_code_scene scene(make, thrown);
  scene.light(place::copy_state);
  const auto seen = scene.bad().read().get();
  scene.expect_text(seen.failure ? &*seen.failure : nullptr);
  scene.expect_others_go_on();
}

void check_copy_in_a_posted_read(const world_maker& make, const thrown_kind& thrown) {
  user_code_scene scene(make, thrown);
  scene.light(place::copy_state);
  const auto failure = asked_for<std::optional<failed>>([&](auto told) {
    scene.bad().post_read([told](const reading<rascal>& seen) { told(seen.failure); });
  });
  scene.expect_text(failure ? &*failure : nullptr);
  scene.expect_others_go_on();
}

void check_copy_in_read_all(const world_maker& make, const thrown_kind& thrown) {
  user_code_scene scene(make, thrown);
  scene.light(place::copy_state);
  read_all both(scene.world);
  both.add(scene.good());
  both.add(scene.bad());
  const auto went = both.get();
  EXPECT_EQ(went.error, entity_errc::entity_error);
  scene.expect_says(went.message);
  scene.expect_others_go_on();
}

void check_copy_for_a_conflict(const world_maker& make, const thrown_kind& thrown) {
  user_code_scene scene(make, thrown);
  scene.light(place::copy_state);
  send_options options;
  options.show.state = true;
  scene.expect_failed(scene.bad().send(rascal::set(7), at(2), options).get());
  scene.expect_others_go_on();
}

/// Before the entity's share is decided: so that it can go back.
void check_copy_in_a_transaction(const world_maker& make, const thrown_kind& thrown) {
  user_code_scene scene(make, thrown);
  scene.light(place::copy_state);
  transaction trade(scene.world);
  trade.send(scene.good(), rascal::add{10}).send(scene.bad(), rascal::add{1});
  scene.expect_failed(trade.commit().get());
  scene.expect_others_go_on();
}

void check_move_of_a_reading(const world_maker& make, const thrown_kind& thrown) {
  user_code_scene scene(make, thrown);
  scene.light(place::move_state);
  scene.expect_comes_out([&] { static_cast<void>(scene.bad().read().get()); });
  scene.expect_others_go_on();
}

/// It never gets to the callback, and so counts as thrown by it.
void check_move_of_a_posted_reading(const world_maker& make, const thrown_kind& thrown) {
  user_code_scene scene(make, thrown);
  scene.light(place::move_state);
  scene.bad().post_read([](reading<rascal> seen) { EXPECT_TRUE(seen.failure); });
  EXPECT_TRUE(scene.bad().send(rascal::add{0}).get()); // behind it
  scene.expect_others_go_on();
  scene.expect_logged("callback_threw");
}

/// For a later merge.
void check_copy_of_an_event(const world_maker& make, const thrown_kind& thrown) {
  user_code_scene scene(make, thrown);
  scene.light(place::copy_event, 1);
  scene.expect_failed(scene.bad().send(rascal::add{1}).get());
  scene.expect_others_go_on();
}

void check_make_command(const world_maker& make, const thrown_kind& thrown) {
  user_code_scene scene(make, thrown);
  scene.light(place::make_command);
  json::problem wrong;
  const boost::json::value arguments{{"value", 1}};
  EXPECT_FALSE(scene.any_bad().post("set", arguments, {}, {}, {}, wrong));
  EXPECT_EQ(wrong.path, "args");
  scene.expect_says(wrong.message);
  any_transaction trade(scene.world);
  EXPECT_FALSE(trade.send(type_descriptor<rascal>(), "rascal/bad", "set", arguments, {}, wrong));
  any_update all;
  EXPECT_FALSE(all.set_command(type_descriptor<rascal>(), "set", arguments, wrong));
  scene.expect_others_go_on();
}

void check_reply(const world_maker& make, const thrown_kind& thrown) {
  user_code_scene scene(make, thrown);
  scene.light(place::make_reply);
  scene.expect_failed(scene.bad().send(rascal::ask{}).get()); // it has happened: in doubt
  const auto failure = asked_for<std::optional<failed>>([&](auto told) {
    scene.bad().post(rascal::ask{}, [told](const auto& given) {
      told(given.failed() != nullptr ? std::optional(*given.failed()) : std::nullopt);
    });
  });
  scene.expect_text(failure ? &*failure : nullptr);
  scene.expect_others_go_on();
  scene.value = 7;
}

/// JSON of one's own type.
void check_codec(const world_maker& make, const thrown_kind& thrown) {
  user_code_scene scene(make, thrown);
  scene.light(place::element);
  json::problem wrong;
  const auto arguments = boost::json::parse(R"({"pebbles":[{"weight":1}]})");
  EXPECT_FALSE(scene.any_bad().post("pile", arguments, {}, {}, {}, wrong));
  scene.expect_says(wrong.message);
  scene.expect_others_go_on();
}

} // namespace

std::vector<user_code_row> copying_code_rows() {
  return {
      {"MakeState", &check_make_state},
      {"MakeStateAgain", &check_make_state_again},
      {"MakeStateOfAReading", &check_make_state_of_a_reading},
      {"CopyInARead", &check_copy_in_a_read},
      {"CopyInAPostedRead", &check_copy_in_a_posted_read},
      {"CopyInReadAll", &check_copy_in_read_all},
      {"CopyForAConflict", &check_copy_for_a_conflict},
      {"CopyInATransaction", &check_copy_in_a_transaction},
      {"MoveOfAReading", &check_move_of_a_reading},
      {"MoveOfAPostedReading", &check_move_of_a_posted_reading},
      {"CopyOfAnEvent", &check_copy_of_an_event},
      {"MakeCommand", &check_make_command},
      {"Reply", &check_reply},
      {"Codec", &check_codec},
  };
}

} // namespace cairn::testing
