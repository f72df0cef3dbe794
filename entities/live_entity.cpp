#include "entities/live_entity.hpp"

#include <cairn/detail/guard.hpp>

#include "entities/built_in.hpp"

#include <algorithm>
#include <utility>

namespace cairn {

namespace {

/// An upcaster chain longer than this goes in circles.
constexpr int upcasts_max = 64;

} // namespace

bool encode_state_guarded(const entity_type& type, std::string& out, const void* state,
                          json::problem& wrong) noexcept {
  bool good = false;
  detail::guard([&] { good = type.encode_state(out, state, wrong); },
                [&](const std::string& thrown) {
                  wrong = {"", "writing the state as JSON threw: " + thrown};
                });
  return good;
}

live_entity::live_entity(const entity_type& type)
    : type_(&type), state_(type.make_state()), ids_(type.ids_remembered) {
  const bool merges = type.merges();
  if (merges || !type.aspects.empty()) {
    parts_ = std::make_unique<stale_rules>();
    parts_->versions.resize(type.aspects.size());
    if (merges) {
      parts_->kept.emplace(type.merge_window);
    }
  }
}

const std::vector<version_type>& live_entity::aspect_versions() const noexcept {
  // Never destroyed: threads may outlive main.
  // NOLINTNEXTLINE(bugprone-unhandled-exception-at-new)
  static const auto& none = *new const std::vector<version_type>;
  return parts_ ? parts_->versions : none;
}

void live_entity::judge_stale(const command_type* command, const void* arguments,
                              version_type observed, admission& judged) const {
  if (!parts_->versions.empty()) {
    judged.in_the_way = in_the_way(command, observed);
    const bool depends_on_all = command == nullptr || command->depends == all_aspects;
    if (judged.in_the_way == 0 && !depends_on_all) {
      judged.refused.reset();
      return;
    }
  }
  if (command != nullptr && command->can_merge()) {
    try_merge(*command, arguments, observed, judged);
  }
}

/// Of what the command depends on, the aspects that changed after `observed`.
aspect_set live_entity::in_the_way(const command_type* command,
                                   version_type observed) const noexcept {
  aspect_set changed = 0;
  for (std::size_t i = 0; i < parts_->versions.size(); ++i) {
    changed |= aspect_set{parts_->versions[i] > observed ? 1U : 0U} << i;
  }
  return command == nullptr ? changed : changed & command->depends;
}

void live_entity::try_merge(const command_type& command, const void* arguments,
                            version_type observed, admission& judged) const {
  const auto missed = parts_->kept->missed_since(observed, command.depends);
  if (!missed) {
    return;
  }
  const bool commutes = std::all_of(missed->begin(), missed->end(), [&](const kept_change& change) {
    const auto index = static_cast<std::size_t>(change.command - type_->commands.data());
    const auto& known = command.commutes_with;
    return std::find(known.begin(), known.end(), index) != known.end();
  });
  if (!commutes && command.merge != nullptr) {
    judged.instead = command.merge(state_.get(), arguments, *missed);
  }
  if (commutes || judged.instead) {
    judged.refused.reset();
    judged.merged = true;
  }
}

live_entity::savepoint live_entity::save() const {
  return {type_->clone_state(state_.get()), standing_, aspect_versions(),
          timers_ ? std::make_unique<detail::timer_table>(*timers_) : nullptr};
}

void live_entity::go_back(savepoint&& saved) noexcept {
  state_ = std::move(saved.state);
  standing_ = saved.standing;
  timers_ = std::move(saved.timers);
  if (parts_) {
    parts_->versions = std::move(saved.aspect_versions);
  }
  if (auto* past = kept()) {
    past->take_back_after(standing_.version);
  }
  broken_ = false;
}

/// `decide` records what happens and applies it. `command` null: nothing is merged over the change.
template <class Decide>
void live_entity::change(const command_type* command, execution& done, Decide&& decide) {
  if (auto* past = kept()) {
    done.keep_events(&past->begin());
  }
  done.know_timers(timers_.get());
  const bool creates = !standing_.exists();
  if (standing_.removed) {
    // Only `absent` gets here, and it creates anew. The old state is kept until that is accepted.
    any_pointer fresh = type_->make_state();
    std::swap(fresh, state_);
    bool applying = false;
    decide(applying);
    if (done.what() != execution::verdict::accepted || done.event_count() == 0) {
      std::swap(fresh, state_);
      return;
    }
  } else {
    decide(broken_);
  }
  if (done.what() == execution::verdict::accepted && done.event_count() > 0) {
    standing_ = {standing_.version + 1, false};
    if (auto* past = kept()) {
      past->grow(done.events().size());
    }
    if (parts_) {
      const bool all =
          creates || done.touched() == 0; // built-in events alone touch all, as in the journal
      note_change(creates ? nullptr : command, all ? all_aspects : done.touched());
    }
    if (done.effects() != nullptr) {
      edit(*done.effects());
    }
  }
}

void live_entity::execute(const command_type& command, const void* arguments, const context& ctx,
                          execution& done) {
  change(&command, done,
         [&](bool& applying) { command.execute(state_.get(), arguments, ctx, done, applying); });
}

void live_entity::execute(const undelivered& message, const context& ctx, execution& done) {
  change(nullptr, done,
         [&](bool& applying) { type_->undelivered(state_.get(), &message, ctx, done, applying); });
}

void live_entity::note(const command_type* command, const execution& done) {
  if (auto* past = kept()) {
    past->begin();
  }
  ++standing_.version;
  if (parts_) {
    note_change(standing_.removed ? nullptr : command, all_aspects);
  }
  edit(*done.effects());
}

void live_entity::edit(const detail::change_effects& effects) {
  for (const auto& next : effects.timers) {
    set_timer(next.timer, next.now);
  }
}

void live_entity::set_timer(std::string_view timer, std::optional<detail::pending_timer> next) {
  if (next) {
    if (!timers_) {
      timers_ = std::make_unique<detail::timer_table>();
    }
    (*timers_)[std::string(timer)] = std::move(*next);
  } else if (timers_) {
    if (const auto found = timers_->find(timer); found != timers_->end()) {
      timers_->erase(found);
    }
    if (timers_->empty()) {
      timers_.reset();
    }
  }
}

void live_entity::restore_timers(detail::timer_table timers) {
  timers_ = timers.empty() ? nullptr : std::make_unique<detail::timer_table>(std::move(timers));
}

void live_entity::remove(const context& ctx, execution& done) {
  if (type_->veto_removal != nullptr) {
    type_->veto_removal(state_.get(), ctx, done);
    if (done.what() != execution::verdict::accepted) {
      return;
    }
  }
  done.know_timers(timers_.get());
  bool recorded = done.record_empty(removed_event);
  if (timers_) {
    for (const auto& [name, pending] : *timers_) {
      recorded = recorded && done.cancel(name);
    }
  }
  if (recorded) {
    standing_ = {standing_.version + 1, true};
    timers_.reset();
    if (parts_) {
      note_change(nullptr, all_aspects);
    }
  }
}

/// Takes notice of the change that made the current version. `command` null: nothing is merged over it.
void live_entity::note_change(const command_type* command, aspect_set touched) {
  const aspect_set known =
      parts_->versions.empty() ? 0 : all_aspects >> (aspects_max - parts_->versions.size());
  const aspect_set changed = touched & known;
  for (std::size_t i = 0; i < parts_->versions.size(); ++i) {
    if ((changed >> i & 1U) != 0) {
      parts_->versions[i] = standing_.version;
    }
  }
  parts_->touched = changed == known ? 0 : changed;
  if (parts_->kept) {
    parts_->kept->add(standing_.version, command, known == 0 ? all_aspects : changed);
  }
}

void live_entity::end_change(version_type version, bool removes, std::string_view command,
                             const std::vector<std::string>& aspects) {
  const bool creates = standing_.version == 0 || (parts_ && std::exchange(parts_->fresh, false));
  standing_ = {version, removes};
  if (!parts_) {
    return;
  }
  const bool same_life = !creates && !removes;
  note_change(same_life ? type_->find_command(command) : nullptr,
              same_life ? type_->aspects_of(aspects) : all_aspects);
}

bool live_entity::keep_stored(version_type version, std::string_view command,
                              const std::vector<std::string>& aspects,
                              const std::vector<stored_event>& events, std::size_t bytes) {
  kept_change kept{version, type_->find_command(command), type_->aspects_of(aspects), {}, bytes};
  for (const auto& event : events) {
    if (is_built_in(event.name)) {
      kept.command = event.name == removed_event ? nullptr : kept.command;
      continue;
    }
    const event_type* known = type_->find_event(event.name);
    if (known == nullptr || known->schema != event.schema) {
      return false;
    }
    if (known->copy != nullptr) {
      json::problem wrong;
      wrong.lenient = type_->reads_leniently;
      auto decoded = known->decode(event.data, wrong);
      if (!decoded) {
        return false;
      }
      kept.events.push_back(
          {static_cast<std::size_t>(known - type_->events.data()), std::move(decoded)});
    }
  }
  parts_->kept->add_stored(std::move(kept));
  return true;
}

void live_entity::begin_change(bool removes) {
  if (auto* past = kept()) {
    past->begin();
  }
  if (standing_.removed && !removes) {
    state_ = type_->make_state();
    standing_.removed = false;
    if (parts_) {
      parts_->fresh = true;
    }
  }
}

status live_entity::apply(std::string_view event, std::uint32_t schema,
                          std::string_view data_json) {
  if (is_built_in(event)) {
    return apply_built_in(event, data_json);
  }
  if (auto* past = kept()) {
    past->grow(data_json.size());
  }
  const event_type* known = type_->find_event(event);
  if (known != nullptr && known->schema == schema && kept() == nullptr &&
      known->apply_canonical(state_.get(), data_json)) {
    return {};
  }
  boost::json::value data;
  json::problem wrong;
  if (!json::parse(data_json, data, wrong)) {
    return {entity_errc::invalid_event, "event " + std::string(event) + ": " + wrong.text()};
  }
  if (known == nullptr || known->schema != schema) {
    return upcast_and_apply({std::string(event), schema, std::move(data)});
  }
  auto applied = apply_known(*known, data);
  if (!applied.ok()) {
    applied.message.insert(0, "event " + std::string(event) + ": ");
  }
  return applied;
}

status live_entity::apply_built_in(std::string_view event, std::string_view data_json) {
  if (event == removed_event) {
    return {};
  }
  if (!concerns_agenda(event)) {
    return {entity_errc::unknown_event, "event " + std::string(event) +
                                            " is none of the built-in ones; a newer version of "
                                            "Cairn has written it"};
  }
  built_in_event decoded;
  json::problem wrong;
  if (!decode_built_in(event, data_json, decoded, wrong)) {
    return {entity_errc::invalid_event, "event " + std::string(event) + ": " + wrong.text()};
  }
  if (decoded.what == built_in_event::kind::scheduled) {
    set_timer(decoded.timer, detail::pending_timer{decoded.at_us, std::move(decoded.command),
                                                   std::move(decoded.arguments), decoded.every_us});
  } else if (decoded.what <= built_in_event::kind::fired) {
    set_timer(decoded.timer, std::nullopt);
  }
  return {};
}

status live_entity::apply_known(const event_type& known, const boost::json::value& data) {
  json::problem wrong;
  wrong.lenient = type_->reads_leniently;
  if (!known.apply(state_.get(), data, wrong)) {
    return {entity_errc::invalid_event, wrong.text()};
  }
  if (auto* past = kept(); past != nullptr && known.copy != nullptr) {
    past->next().push_back({static_cast<std::size_t>(&known - type_->events.data()),
                            known.decode(data, wrong)}); // it has just been decoded
  }
  return {};
}

status live_entity::upcast_and_apply(stored_event event) {
  const std::string original = "event " + event.name + " of schema " + std::to_string(event.schema);
  for (int step = 0; step < upcasts_max; ++step) {
    const event_type* known = type_->find_event(event.name);
    if (known != nullptr && known->schema == event.schema) {
      auto applied = apply_known(*known, event.data);
      if (!applied.ok()) {
        applied.message.insert(0, original + ": ");
      }
      return applied;
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
  if (parts_) {
    std::fill(parts_->versions.begin(), parts_->versions.end(), version);
  }
  return true;
}

} // namespace cairn
