#include "persistence/replay/recovery.hpp"
#include "persistence/store/head_table.hpp"
#include "runtime/entity/process.hpp"
#include "runtime/entity/resting_snapshots.hpp"

#include <utility>

/// When an entity's process takes snapshots of its state: with every so many changes, and when it rests.
namespace cairn::runtime {

/// Where in each round of `snapshot_changes` this entity takes one. Entities that change in step would otherwise all
/// take theirs in the same batch. The same in every run.
std::uint32_t entity_process::snapshot_phase(const entity_type& type,
                                             std::string_view key) noexcept {
  const std::uint32_t every = type.snapshot_changes;
  return every == 0 ? 0 : static_cast<std::uint32_t>(persistence::head_table::hash(key) % every);
}

/// Not in the first round, which most entities do not end.
std::unique_ptr<std::string> entity_process::snapshot_if_due() noexcept {
  const std::uint32_t every = entity_->type().snapshot_changes;
  const version_type version = entity_->standing().version;
  if (every == 0 || version < every || version % every != snapshot_phase_ ||
      version / every % entity_->ids().snapshot_stretch() != 0) {
    return nullptr;
  }
  return take_snapshot();
}

/// Null: the state has no JSON now, or its own code threw; the journal alone will do.
std::unique_ptr<std::string> entity_process::take_snapshot() noexcept {
  std::unique_ptr<std::string> body;
  bool encoded = false;
  const auto encode = [&] {
    body = std::make_unique<std::string>();
    json::problem wrong;
    encoded = persistence::encode_snapshot(*body, *entity_, wrong);
  };
  detail::guard(encode,
                [this](const std::string& thrown) { tell_thrown("a snapshot: " + thrown); });
  if (!encoded) {
    return nullptr;
  }
  slot_.set_snapshotted(entity_->standing().version);
  return body;
}

/// Everything of it is durable, and enough of it is new.
bool entity_process::rests_with_enough() const {
  return entity_ && !entity_->broken() && !held_ &&
         entity_->standing().version == slot_.committed() &&
         is_worth_a_snapshot(entity_->type(), entity_->standing().version, slot_.snapshotted(),
                             entity_->ids().snapshot_stretch());
}

/// The world closes.
void entity_process::process_rest(rest_request& asked) {
  if (rests_with_enough()) {
    if (auto body = take_snapshot()) {
      asked.take(std::move(body), entity_->standing().version);
      return hand_over(asked);
    }
  }
  finish(asked);
}

/// Of an entity that is about to leave; null: none.
detail::request_ptr entity_process::snapshot_on_leaving() {
  auto* const resting = host_.rules_of_world().resting;
  if (resting == nullptr || slot_.pending() > 0 || !rests_with_enough() || !resting->has_room() ||
      host_.has_stopped()) {
    return nullptr;
  }
  boost::intrusive_ptr<rest_request> made(new rest_request(*resting, &slot_, false));
  made->activation = activation_;
  auto body = take_snapshot();
  if (!body) {
    return nullptr;
  }
  made->take(std::move(body), entity_->standing().version);
  return made;
}

} // namespace cairn::runtime
