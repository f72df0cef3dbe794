// Rows of the table of users' code: what decides and applies.

#include <cairn/journal.hpp>

#include "tests/support/user_code/user_code_scene.hpp"

namespace cairn::testing {

namespace {

using sample::fuse;
using sample::place;
using sample::rascal;
using sample::thrown_kind;

void check_decide(const world_maker& make, const thrown_kind& thrown) {
  user_code_scene scene(make, thrown);
  scene.light(place::decide);
  scene.expect_failed(scene.bad().send(rascal::add{1}).get());
  scene.expect_failed(scene.bad().send(rascal::add{1}, at(3)).get());
  scene.expect_others_go_on();
}

void check_decide_in_transaction(const world_maker& make, const thrown_kind& thrown) {
  user_code_scene scene(make, thrown);
  scene.light(place::decide);
  transaction trade(scene.world);
  trade.send(scene.good(), rascal::add{10}).send(scene.bad(), rascal::add{1});
  scene.expect_failed(trade.commit().get());
  scene.expect_others_go_on();
  EXPECT_EQ(scene.good().read().get().state.value, 2);
}

void check_apply(const world_maker& make, const thrown_kind& thrown) {
  user_code_scene scene(make, thrown);
  scene.light(place::apply);
  scene.expect_failed(scene.bad().send(rascal::add{1}).get());
  // It is built anew from its changes, which fails too, for whoever waits: until it has, a later read would share it.
  const auto meanwhile = scene.bad().read().get();
  ASSERT_TRUE(meanwhile.failure.has_value());
  scene.expect_text(&*meanwhile.failure);
  scene.expect_others_go_on();
}

void check_apply_in_transaction(const world_maker& make, const thrown_kind& thrown) {
  user_code_scene scene(make, thrown);
  scene.light(place::apply);
  transaction trade(scene.world);
  trade.id("once").send(scene.bad(), rascal::add{1}).send(scene.good(), rascal::add{10});
  scene.expect_failed(trade.commit().get());
  scene.expect_others_go_on();
}

/// On the thread that loads it, for all that wait for it.
void check_apply_when_loading(const world_maker& make, const thrown_kind& thrown) {
  held_journal kept;
  { user_code_scene first(make, thrown, {.journal = kept.source()}); }
  auto world = make({.journal = kept.source()});
  world.host<rascal>();
  user_code_scene::expect_load_fails(world, thrown, place::apply);
}

void check_apply_in_the_past(const world_maker& make, const thrown_kind& thrown) {
  user_code_scene scene(make, thrown);
  scene.light(place::apply);
  const auto read = asked_for<json_reading>(
      [&](auto callback) { scene.any_bad().post_read_at(3, std::move(callback)); });
  scene.expect_text(read.failure ? &*read.failure : nullptr);
  scene.expect_others_go_on();
}

/// Paths are found from the state as it was seen.
void check_apply_for_paths(const world_maker& make, const thrown_kind& thrown) {
  user_code_scene scene(make, thrown);
  EXPECT_TRUE(scene.bad().send(rascal::set(5)).get());
  scene.light(place::apply);
  send_options options;
  options.show.paths = true;
  scene.expect_failed(scene.bad().send(rascal::set(7), at(3), options).get());
  scene.expect_others_go_on();
}

void check_apply_in_tools(const world_maker& make, const thrown_kind& thrown) {
  user_code_scene scene(make, thrown);
  scene.light(place::apply);
  for (const bool verify : {true, false}) {
    for (const std::string entity : {"", "rascal/bad"}) {
      replay_request request;
      request.types = scene.world.types();
      request.verify = verify;
      request.entity = entity;
      replay_report report;
      const auto replayed = replay_journal(scene.world.journal(), request, report);
      EXPECT_EQ(replayed.error, entity_errc::entity_error);
      scene.expect_says(replayed.message);
    }
  }
}

void check_merge(const world_maker& make, const thrown_kind& thrown) {
  user_code_scene scene(make, thrown);
  scene.light(place::merge);
  scene.expect_failed(scene.bad().send(rascal::add{1}, at(2)).get());
  scene.expect_others_go_on();
}

void check_veto(const world_maker& make, const thrown_kind& thrown) {
  user_code_scene scene(make, thrown);
  scene.light(place::veto);
  scene.expect_failed(scene.bad().remove().get());
  scene.expect_others_go_on();
}

/// Nobody decides on the message that came back: it is put on the list.
void check_undelivered(const world_maker& make, const thrown_kind& thrown) {
  user_code_scene scene(make, thrown);
  auto gone = scene.world.entity<rascal>("gone");
  EXPECT_TRUE(gone.send(rascal::add{1}).get());
  EXPECT_TRUE(gone.remove().get());
  scene.light(place::undelivered);
  EXPECT_TRUE(scene.bad().send(rascal::set_other{"gone", 1}).get());
  scene.world.settle();
  scene.expect_others_go_on();
  std::vector<undelivered_message> waiting;
  EXPECT_TRUE(scene.world.list_undelivered({}, 10, waiting).ok());
  EXPECT_EQ(waiting.size(), 1U);
}

/// It is tried once more, and then the change says that it threw.
void check_decide_on_a_timer(const world_maker& make, const thrown_kind& thrown) {
  user_code_scene scene(make, thrown);
  scene.light(place::decide);
  EXPECT_TRUE(scene.bad().send(rascal::set_later{77, 0}).get());
  scene.world.settle();
  scene.expect_others_go_on();
  EXPECT_EQ(scene.bad().read().get().version, 5U); // set, and noted
}

void check_command_of_a_timer(const world_maker& make, const thrown_kind& thrown) {
  user_code_scene scene(make, thrown);
  scene.light(place::make_command);
  EXPECT_TRUE(scene.bad().send(rascal::set_later{77, 0}).get());
  scene.world.settle();
  scene.expect_others_go_on();
  EXPECT_EQ(scene.bad().read().get().version, 5U); // set, and noted
}

/// The message comes back to its sender.
void check_decide_on_a_message(const world_maker& make, const thrown_kind& thrown) {
  user_code_scene scene(make, thrown);
  scene.light(place::decide);
  EXPECT_TRUE(scene.good().send(rascal::set_other{"bad", 77}).get());
  scene.world.settle();
  scene.expect_others_go_on();
  EXPECT_EQ(scene.good().read().get().state.value, 102);
}

void check_command_of_a_message(const world_maker& make, const thrown_kind& thrown) {
  user_code_scene scene(make, thrown);
  scene.light(place::make_command);
  EXPECT_TRUE(scene.bad().send(rascal::set_other{"good", 77}).get());
  scene.world.settle();
  scene.expect_others_go_on();
  scene.value = 105;
}

stored_event raise_schema(stored_event old) {
  fuse::pass(place::upcast);
  old.schema = 2;
  return old;
}

/// Today's rascal, whose events are all of a newer shape than those in the journal.
const entity_type& newer_rascal() {
  static const entity_type newer = [] {
    entity_type type = type_descriptor<rascal>();
    for (auto& event : type.events) {
      event.schema = 2;
      type.upcasters.push_back({event.name, 1, &raise_schema});
    }
    return type;
  }();
  return newer;
}

void check_upcaster(const world_maker& make, const thrown_kind& thrown) {
  held_journal kept;
  { user_code_scene first(make, thrown, {.journal = kept.source()}); }
  auto world = make({.journal = kept.source()});
  world.host(newer_rascal());
  const any_entity bad(world, newer_rascal(), "rascal/bad");
  const auto read = [&] {
    return asked_for<json_reading>([&](auto callback) { bad.post_read(std::move(callback)); });
  };
  fuse::light(place::upcast, thrown);
  const auto failed_read = read();
  ASSERT_TRUE(failed_read.failure);
  EXPECT_EQ(failed_read.failure->error, entity_errc::entity_error);
  EXPECT_NE(failed_read.failure->message.find(thrown.text), std::string::npos);
  fuse::put_out();
  EXPECT_EQ(read().state_json, R"({"value":6,"bad":true})");
  EXPECT_TRUE(world.close().ok());
}

} // namespace

std::vector<user_code_row> entity_code_rows() {
  return {
      {"Decide", &check_decide},
      {"DecideInATransaction", &check_decide_in_transaction},
      {"DecideOnATimer", &check_decide_on_a_timer},
      {"DecideOnAMessage", &check_decide_on_a_message},
      {"DecideOnWhatCameBack", &check_undelivered},
      {"Apply", &check_apply},
      {"ApplyInATransaction", &check_apply_in_transaction},
      {"ApplyWhenLoading", &check_apply_when_loading},
      {"ApplyInThePast", &check_apply_in_the_past},
      {"ApplyForPaths", &check_apply_for_paths},
      {"ApplyInTools", &check_apply_in_tools},
      {"Merge", &check_merge},
      {"Veto", &check_veto},
      {"CommandOfATimer", &check_command_of_a_timer},
      {"CommandOfAMessage", &check_command_of_a_message},
      {"Upcaster", &check_upcaster},
  };
}

} // namespace cairn::testing
