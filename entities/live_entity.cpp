#include "entities/live_entity.hpp"

namespace cairn {

namespace {

/// An upcaster chain longer than this goes in circles.
constexpr int upcasts_max = 64;

} // namespace

std::optional<conflict_kind> judge(const standing& actual, const expectation& expected,
                                   bool removes, version_checks checks) noexcept {
  using kind = expectation::kind;
  if (actual.removed) {
    const bool creates_anew = expected.what() == kind::absent && !removes;
    return creates_anew ? std::nullopt : std::optional(conflict_kind::deleted);
  }
  if (actual.version == 0) {
    if (removes || expected.what() == kind::exists) {
      return conflict_kind::absent;
    }
  } else if (expected.what() == kind::absent) {
    return conflict_kind::exists;
  }
  if (expected.what() != kind::at || checks == version_checks::off ||
      expected.version() == actual.version) {
    return std::nullopt;
  }
  return expected.version() < actual.version ? conflict_kind::stale : conflict_kind::ahead;
}

live_entity::live_entity(const entity_type& type)
    : type_(&type), state_(type.make_state()), ids_(type.ids_remembered) {}

void live_entity::execute(const command_type& command, const void* arguments, const context& ctx,
                          execution& done) {
  if (standing_.removed) {
    // Only `absent` gets here, and it creates anew. The old state is kept until that is accepted.
    any_pointer fresh = type_->make_state();
    std::swap(fresh, state_);
    bool applying = false;
    command.execute(state_.get(), arguments, ctx, done, applying);
    if (done.what() != execution::verdict::accepted || done.event_count() == 0) {
      std::swap(fresh, state_);
      return;
    }
  } else {
    command.execute(state_.get(), arguments, ctx, done, broken_);
  }
  if (done.what() == execution::verdict::accepted && done.event_count() > 0) {
    standing_ = {standing_.version + 1, false};
  }
}

void live_entity::remove(const context& ctx, execution& done) {
  if (type_->veto_removal != nullptr) {
    type_->veto_removal(state_.get(), ctx, done);
    if (done.what() != execution::verdict::accepted) {
      return;
    }
  }
  if (done.record_empty(removed_event)) {
    standing_ = {standing_.version + 1, true};
  }
}

void live_entity::begin_change() {
  if (standing_.removed) {
    state_ = type_->make_state();
    standing_.removed = false;
  }
}

status live_entity::apply(std::string_view event, std::uint32_t schema,
                          std::string_view data_json) {
  if (event == removed_event) {
    return {};
  }
  boost::json::value data;
  json::problem wrong;
  if (!json::parse(data_json, data, wrong)) {
    return {entity_errc::invalid_event, "event " + std::string(event) + ": " + wrong.text()};
  }
  const event_type* known = type_->find_event(event);
  if (known == nullptr || known->schema != schema) {
    return upcast_and_apply({std::string(event), schema, std::move(data)});
  }
  if (!known->apply(state_.get(), data, wrong)) {
    return {entity_errc::invalid_event, "event " + std::string(event) + ": " + wrong.text()};
  }
  return {};
}

status live_entity::upcast_and_apply(stored_event event) {
  const std::string original = "event " + event.name + " of schema " + std::to_string(event.schema);
  for (int step = 0; step < upcasts_max; ++step) {
    const event_type* known = type_->find_event(event.name);
    if (known != nullptr && known->schema == event.schema) {
      json::problem wrong;
      if (!known->apply(state_.get(), event.data, wrong)) {
        return {entity_errc::invalid_event, original + ": " + wrong.text()};
      }
      return {};
    }
    const upcaster_type* found = nullptr;
    for (const auto& candidate : type_->upcasters) {
      if (candidate.name == event.name && candidate.schema == event.schema) {
        found = &candidate;
      }
    }
    if (found == nullptr) {
      return {entity_errc::unknown_event,
              original + " is unknown to the type " + type_->name +
                  "; list it in its events, or give an upcaster for it (cairn::upcast)"};
    }
    event = found->upcast(std::move(event));
  }
  return {entity_errc::invalid_event, original + ": its upcasters go in circles"};
}

bool live_entity::restore(version_type version, bool removed, std::string_view state_json,
                          json::problem& wrong) {
  boost::json::value value;
  any_pointer fresh = type_->make_state();
  if (!json::parse(state_json, value, wrong) || !type_->decode_state(value, fresh.get(), wrong)) {
    return false;
  }
  state_ = std::move(fresh);
  standing_ = {version, removed};
  return true;
}

} // namespace cairn
