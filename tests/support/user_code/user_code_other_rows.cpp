// Rows of the table of users' code: what belongs to no entity, and gets no reply.

#include "tests/support/user_code/user_code_scene.hpp"

#include <thread>

namespace cairn::testing {

namespace {

using sample::fuse;
using sample::place;
using sample::rascal;
using sample::thrown_kind;

bool is_any(const rascal& state) {
  if (state.bad) {
    user_code_scene::act();
  }
  return true;
}

/// It fails for the entity at which the predicate throws.
void check_predicate(const world_maker& make, const thrown_kind& thrown) {
  user_code_scene scene(make, thrown);
  scene.light(place::outside);
  const auto ended = update_all<rascal>(scene.world, rascal::add{10}, &is_any);
  EXPECT_EQ(ended.failed, 1U);
  EXPECT_EQ(ended.changed, 1U);
  scene.expect_text(ended.failure ? &*ended.failure : nullptr);
  scene.expect_others_go_on();
}

/// While it looks for those that match; and when the transaction asks again.
void check_atomic_predicate(const world_maker& make, const thrown_kind& thrown) {
  for (const int spares : {0, 1}) {
    user_code_scene scene(make, thrown);
    scene.light(place::outside, fuse::always, spares);
    const auto ended = update_all<rascal>(scene.world, rascal::add{10}, &is_any, {{}, true});
    EXPECT_EQ(ended.changed, 0U);
    scene.expect_text(ended.failure ? &*ended.failure : nullptr);
    scene.expect_others_go_on();
    EXPECT_EQ(scene.good().read().get().state.value, 2);
  }
}

void check_update(const world_maker& make, const thrown_kind& thrown) {
  user_code_scene scene(make, thrown);
  scene.light(place::outside);
  const auto decide = [](const rascal& /*state*/, version_type /*version*/) {
    user_code_scene::act();
    return rascal::add{1};
  };
  scene.expect_comes_out([&] { static_cast<void>(scene.bad().update(3, decide)); });
  scene.expect_others_go_on();
}

/// A command that cannot be made counts as refused; the ticks go on.
void check_tick(const world_maker& make, const thrown_kind& thrown) {
  user_code_scene scene(make, thrown);
  scene.light(place::outside, 2);
  tick_options options;
  options.every = std::chrono::microseconds(100);
  auto ticks = scene.world.tick<rascal>({"bad", "good"}, options, [](const tick& /*now*/) {
    user_code_scene::act();
    return rascal::add{0};
  });
  while (ticks.counts().accepted < 4) {
    std::this_thread::yield();
  }
  EXPECT_EQ(ticks.counts().refused, 2U);
  ticks.stop();
  scene.expect_others_go_on();
  scene.expect_logged("tick_threw", 2);
}

/// The last time that it told goes on.
void check_clock(const world_maker& make, const thrown_kind& thrown) {
  const time_point noon{std::chrono::hours(12)};
  user_code_scene scene(make, thrown, {.clock = [noon] {
                          user_code_scene::act();
                          return noon;
                        }});
  scene.light(place::outside);
  EXPECT_TRUE(scene.bad().send(rascal::add{0}).get());
  EXPECT_TRUE(scene.bad().send(rascal::set_later{5, 0}).get());
  scene.world.settle();
  scene.expect_others_go_on();
  change last;
  EXPECT_TRUE(scene.world.journal()
                  .scan(4, [&](const record& stored) { return decode_change(stored, last).ok(); })
                  .ok());
  EXPECT_EQ(last.time_us, noon.time_since_epoch().count());
  scene.expect_logged("clock_threw");
}

void check_subscription(const world_maker& make, const thrown_kind& thrown) {
  user_code_scene scene(make, thrown);
  std::atomic<int> delivered{0};
  scene.light(place::outside);
  const auto broken =
      scene.world.subscribe(0, [](const change& /*happened*/) { user_code_scene::act(); });
  const auto good = scene.world.subscribe(0, [&](const change& /*happened*/) { ++delivered; });
  while (broken.state().ok() || delivered < 4) {
    std::this_thread::yield();
  }
  EXPECT_EQ(broken.state().error, entity_errc::entity_error);
  scene.expect_says(broken.state().message);
  EXPECT_EQ(broken.next(), 0U);
  scene.expect_others_go_on();
  scene.expect_logged("subscriber_stopped");
}

void check_log_sink(const world_maker& make, const thrown_kind& thrown) {
  const auto sink = [](std::string_view /*line*/) { user_code_scene::act(); };
  user_code_scene scene(make, thrown, {.log = {log_level::debug, sink}});
  scene.light(place::outside);
  EXPECT_FALSE(scene.world.entity<rascal>("").send(rascal::add{1}).get()); // is logged
  scene.expect_others_go_on();
  const std::string counted = "cairn_user_code_threw_total{code=\"log_sink\"} 1\n";
  EXPECT_NE(scene.world.metrics().find(counted), std::string::npos) << scene.world.metrics();
}

/// Where nothing is known of how far it got: as if the disk had failed.
void check_journal(const world_maker& make, const thrown_kind& thrown) {
  held_journal kept;
  kept.call_before_append(&user_code_scene::act);
  user_code_scene scene(make, thrown, {.journal = kept.source()});
  scene.light(place::outside, 1);
  auto first = scene.bad().send(rascal::add{1});
  auto second = scene.good().send(rascal::add{1});
  for (auto* sent : {&first, &second}) {
    const auto ended = sent->get();
    ASSERT_NE(ended.failed(), nullptr);
    EXPECT_EQ(ended.failed()->error, journal_errc::store_failed);
    scene.expect_says(ended.failed()->message);
  }
  EXPECT_EQ(scene.good().send(rascal::add{1}).get().failed()->error, journal_errc::store_failed);
  scene.only_close();
}

} // namespace

std::vector<user_code_row> other_code_rows() {
  return {
      {"Predicate", &check_predicate}, {"AtomicPredicate", &check_atomic_predicate},
      {"Update", &check_update},       {"Tick", &check_tick},
      {"Clock", &check_clock},         {"Subscription", &check_subscription},
      {"LogSink", &check_log_sink},    {"Journal", &check_journal},
  };
}

} // namespace cairn::testing
