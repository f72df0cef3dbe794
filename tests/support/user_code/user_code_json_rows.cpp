// Rows of the table of users' code: what writes and reads one's own types as JSON.

#include "tests/support/user_code/user_code_scene.hpp"

#include <boost/json.hpp>

namespace cairn::testing {

namespace {

using sample::fuse;
using sample::place;
using sample::rascal;
using sample::thrown_kind;

/// What writes as `of` does, and throws while the fuse burns.
const json::detail::codec* fused(const json::detail::codec& of) {
  using namespace json::detail;
  return new own_codec{
      {kind::own, of.owns_memory, of.size},
      "fused",
      &of,
      [](const void* value, visitor<const void*> visit) {
        fuse::pass(place::outside);
        return visit(value);
      },
      [](void* value, visitor<void*> read) { return read(value) ? taken::yes : taken::no; },
      nullptr};
}

/// Writing the state or a command as JSON throws while the fuse burns; a snapshot is due with every change. Never
/// destroyed, as descriptors are.
const entity_type& unwritable_rascal() {
  static const entity_type& unwritable = *[] {
    auto* type = new entity_type(type_descriptor<rascal>());
    type->snapshot_changes = 1;
    type->state_codec = fused(*type->state_codec);
    for (auto& command : type->commands) {
      command.codec = fused(*command.codec);
    }
    return type;
  }();
  return unwritable;
}

/// A world with one such entity, at version 3, that ends well.
class unwritable_scene {
public:
  unwritable_scene(const world_maker& make, const thrown_kind& thrown)
      : thrown_(thrown), world(make({.log = log_.options()})) {
    world.host(unwritable_rascal());
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(add({}).answer.what, answer::kind::accepted);
    }
    fuse::light(place::outside, thrown);
  }
  ~unwritable_scene() {
    fuse::put_out();
    EXPECT_EQ(add({}).answer.what, answer::kind::accepted);
    EXPECT_FALSE(read().failure);
    EXPECT_TRUE(world.close().ok());
  }
  unwritable_scene(const unwritable_scene&) = delete;
  unwritable_scene& operator=(const unwritable_scene&) = delete;

  any_entity entity() { return {world, unwritable_rascal(), "rascal/a"}; }

  any_outcome add(send_options options, expectation expected = {}) {
    return asked_for<any_outcome>([&](auto told) {
      json::problem wrong;
      EXPECT_TRUE(entity().post("add", {{"n", 1}}, expected, std::move(options), told, wrong));
    });
  }
  json_reading read() {
    return asked_for<json_reading>([&](auto told) { entity().post_read(told); });
  }

  void expect_failed(std::error_code error, const std::string& text) const {
    EXPECT_EQ(error, entity_errc::entity_error) << text;
    EXPECT_NE(text.find(thrown_.text), std::string::npos) << text;
  }
  void expect_failed(const std::optional<failed>& failure) const {
    ASSERT_TRUE(failure);
    expect_failed(failure->error, failure->message);
  }
  std::size_t logged(std::string_view event) const {
    return log_.count(event, thrown_.text).second;
  }

private:
  const thrown_kind& thrown_;
  kept_log log_;

public:
  cairn::world world;
};

void check_state_as_json(const world_maker& make, const thrown_kind& thrown) {
  unwritable_scene scene(make, thrown);
  scene.expect_failed(scene.read().failure);
  const auto past =
      asked_for<json_reading>([&](auto told) { scene.entity().post_read_at(2, told); });
  scene.expect_failed(past.failure);
  const auto together = asked_for<json_readings>([&](auto told) {
    post_read_all(scene.world, {{&unwritable_rascal(), "rascal/a"}}, told);
  });
  scene.expect_failed(together.failure);
}

void check_state_of_a_condition(const world_maker& make, const thrown_kind& thrown) {
  unwritable_scene scene(make, thrown);
  for (const bool atomic : {false, true}) {
    any_update all;
    json::problem wrong;
    EXPECT_TRUE(all.set_command(unwritable_rascal(), "add", {{"n", 1}}, wrong));
    all.set_condition({"/value", state_condition::comparison::gt, 0});
    all.set_options({{}, atomic});
    scene.expect_failed(all.run(scene.world).failure);
  }
}

/// It is left out, as one that JSON cannot hold.
void check_snapshot(const world_maker& make, const thrown_kind& thrown) {
  unwritable_scene scene(make, thrown);
  const auto before = scene.logged("code_threw");
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(scene.add({}).answer.what, answer::kind::accepted);
  }
  EXPECT_EQ(scene.logged("code_threw"), before + 2);
}

/// Paths need the state as it is.
void check_state_for_paths(const world_maker& make, const thrown_kind& thrown) {
  unwritable_scene scene(make, thrown);
  send_options options;
  options.show.paths = true;
  const auto stale = asked_for<any_outcome>([&](auto told) {
    json::problem wrong;
    EXPECT_TRUE(scene.entity().post("set", {{"value", 1}}, at(1), std::move(options), told, wrong));
  });
  scene.expect_failed(stale.answer.error, stale.answer.text);
}

/// What tells a command id's commands apart.
void check_command_as_json(const world_maker& make, const thrown_kind& thrown) {
  unwritable_scene scene(make, thrown);
  const auto sent = scene.add({.id = "once"});
  scene.expect_failed(sent.answer.error, sent.answer.text);
  any_transaction trade(scene.world);
  json::problem wrong;
  EXPECT_TRUE(trade.send(unwritable_rascal(), "rascal/a", "add", {{"n", 1}}, {}, wrong));
  trade.set_options({.id = "once"});
  const auto ended =
      asked_for<transaction_outcome>([&](auto told) { trade.commit(std::move(told)); });
  ASSERT_NE(ended.failed(), nullptr);
  scene.expect_failed(ended.failed()->error, ended.failed()->message);
}

} // namespace

std::vector<user_code_row> json_code_rows() {
  return {
      {"StateAsJson", &check_state_as_json},     {"StateOfACondition", &check_state_of_a_condition},
      {"StateOfASnapshot", &check_snapshot},     {"StateForPaths", &check_state_for_paths},
      {"CommandAsJson", &check_command_as_json},
  };
}

} // namespace cairn::testing
