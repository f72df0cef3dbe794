#include <cairn/testing.hpp>

#include "entities/built_in.hpp"
#include "entities/bytes.hpp"
#include "entities/live_entity.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace cairn::testing::detail {

namespace {

constexpr std::uint64_t default_seed = 1;

std::vector<event_text> decode_events(const execution& done) {
  std::vector<event_text> events;
  byte_reader in(done.events());
  while (!in.at_end()) {
    event_text event;
    event.name = in.bytes();
    event.schema = static_cast<std::uint32_t>(in.varint());
    event.data = in.take(in.fixed(4));
    events.push_back(std::move(event));
  }
  return events;
}

event_text text_of(const built_in_event& event) {
  event_text text{std::string(name_of(event)), 1, {}};
  json::problem wrong;
  if (!encode_built_in(text.data, event, wrong)) {
    throw failure(text.name + ": " + wrong.text());
  }
  return text;
}

/// Without when a timer was due before, which tests rarely care for.
std::vector<event_text> decode_to_compare(const execution& done) {
  auto events = decode_events(done);
  for (auto& event : events) {
    built_in_event decoded;
    json::problem wrong;
    if (concerns_agenda(event.name) && decode_built_in(event.name, event.data, decoded, wrong)) {
      decoded.was_us.reset();
      event = text_of(decoded);
    }
  }
  return events;
}

std::string shown(const std::vector<event_text>& events) {
  std::string text;
  for (const auto& event : events) {
    text += (text.empty() ? "" : ", ") + event.name + event.data;
  }
  return text.empty() ? "no event" : text;
}

/// Do two states differ in one member? An optional one may be absent from either.
bool differ(const boost::json::value& a, const boost::json::value& b, const std::string& name) {
  const auto* in_a = a.as_object().if_contains(name);
  const auto* in_b = b.as_object().if_contains(name);
  return in_a == nullptr || in_b == nullptr ? in_a != in_b : *in_a != *in_b;
}

} // namespace

event_text scheduled_text(const std::string& timer, time_point at, std::string_view command,
                          const std::string& arguments, std::chrono::microseconds period) {
  built_in_event event;
  event.timer = timer;
  event.at_us = at.time_since_epoch().count();
  event.command = command;
  event.arguments = arguments;
  event.every_us = period.count();
  return text_of(event);
}

event_text cancelled_text(const std::string& timer) {
  built_in_event event;
  event.what = built_in_event::kind::cancelled;
  event.timer = timer;
  return text_of(event);
}

event_text emitted_text(const std::string& to, std::string_view command,
                        const std::string& arguments) {
  built_in_event event;
  event.what = built_in_event::kind::emitted;
  event.to = to;
  event.command = command;
  event.arguments = arguments;
  return text_of(event);
}

struct scenario_core::inside {
  explicit inside(const entity_type& type) : entity(type) {}

  /// What the last step led to, in words.
  std::string shown_result() const {
    if (conflict) {
      return "a conflict: " + std::string(to_string(*conflict));
    }
    switch (done.what()) {
      case execution::verdict::accepted:
        return "accepted, " + shown(decode_events(done));
      case execution::verdict::rejected:
        return "rejected: " + done.reason();
      default:
        return "broken: " + done.reason();
    }
  }

  [[noreturn]] void fail(const std::string& expected) const {
    throw failure(entity.type().name + ": expected " + expected + ", but it was " + shown_result());
  }

  void require_accepted(const std::string& expected) const {
    if (conflict || done.what() != execution::verdict::accepted) {
      fail(expected);
    }
  }

  void begin_step() {
    done.reset(std::numeric_limits<std::size_t>::max());
    pending = entity.timers() != nullptr ? *entity.timers() : cairn::detail::timer_table{};
  }

  /// The same twice, for the same step.
  context make_context(random_source& random, const cairn::standing& stood) const {
    context made(now, random, key, stood.version, principal);
    if (due) {
      made.set_due(due->timer, due->at, now, due->missed);
    }
    return made;
  }

  /// What `set_due` said is of one command.
  void take_due() {
    due = std::exchange(next_due, std::nullopt);
    if (due) {
      now = std::max(now, due->at);
    }
  }

  void check_replay(const std::string& before, const cairn::standing& stood) const;
  void check_purity(const command_type& command, const void* arguments, const std::string& before,
                    const cairn::standing& stood) const;
  std::string state_json() const;
  void check_aspects(const std::string& before) const;

  live_entity entity;
  execution done{std::numeric_limits<std::size_t>::max()};
  std::optional<conflict_kind> conflict;
  std::vector<std::string> in_the_way;
  bool merged = false;
  /// That a command is a timer's.
  struct due_timer {
    std::string timer;
    time_point at;
    std::uint64_t missed = 0;
  };
  std::optional<due_timer> due;      // of the last step
  std::optional<due_timer> next_due; // of the next one
  time_point now{};
  std::uint64_t seed = default_seed;
  std::string principal;
  cairn::detail::timer_table pending; // before the last step
  std::string key = entity.type().name + "/tested";
};

std::string scenario_core::inside::state_json() const {
  std::string text;
  json::problem wrong;
  if (!entity.encode_state(text, wrong)) {
    throw failure(entity.type().name + ": the state has no JSON: " + wrong.text());
  }
  return text;
}

/// The recorded events, applied from their JSON to the state before, must give the state that is.
void scenario_core::inside::check_replay(const std::string& before,
                                         const cairn::standing& stood) const {
  live_entity replayed(entity.type());
  json::problem wrong;
  if (!replayed.restore(stood.version, stood.removed, before, wrong)) {
    throw failure(entity.type().name +
                  ": the state does not come back from its JSON: " + wrong.text());
  }
  replayed.restore_timers(pending);
  const auto events = decode_events(done);
  if (!events.empty()) {
    replayed.begin_change();
  }
  for (const auto& event : events) {
    if (auto applied = replayed.apply(event.name, event.schema, event.data); !applied.ok()) {
      throw failure(entity.type().name + ": " + applied.message);
    }
  }
  std::string again;
  if (!replayed.encode_state(again, wrong) || again != state_json()) {
    throw failure(entity.type().name + ": replaying " + shown(events) + " on " + before +
                  " gives " + again + ", but live it gave " + state_json());
  }
}

/// What changed must be among what its events declare to touch: else another client's change is lost unnoticed.
void scenario_core::inside::check_aspects(const std::string& before) const {
  boost::json::value was;
  boost::json::value is;
  json::problem wrong;
  if (done.event_count() == 0 || !json::parse(before, was, wrong) ||
      !json::parse(state_json(), is, wrong)) {
    return;
  }
  const auto& names = entity.type().aspects;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const bool touched = entity.aspect_versions()[i] == entity.standing().version;
    if (!touched && differ(was, is, names[i])) {
      throw failure(entity.type().name + ": " + shown(decode_events(done)) + " changed \"" +
                    names[i] + "\", which no event declares to touch (cairn::touches)");
    }
  }
}

/// Decided on a copy as well: a pure `decide` says the same twice.
void scenario_core::inside::check_purity(const command_type& command, const void* arguments,
                                         const std::string& before,
                                         const cairn::standing& stood) const {
  live_entity copy(entity.type());
  json::problem wrong;
  if (!copy.restore(stood.version, stood.removed, before, wrong)) {
    return; // `check_replay` says so
  }
  copy.restore_timers(pending);
  execution again(std::numeric_limits<std::size_t>::max());
  random_source random(seed);
  copy.execute(command, arguments, make_context(random, stood), again);
  if (again.what() != done.what() || again.events() != done.events() ||
      again.reply() != done.reply()) {
    throw failure(
        entity.type().name + ": " + command.name +
        " is decided differently the second time; decide must depend on state, command and context "
        "alone: " +
        shown(decode_events(done)) + " and then " + shown(decode_events(again)));
  }
}

scenario_core::scenario_core(const entity_type& type) : inside_(std::make_unique<inside>(type)) {}
scenario_core::~scenario_core() = default;
scenario_core::scenario_core(scenario_core&&) noexcept = default;
scenario_core& scenario_core::operator=(scenario_core&&) noexcept = default;

void scenario_core::happened(const event_text& event) {
  auto& entity = inside_->entity;
  const bool creates = !entity.standing().exists();
  entity.begin_change();
  if (auto applied = entity.apply(event.name, event.schema, event.data); !applied.ok()) {
    throw failure(entity.type().name + ": given " + applied.message);
  }
  const auto* known = entity.type().find_event(event.name);
  const auto touched = known != nullptr && !creates ? entity.type().names_of(known->touches)
                                                    : std::vector<std::string>(); // all
  entity.end_change(entity.standing().version + 1, event.name == removed_event, {}, touched);
}

void scenario_core::when(const command_type* command, const void* arguments, expectation expected) {
  auto& in = *inside_;
  in.begin_step();
  in.take_due();
  in.in_the_way.clear();
  in.merged = false;
  in.conflict = judge_life(in.entity.standing(), expected, command == nullptr);
  if (in.conflict) {
    return;
  }
  const auto admitted = in.entity.admit(command, arguments, expected, version_checks::on);
  in.conflict = admitted.refused;
  if (in.conflict) {
    in.in_the_way = in.entity.type().names_of(admitted.in_the_way);
    return;
  }
  in.merged = admitted.merged;
  if (admitted.instead) {
    arguments = admitted.instead.get();
  }
  random_source random(in.seed);
  if (command == nullptr) {
    in.entity.remove(in.make_context(random, in.entity.standing()), in.done);
    return;
  }
  const std::string before = in.state_json();
  const standing stood = in.entity.standing();
  in.entity.execute(*command, arguments, in.make_context(random, stood), in.done);
  in.check_purity(*command, arguments, before, stood);
  in.check_replay(before, stood);
  in.check_aspects(before);
}

void scenario_core::when_undelivered(const undelivered& message) {
  auto& in = *inside_;
  in.begin_step();
  in.due.reset();
  in.conflict.reset();
  in.in_the_way.clear();
  in.merged = false;
  random_source random(in.seed);
  const std::string before = in.state_json();
  const standing stood = in.entity.standing();
  in.entity.execute(message, in.make_context(random, stood), in.done);
  in.check_replay(before, stood);
  in.check_aspects(before);
}

void scenario_core::then_merged() const {
  inside_->require_accepted("merged");
  if (!inside_->merged) {
    throw failure(inside_->entity.type().name +
                  ": expected the command to be merged, but it was "
                  "not stale");
  }
}

void scenario_core::then_aspects(const std::vector<std::string>& names) const {
  if (!inside_->conflict || inside_->in_the_way != names) {
    std::string wanted;
    for (const auto& name : names) {
      wanted += (wanted.empty() ? "" : ", ") + name;
    }
    std::string actual;
    for (const auto& name : inside_->in_the_way) {
      actual += (actual.empty() ? "" : ", ") + name;
    }
    inside_->fail("a conflict over [" + wanted + "], found [" + actual + "]");
  }
}

void scenario_core::then_events(const std::vector<event_text>& expected) const {
  const std::string wanted = "accepted, " + shown(expected);
  inside_->require_accepted(wanted);
  if (decode_to_compare(inside_->done) != expected) {
    inside_->fail(wanted);
  }
}

void scenario_core::then_rejected(const std::string* reason) const {
  const auto& in = *inside_;
  const bool rejected = !in.conflict && in.done.what() == execution::verdict::rejected;
  if (!rejected || (reason != nullptr && in.done.reason() != *reason)) {
    in.fail(reason != nullptr ? "rejected: " + *reason : "rejected");
  }
}

void scenario_core::then_conflict(conflict_kind kind) const {
  if (inside_->conflict != kind) {
    inside_->fail("a conflict: " + std::string(to_string(kind)));
  }
}

void scenario_core::then_reply(const std::string& json) const {
  inside_->require_accepted("the reply " + json);
  if (inside_->done.reply() != json) {
    throw failure(inside_->entity.type().name + ": expected the reply " + json + ", but it was " +
                  (inside_->done.reply().empty() ? "none" : inside_->done.reply()));
  }
}

void scenario_core::then_state(const std::string& json) const {
  if (const std::string actual = inside_->state_json(); actual != json) {
    throw failure(inside_->entity.type().name + ": expected the state " + json + ", but it is " +
                  actual);
  }
}

time_point scenario_core::now() const noexcept { return inside_->now; }

time_point scenario_core::next_of(const std::string& timer,
                                  std::chrono::microseconds period) const noexcept {
  const auto& in = *inside_;
  const bool goes_on = in.due && in.due->timer == timer;
  return cairn::detail::next_of(goes_on ? in.due->at : in.now, period, in.now).at;
}

void scenario_core::set_due(std::string timer, time_point due, std::uint64_t missed) {
  inside_->next_due = {std::move(timer), due, missed};
}

const void* scenario_core::state() const noexcept { return inside_->entity.state(); }
version_type scenario_core::version() const noexcept { return inside_->entity.standing().version; }
void scenario_core::set_time(time_point now) noexcept { inside_->now = now; }
void scenario_core::set_seed(std::uint64_t seed) noexcept { inside_->seed = seed; }
void scenario_core::set_principal(std::string principal) {
  inside_->principal = std::move(principal);
}

} // namespace cairn::testing::detail
