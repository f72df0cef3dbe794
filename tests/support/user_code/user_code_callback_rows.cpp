// Rows of the table of users' code: what gets replies. The request counts as answered, and the log says what was
// thrown.

#include "tests/support/user_code/user_code_scene.hpp"

namespace cairn::testing {

namespace {

using sample::place;
using sample::rascal;
using sample::thrown_kind;

/// `ask(scene, callback)` has the callback called, which throws.
template <class Ask>
void check_callback(const world_maker& make, const thrown_kind& thrown, Ask ask) {
  user_code_scene scene(make, thrown);
  scene.light(place::outside);
  throwing_callback callback;
  ask(scene, callback);
  callback.await();
  scene.expect_others_go_on();
  scene.expect_logged("callback_threw");
}

void check_post(const world_maker& make, const thrown_kind& thrown) {
  check_callback(make, thrown,
                 [](auto& scene, auto callback) { scene.bad().post(rascal::add{0}, callback); });
}

void check_checked_post(const world_maker& make, const thrown_kind& thrown) {
  check_callback(make, thrown, [](auto& scene, auto callback) {
    scene.bad().post(rascal::add{0}, at(3), callback);
  });
}

void check_post_read(const world_maker& make, const thrown_kind& thrown) {
  check_callback(make, thrown, [](auto& scene, auto callback) { scene.bad().post_read(callback); });
}

void check_post_lease(const world_maker& make, const thrown_kind& thrown) {
  check_callback(make, thrown, [](auto& scene, auto callback) {
    scene.world.template entity<rascal>("nobody").post_lease(std::chrono::seconds(1), callback);
  });
}

void check_post_release(const world_maker& make, const thrown_kind& thrown) {
  check_callback(make, thrown, [](auto& scene, auto callback) {
    scene.bad().post_release("of nobody", callback);
  });
}

/// Called before `post` returns.
void check_refused_at_the_door(const world_maker& make, const thrown_kind& thrown) {
  check_callback(make, thrown, [](auto& scene, auto callback) {
    scene.world.template entity<rascal>("").post(rascal::add{0}, callback);
  });
}

void check_transaction(const world_maker& make, const thrown_kind& thrown) {
  check_callback(make, thrown, [](auto& scene, auto callback) {
    transaction trade(scene.world);
    trade.send(scene.bad(), rascal::add{0}).send(scene.good(), rascal::add{0});
    trade.commit(callback);
  });
}

void check_refused_transaction(const world_maker& make, const thrown_kind& thrown) {
  check_callback(make, thrown, [](auto& scene, auto callback) {
    transaction twice(scene.world);
    twice.send(scene.bad(), rascal::add{0}).send(scene.bad(), rascal::add{0});
    twice.commit(callback);
  });
}

void check_any_post(const world_maker& make, const thrown_kind& thrown) {
  check_callback(make, thrown, [](auto& scene, auto callback) {
    json::problem wrong;
    EXPECT_TRUE(scene.any_bad().post("add", {{"n", 0}}, {}, {}, callback, wrong));
  });
}

void check_any_post_read(const world_maker& make, const thrown_kind& thrown) {
  check_callback(make, thrown,
                 [](auto& scene, auto callback) { scene.any_bad().post_read(callback); });
}

/// On a loading thread.
void check_any_post_read_at(const world_maker& make, const thrown_kind& thrown) {
  check_callback(make, thrown,
                 [](auto& scene, auto callback) { scene.any_bad().post_read_at(1, callback); });
}

void check_any_post_history(const world_maker& make, const thrown_kind& thrown) {
  check_callback(make, thrown,
                 [](auto& scene, auto callback) { scene.any_bad().post_history(1, 9, callback); });
}

void check_any_transaction(const world_maker& make, const thrown_kind& thrown) {
  check_callback(make, thrown, [](auto& scene, auto callback) {
    any_transaction trade(scene.world);
    json::problem wrong;
    EXPECT_TRUE(trade.send(type_descriptor<rascal>(), "rascal/bad", "add", {{"n", 0}}, {}, wrong));
    trade.commit(callback);
  });
}

void check_any_read_all(const world_maker& make, const thrown_kind& thrown) {
  check_callback(make, thrown, [](auto& scene, auto callback) {
    post_read_all(scene.world, {{&type_descriptor<rascal>(), "rascal/bad"}}, callback);
  });
}

} // namespace

std::vector<user_code_row> callback_code_rows() {
  return {
      {"CallbackOfPost", &check_post},
      {"CallbackOfACheckedPost", &check_checked_post},
      {"CallbackOfPostRead", &check_post_read},
      {"CallbackOfPostLease", &check_post_lease},
      {"CallbackOfPostRelease", &check_post_release},
      {"CallbackAtTheDoor", &check_refused_at_the_door},
      {"CallbackOfATransaction", &check_transaction},
      {"CallbackOfARefusedTransaction", &check_refused_transaction},
      {"CallbackOfAnyPost", &check_any_post},
      {"CallbackOfAnyPostRead", &check_any_post_read},
      {"CallbackOfAnyPostReadAt", &check_any_post_read_at},
      {"CallbackOfAnyPostHistory", &check_any_post_history},
      {"CallbackOfAnyTransaction", &check_any_transaction},
      {"CallbackOfAnyReadAll", &check_any_read_all},
  };
}

} // namespace cairn::testing
