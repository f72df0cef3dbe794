#pragma once

#include <cairn/detail/model/golden.hpp>
#include <cairn/detail/outcome.hpp>
#include <cairn/entity.hpp>

#include <chrono>
#include <concepts>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

/// Tests of one's own entities, without actors, threads or I/O, under any test framework:
///
///   cairn::testing::given<wallet>(wallet::earned{5}).when(wallet::spend{3}).then(wallet::spent{3});
///   cairn::testing::given<wallet>().when(wallet::spend{1}).then_rejected("not enough gold");
///
/// What does not hold is thrown as a `failure` that says what was expected and what happened. Each step also
/// checks what replay relies on: `decide` says the same twice, and events come back from JSON unchanged; and that
/// events touch the aspects that they change. `round_trip` checks the JSON of single values.
/// Thread: one at a time.
namespace cairn::testing {

class failure : public std::logic_error {
public:
  using std::logic_error::logic_error;
};

namespace detail {

/// One event as text, to be compared and shown.
struct event_text {
  std::string name;
  std::uint32_t schema = 1;
  std::string data;

  friend bool operator==(const event_text&, const event_text&) = default;
};

/// The inside of a scenario, without its types.
class scenario_core {
public:
  explicit scenario_core(const entity_type& type);
  ~scenario_core();
  scenario_core(scenario_core&&) noexcept;
  scenario_core& operator=(scenario_core&&) noexcept;

  /// One change that happened.
  void happened(const event_text& event);

  /// `command` null: a removal.
  void when(const command_type* command, const void* arguments, expectation expected);
  void when_undelivered(const undelivered& message);

  void then_events(const std::vector<event_text>& expected) const;
  void then_rejected(const std::string* reason) const;
  void then_conflict(conflict_kind kind) const;
  void then_aspects(const std::vector<std::string>& names) const;
  void then_merged() const;
  void then_reply(const std::string& json) const;
  void then_state(const std::string& json) const;

  const void* state() const noexcept;
  version_type version() const noexcept;
  time_point now() const noexcept;
  /// When a `cairn::every` that the last step set, or that is given, is due first.
  time_point next_of(const std::string& timer, std::chrono::microseconds period) const noexcept;
  /// The next command is that of a timer.
  void set_due(std::string timer, time_point due, std::uint64_t missed);
  void set_time(time_point now) noexcept;
  void set_seed(std::uint64_t seed) noexcept;
  void set_principal(std::string principal);

private:
  struct inside;
  std::unique_ptr<inside> inside_;
};

/// What the runtime records of them; when a timer was due before is left out.
event_text scheduled_text(const std::string& timer, time_point at, std::string_view command,
                          const std::string& arguments, std::chrono::microseconds period);
event_text cancelled_text(const std::string& timer);
event_text emitted_text(const std::string& to, std::string_view command,
                        const std::string& arguments);

template <class T>
std::string to_json(const T& value) {
  std::string text;
  json::problem wrong;
  if (!json::encode(text, value, wrong)) {
    throw failure("this value has no JSON: " + wrong.text());
  }
  return text;
}

/// What `text` is read as, which must be written as `text` again.
template <class T>
T from_json(const std::string& text) {
  boost::json::value value;
  json::problem wrong;
  T read{};
  if (!json::parse(text, value, wrong) || !json::decode(value, read, wrong)) {
    throw failure("this JSON does not come back: " + text + ": " + wrong.text());
  }
  if (const std::string again = to_json(read); again != text) {
    throw failure("this JSON comes back as another: " + text + " as " + again);
  }
  return read;
}

/// Containers say that they can be compared even where their items cannot.
template <class T>
consteval bool is_comparable() {
  if constexpr (json::detail::known_kind<T> && !json::detail::has_own_form<T>) {
    return []<class... Parts>(json::detail::type_list<Parts...>) {
      return (is_comparable<Parts>() && ...);
    }(json::detail::parts_of<T>{});
  } else {
    return std::equality_comparable<T>;
  }
}

} // namespace detail

/// Checks that values come back from their JSON as they were, which types with a `cairn::json::form` have to see to.
/// Shape:  compared with `==` where there is one, and as JSON.
/// Errors: throws a `failure` that shows the JSON.
template <class... Values>
void round_trip(const Values&... values) {
  const auto check = []<class T>(const T& value) {
    const std::string text = detail::to_json(value);
    const T read = detail::from_json<T>(text);
    if constexpr (detail::is_comparable<T>()) {
      if (!(read == value)) {
        throw failure("this value comes back from its JSON as another one: " + text);
      }
    }
  };
  (check(values), ...);
}

/// What was given, what was done, and what it must have led to; steps can be chained.
template <entity_state State>
class scenario {
  template <class Command>
  testing::detail::event_text text_of(const timer<Command>& part) const {
    return testing::detail::scheduled_text(
        part.name, part.at ? *part.at : cairn::detail::later(core_.now(), part.after),
        cairn::detail::command_name<State, Command>(), testing::detail::to_json(part.command), {});
  }
  template <class Command>
  testing::detail::event_text text_of(const every<Command>& part) const {
    return testing::detail::scheduled_text(part.name, core_.next_of(part.name, part.period),
                                           cairn::detail::command_name<State, Command>(),
                                           testing::detail::to_json(part.command), part.period);
  }
  testing::detail::event_text text_of(const cancel& part) const {
    return testing::detail::cancelled_text(part.timer);
  }
  template <class Receiver, class Command>
  testing::detail::event_text text_of(const message<Receiver, Command>& part) const {
    return testing::detail::emitted_text(entity_key(Receiver::entity::name, part.id),
                                         cairn::detail::command_name<Receiver, Command>(),
                                         testing::detail::to_json(part.command));
  }
  template <class Event>
  testing::detail::event_text text_of(const Event& event) const {
    const auto& known = type_descriptor<State>().events[cairn::detail::event_index<State, Event>()];
    round_trip(event);
    return {known.name, known.schema, testing::detail::to_json(event)};
  }

public:
  scenario() : core_(type_descriptor<State>()) {}

  /// These events happened, each in a change of its own; timers were set.
  template <class... Events>
  scenario& given(const Events&... events) {
    (core_.happened(text_of(events)), ...);
    return *this;
  }

  /// The time that `decide` sees from now on.
  scenario& at_time(time_point now) {
    core_.set_time(now);
    return *this;
  }

  /// The next command is that of the timer `name`, which was due at `at`, and had left out `missed` of its times: what
  /// `decide` sees of that. It sees the time that `at_time` says, or `at` when that is later.
  scenario& due(std::string name, time_point at, std::uint64_t missed = 0) {
    core_.set_due(std::move(name), at, missed);
    return *this;
  }

  /// Of the random numbers that `decide` sees in each of the next steps.
  scenario& with_seed(std::uint64_t seed) {
    core_.set_seed(seed);
    return *this;
  }

  /// Who sends the next commands.
  scenario& as(std::string principal) {
    core_.set_principal(std::move(principal));
    return *this;
  }

  /// Sends a command, with any expectation; what it leads to takes effect.
  template <class Command>
  scenario& when(const Command& command, expectation expected = {}) {
    if constexpr (std::is_same_v<Command, remove>) {
      core_.when(nullptr, nullptr, expected);
    } else {
      core_.when(&cairn::detail::command_of<State, Command>(), &command, expected);
    }
    return *this;
  }

  /// A message of its own comes back to it.
  scenario& when(const undelivered& message) {
    static_assert(cairn::detail::decides<State, undelivered>,
                  "the state has no decide(const cairn::undelivered&) const");
    core_.when_undelivered(message);
    return *this;
  }

  /// It was accepted with exactly these events, timers and messages, in this order; none: accepted, and nothing happened.
  template <class... Events>
  scenario& then(const Events&... events) {
    core_.then_events({text_of(events)...});
    return *this;
  }

  scenario& then_removed() {
    core_.then_events({{std::string(removed_event), 1, "{}"}});
    return *this;
  }

  scenario& then_rejected() {
    core_.then_rejected(nullptr);
    return *this;
  }
  scenario& then_rejected(const std::string& reason) {
    core_.then_rejected(&reason);
    return *this;
  }

  scenario& then_conflict(conflict_kind kind) {
    core_.then_conflict(kind);
    return *this;
  }

  /// It was a conflict, and these aspects were in the way.
  scenario& then_conflict_over(const std::vector<std::string>& aspects) {
    core_.then_aspects(aspects);
    return *this;
  }

  /// It was stale, and accepted all the same.
  scenario& then_merged() {
    core_.then_merged();
    return *this;
  }

  template <class Reply>
  scenario& then_reply(const Reply& reply) {
    core_.then_reply(testing::detail::to_json(reply));
    return *this;
  }

  /// The state is this, compared as JSON.
  scenario& then_state(const State& state) {
    core_.then_state(testing::detail::to_json(state));
    return *this;
  }

  const State& state() const noexcept { return *static_cast<const State*>(core_.state()); }
  version_type version() const noexcept { return core_.version(); }

private:
  testing::detail::scenario_core core_;
};

/// An entity to which these events happened.
template <entity_state State, class... Events>
scenario<State> given(const Events&... events) {
  scenario<State> made;
  made.given(events...);
  return made;
}

namespace detail {

/// Writes `text` when there is no file. Otherwise throws a `failure` unless the file says the same of `type`.
inline void check_golden(const std::string& file, const entity_type& type) {
  std::ifstream opened(file, std::ios::binary);
  if (!opened) {
    std::ofstream written(file, std::ios::binary);
    if (!(written << golden_text({&type}) << std::flush)) {
      throw failure(file + ": cannot be written");
    }
    return;
  }
  std::ostringstream text;
  text << opened.rdbuf();
  std::vector<golden_difference> found;
  json::problem wrong;
  if (!compare_golden(text.str(), {&type}, found, wrong)) {
    throw failure(file + ": " + wrong.text());
  }
  if (found.empty()) {
    return;
  }
  std::string message = file + " says otherwise; to accept all, remove it and run this again:";
  for (const auto& each : found) {
    message += "\n  " + each.text();
  }
  throw failure(message);
}

} // namespace detail

/// Keeps the names, schemas and shapes of `State`, its commands and events: writes them to `file` when that is not there,
/// and compares them with it from then on. The file belongs into the repository.
/// Errors: throws a `failure` that says of each difference what to do: upcast, alias or accept.
template <entity_state State>
void golden(const std::string& file) {
  detail::check_golden(file, type_descriptor<State>());
}

} // namespace cairn::testing
