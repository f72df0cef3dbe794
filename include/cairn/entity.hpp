#pragma once

#include <cairn/detail/context.hpp>
#include <cairn/detail/decision.hpp>
#include <cairn/detail/effects.hpp>
#include <cairn/detail/entity_type.hpp>
#include <cairn/detail/guard.hpp>
#include <cairn/detail/json/canonical.hpp>
#include <cairn/detail/merging.hpp>
#include <cairn/json.hpp>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

namespace cairn {

/// Text as a template argument: the stable names that journals and requests carry.
template <std::size_t N>
struct fixed_string {
  char text[N]{};

  consteval fixed_string(const char (&literal)[N]) { std::copy_n(literal, N, text); }
  constexpr std::string_view view() const noexcept { return {text, N - 1}; }
};

/// A command or event under the name that it keeps for ever; `Schema` counts an event's shapes from 1.
template <fixed_string Name, class T, std::uint32_t Schema = 1>
struct named {
  using type = T;
  static constexpr std::string_view name = Name.view();
  static constexpr std::uint32_t schema = Schema;
};

template <class... Named>
struct commands {};

template <class... Named>
struct events {};

/// Options of an entity type, behind its commands and events:
/// `cairn::entity<"wallet", commands<…>, events<…>, cairn::require_expectation, cairn::ids_remembered<1000>>`.

/// `send(command)` does not compile.
struct require_expectation {};

/// `send(command, observed)` does not compile.
struct refuse_expectation {};

/// Command ids are known for the last `N` changes of an entity, 128 without this option: an id that comes again later
/// is taken for a new one. `cairn::for_ever`: for all its changes. Costs memory per id that is used.
template <std::uint32_t N>
struct ids_remembered {};

/// A snapshot every `N` changes of an entity, at which of them its key says, and when it leaves memory or its world closes
/// with half as many since the last one; 0: none.
template <std::uint32_t N>
struct snapshot_changes {};

/// Counts changes of what the state means that its shape does not show; older snapshots are not used.
template <std::uint32_t N>
struct state_version {};

/// The journal keeps the arguments of accepted commands too.
struct record_commands {};

/// `Function` turns the event `Name` of shape `Schema`, as it stands in old journals, into a newer form:
/// `cairn::stored_event (*)(cairn::stored_event)`. It runs until the form is one of today's.
template <fixed_string Name, std::uint32_t Schema, auto Function>
struct upcast {
  static constexpr std::string_view name = Name.view();
  static constexpr std::uint32_t schema = Schema;
};

/// What `Command` depends on: members of the state, as in `depends_on<change_city, &address::city>`. Each member
/// so named is an aspect, with a version of its own, under the name that it has in JSON. `at(v)` then conflicts only
/// when one of these aspects changed after v. A command without this depends on all of the state.
template <class Command, auto... Members>
struct depends_on {};

/// What `Event` changes: `touches<city_changed, &address::city>`. An event without this touches all aspects, and so
/// do creation and removal.
template <class Event, auto... Members>
struct touches {};

/// A stale `Command` is accepted all the same when all that it missed were commands of `Others`, and the other
/// way round: `commutes<earn, earn>`, `commutes<earn, earn, spend>`. Both are decided on fresh state, as ever.
template <class Command, class... Others>
struct commutes {};

/// `N` changes are kept in memory for merges, as far as their events have 1 MiB together; a command that missed more
/// stays a conflict.
template <std::uint32_t N>
struct merge_window {};

/// Journaled events, and what timers and messages carry, may have members that the type does not know, which are passed
/// over: so a program that was rolled back reads what a newer one has written. Commands stay strict. Off by default,
/// since a member that is passed over is a fact that this program acts without.
struct read_leniently {};

/// The longest lease in milliseconds; 0: the type cannot be leased.
template <std::uint32_t Ms>
struct lease_ms_max {};

/// The built-in command; an entity may veto it: `cairn::decision<> decide(const cairn::remove&) const`.
struct remove {};

/// Declares an entity type inside its state: `using entity = cairn::entity<"wallet", …>;`
template <fixed_string Name, class Commands, class Events, class... Options>
struct entity;

/// A state that declares itself an entity.
template <class State>
concept entity_state = requires {
  State::entity::name;
};

/// The descriptor of `State`, made on first use.
/// Thread: any.
template <entity_state State>
const entity_type& type_descriptor();

namespace detail {

template <class List>
struct named_list;
template <template <class...> class List, class... Named>
struct named_list<List<Named...>> {
  template <class T>
  static constexpr bool contains = (std::is_same_v<T, typename Named::type> || ...);

  static constexpr std::size_t size = sizeof...(Named);

  static constexpr bool names_are_unique() {
    constexpr std::array<std::string_view, sizeof...(Named)> names{Named::name...};
    for (std::size_t i = 0; i < names.size(); ++i) {
      for (std::size_t j = i + 1; j < names.size(); ++j) {
        if (names[i] == names[j]) {
          return false;
        }
      }
    }
    return true;
  }

  static constexpr bool names_are_valid() {
    return ((!Named::name.empty() && Named::name.front() != '$') && ...);
  }

  template <class T>
  static constexpr std::string_view name_of() {
    std::string_view found;
    (void)((std::is_same_v<T, typename Named::type> ? (found = Named::name, true) : false) || ...);
    return found;
  }

  template <class T>
  static constexpr std::uint32_t schema_of() {
    std::uint32_t found = 0;
    (void)((std::is_same_v<T, typename Named::type> ? (found = Named::schema, true) : false) ||
           ...);
    return found;
  }

  template <class T>
  static constexpr std::size_t index_of() {
    std::size_t index = 0;
    (void)((std::is_same_v<T, typename Named::type> ? true : (++index, false)) || ...);
    return index;
  }

  template <class Visitor>
  static void for_each(Visitor&& visitor) {
    (visitor(Named{}), ...);
  }

  /// Calls `visitor` with the one at `index`.
  template <class Visitor>
  static void visit_at(std::size_t index, Visitor&& visitor) {
    std::size_t at = 0;
    (void)((at++ == index ? (visitor(Named{}), true) : false) || ...);
  }

  template <class State>
  static constexpr bool any_merges = (merges<State, typename Named::type> || ...);
};

template <class T>
any_pointer make_any() {
  return {new T(), [](void* object) { delete static_cast<T*>(object); }};
}

template <class T>
bool decode_any(const boost::json::value& value, void* out, json::problem& wrong) {
  return json::decode(value, *static_cast<T*>(out), wrong);
}

template <class T>
bool encode_any(std::string& out, const void* value, json::problem& wrong) {
  return json::encode(out, *static_cast<const T*>(value), wrong);
}

/// Null: a `T` never owns any.
template <class T>
constexpr auto owned_bytes_of() -> std::size_t (*)(const void*) {
  if constexpr (json::detail::owns_memory<T>()) {
    return [](const void* value) { return json::owned_bytes(*static_cast<const T*>(value)); };
  } else {
    return nullptr;
  }
}

template <class State, class Command>
concept decides_with_context = requires(const State& state, const Command& command,
                                        const context& ctx) {
  state.decide(command, ctx);
};

template <class State, class Command>
concept decides_alone = requires(const State& state, const Command& command) {
  state.decide(command);
};

template <class State, class Command>
auto decide(const State& state, const Command& command, const context& ctx) {
  static_assert(decides_with_context<State, Command> || decides_alone<State, Command>,
                "the state needs a const member function decide(const Command&) or "
                "decide(const Command&, const cairn::context&) for each of its commands");
  if constexpr (decides_with_context<State, Command>) {
    return state.decide(command, ctx);
  } else {
    return state.decide(command);
  }
}

template <class State, class Command>
using decision_of = decltype(decide(std::declval<const State&>(), std::declval<const Command&>(),
                                    std::declval<const context&>()));

template <class State, class Command>
using reply_of = typename decision_of<State, Command>::reply_type;

/// An event of a decision.
template <class State, class Events, class Event>
bool record_part(execution& done, const context& /*ctx*/, const Event& event) {
  static_assert(named_list<Events>::template contains<Event>,
                "an event of this decision is not in the entity's list of events");
  constexpr std::size_t index = named_list<Events>::template index_of<Event>();
  if constexpr (State::entity::has_aspects) {
    done.touch(type_descriptor<State>().events[index].touches);
  }
  if constexpr (State::entity::command_list::template any_merges<State>) {
    done.keep(index, event);
  }
  return done.record(named_list<Events>::template name_of<Event>(),
                     named_list<Events>::template schema_of<Event>(), event);
}

template <class State, class Events, class Command>
bool record_part(execution& done, const context& ctx, const timer<Command>& part) {
  using list = typename State::entity::command_list;
  static_assert(list::template contains<Command>,
                "a timer's command is one of the entity that sets it");
  return done.schedule(part.name, part.at ? *part.at : later(ctx.now(), part.after),
                       list::template name_of<Command>(), part.command);
}

template <class State, class Events, class Command>
bool record_part(execution& done, const context& ctx, const every<Command>& part) {
  using list = typename State::entity::command_list;
  static_assert(list::template contains<Command>,
                "the command of cairn::every is one of the entity that sets it");
  return done.repeat(part.name, part.period, ctx, list::template name_of<Command>(), part.command);
}

template <class State, class Events>
bool record_part(execution& done, const context& /*ctx*/, const cancel& part) {
  return done.cancel(part.timer);
}

template <class State, class Events, class Receiver, class Command>
bool record_part(execution& done, const context& /*ctx*/, const message<Receiver, Command>& part) {
  using list = typename Receiver::entity::command_list;
  static_assert(list::template contains<Command>, "a message's command is one of its receiver");
  return done.send_message(entity_key(Receiver::entity::name, part.id),
                           list::template name_of<Command>(), part.command);
}

template <class State, class Command, class Events>
void execute_command(void* state, const void* command, const context& ctx, execution& done,
                     bool& applying) {
  auto& self = *static_cast<State*>(state);
  const auto decided = decide(std::as_const(self), *static_cast<const Command*>(command), ctx);
  if (decided.refusal()) {
    return done.reject(decided.refusal()->reason);
  }
  using decision_type = std::remove_cvref_t<decltype(decided)>;
  if constexpr (!std::is_void_v<typename decision_type::reply_type>) {
    if (!done.set_reply(*decided.replied())) {
      return;
    }
  }
  if constexpr (!std::is_same_v<typename decision_type::event, std::monostate>) {
    for (std::size_t i = 0; i < decided.size(); ++i) {
      const bool recorded =
          std::visit([&](const auto& part) { return record_part<State, Events>(done, ctx, part); },
                     decided[i]);
      if (!recorded) {
        return;
      }
    }
    applying = true;
    for (std::size_t i = 0; i < decided.size(); ++i) {
      std::visit(
          [&]<class Part>(const Part& part) {
            if constexpr (!is_effect<Part>) {
              self.apply(part);
            }
          },
          decided[i]);
    }
    applying = false;
  }
}

template <class State, class Event>
bool apply_event(void* state, const boost::json::value& data, json::problem& wrong) {
  Event event{};
  if (!json::decode(data, event, wrong)) {
    return false;
  }
  static_cast<State*>(state)->apply(std::as_const(event));
  return true;
}

template <class State, class Event>
bool apply_canonical(void* state, std::string_view text) {
  Event event{};
  if (!json::detail::read_canonical(text, event)) {
    return false;
  }
  static_cast<State*>(state)->apply(std::as_const(event));
  return true;
}

template <class Event>
std::shared_ptr<const void> decode_kept(const boost::json::value& data, json::problem& wrong) {
  auto event = std::make_shared<Event>();
  return json::decode(data, *event, wrong) ? event : nullptr;
}

/// The name of a state's member in its JSON; empty when it has none there.
template <class State, auto Member>
constexpr std::string_view member_name() {
  std::string_view found;
  boost::mp11::mp_for_each<json::detail::members_of<State>>([&](auto member) {
    if (decltype(member)::template is<Member>()) {
      found = member.name;
    }
  });
  return found;
}

/// The aspect of a member, which is listed when it is new.
template <class State, auto Member>
aspect_set aspect_of(entity_type& type) {
  constexpr std::string_view name = member_name<State, Member>();
  static_assert(!name.empty(), "an aspect is a described member of the state: &wallet::gold");
  const auto found = std::find(type.aspects.begin(), type.aspects.end(), name);
  const auto index = static_cast<std::size_t>(found - type.aspects.begin());
  if (index == aspects_max) {
    throw startup_error(std::make_error_code(std::errc::invalid_argument),
                        type.name + " has more than 64 aspects");
  }
  if (found == type.aspects.end()) {
    type.aspects.emplace_back(name);
  }
  return aspect_set{1} << index;
}

/// What an option says of the state's members and of commands and events: most say nothing.
template <class State, class Option>
struct declare {
  static void to(entity_type& /*type*/) {}
};
template <class State, class Command, auto... Members>
struct declare<State, depends_on<Command, Members...>> {
  static void to(entity_type& type) {
    using list = typename State::entity::command_list;
    static_assert(list::template contains<Command>,
                  "depends_on names a command of the entity's list");
    static_assert(sizeof...(Members) > 0,
                  "depends_on names members; without it a command depends "
                  "on all");
    type.commands[list::template index_of<Command>()].depends =
        (aspect_of<State, Members>(type) | ...);
  }
};
template <class State, class Event, auto... Members>
struct declare<State, touches<Event, Members...>> {
  static void to(entity_type& type) {
    using list = typename State::entity::event_list;
    static_assert(list::template contains<Event>, "touches names an event of the entity's list");
    static_assert(sizeof...(Members) > 0, "touches names members; without it an event touches all");
    type.events[list::template index_of<Event>()].touches = (aspect_of<State, Members>(type) | ...);
  }
};
template <class State, class Command, class... Others>
struct declare<State, commutes<Command, Others...>> {
  static void to(entity_type& type) {
    using list = typename State::entity::command_list;
    static_assert(list::template contains<Command> && (list::template contains<Others> && ...),
                  "commutes names commands of the entity's list");
    constexpr std::size_t own = list::template index_of<Command>();
    const auto add = [&](std::size_t one, std::size_t other) {
      auto& known = type.commands[one].commutes_with;
      if (std::find(known.begin(), known.end(), other) == known.end()) {
        known.push_back(other);
      }
    };
    (add(own, list::template index_of<Others>()), ...);
    (add(list::template index_of<Others>(), own), ...);
  }
};

template <class Option>
inline constexpr bool declares_aspects = false;
template <class Command, auto... Members>
inline constexpr bool declares_aspects<depends_on<Command, Members...>> = true;
template <class Event, auto... Members>
inline constexpr bool declares_aspects<touches<Event, Members...>> = true;
template <class Option>
inline constexpr bool is_declaration = declares_aspects<Option>;
template <class Command, class... Others>
inline constexpr bool is_declaration<commutes<Command, Others...>> = true;

template <class Option>
struct apply_option {
  static_assert(is_declaration<Option>, "unknown option of cairn::entity");
  static void to(entity_type& /*type*/) {} // `declare` has done it
};
template <>
struct apply_option<require_expectation> {
  static void to(entity_type& type) { type.expectation = expectation_policy::required; }
};
template <>
struct apply_option<refuse_expectation> {
  static void to(entity_type& type) { type.expectation = expectation_policy::refused; }
};
template <std::uint32_t N>
struct apply_option<ids_remembered<N>> {
  static void to(entity_type& type) { type.ids_remembered = N; }
};
template <std::uint32_t N>
struct apply_option<snapshot_changes<N>> {
  static void to(entity_type& type) { type.snapshot_changes = N; }
};
template <std::uint32_t N>
struct apply_option<state_version<N>> {
  static void to(entity_type& type) { type.fingerprint = N; } // mixed with the shape afterwards
};
template <>
struct apply_option<record_commands> {
  static void to(entity_type& type) { type.records_commands = true; }
};
template <>
struct apply_option<read_leniently> {
  static void to(entity_type& type) { type.reads_leniently = true; }
};
template <std::uint32_t N>
struct apply_option<merge_window<N>> {
  static void to(entity_type& type) { type.merge_window = N; }
};
template <std::uint32_t Ms>
struct apply_option<lease_ms_max<Ms>> {
  static void to(entity_type& type) { type.lease_max = std::chrono::milliseconds(Ms); }
};
template <fixed_string Name, std::uint32_t Schema, auto Function>
struct apply_option<upcast<Name, Schema, Function>> {
  static void to(entity_type& type) {
    type.upcasters.push_back({std::string(Name.view()), Schema, Function});
  }
};

std::uint64_t fingerprint_of(std::string_view shape, std::uint64_t state_version) noexcept;

template <class State>
void veto_removal(const void* state, const context& ctx, execution& done) {
  const auto decided = decide(*static_cast<const State*>(state), remove{}, ctx);
  if (decided.refusal()) {
    done.reject(decided.refusal()->reason);
  }
}

} // namespace detail

template <fixed_string Name, class Commands, class Events, class... Options>
struct entity {
  using command_list = detail::named_list<Commands>;
  using event_list = detail::named_list<Events>;

  static constexpr std::string_view name = Name.view();

  static constexpr bool requires_expectation =
      (std::is_same_v<Options, cairn::require_expectation> || ...);
  static constexpr bool refuses_expectation =
      (std::is_same_v<Options, cairn::refuse_expectation> || ...);
  static constexpr bool has_aspects = (detail::declares_aspects<Options> || ...);
  static_assert(!(requires_expectation && refuses_expectation),
                "an entity type cannot both require and refuse an expectation");
  static_assert(!name.empty() && name.find('/') == std::string_view::npos && name.front() != '$',
                "an entity type's name is not empty, has no slash and does not begin with $");
  static_assert(command_list::names_are_unique(), "two commands have the same name");
  static_assert(event_list::names_are_unique(), "two events have the same name");
  static_assert(command_list::names_are_valid() && event_list::names_are_valid(),
                "names of commands and events are not empty and do not begin with $");

  template <class State>
  static entity_type describe() {
    static_assert(detail::checked_destructor<State>::value);
    entity_type type;
    type.name = name;
    command_list::for_each([&]<class Command>(Command) {
      using command = typename Command::type;
      static_assert(detail::checked_destructor<command>::value);
      type.commands.push_back(
          {std::string(Command::name), !std::is_void_v<detail::reply_of<State, command>>,
           &detail::make_any<command>, &detail::decode_any<command>, &detail::encode_any<command>,
           &detail::execute_command<State, command, Events>});
      type.commands.back().owned_bytes = detail::owned_bytes_of<command>();
      if constexpr (detail::merges<State, command>) {
        type.commands.back().merge = &detail::merge_command<State, command>;
      }
    });
    event_list::for_each([&]<class Event>(Event) {
      static_assert(detail::checked_destructor<typename Event::type>::value);
      type.events.push_back({std::string(Event::name), Event::schema,
                             &detail::apply_event<State, typename Event::type>,
                             &detail::apply_canonical<State, typename Event::type>});
      if constexpr (command_list::template any_merges<State>) {
        type.events.back().decode = &detail::decode_kept<typename Event::type>;
      }
    });
    type.make_state = &detail::make_any<State>;
    type.clone_state = [](const void* state) {
      return any_pointer(new State(*static_cast<const State*>(state)),
                         [](void* copy) { delete static_cast<State*>(copy); });
    };
    type.encode_state = &detail::encode_any<State>;
    type.decode_state = &detail::decode_any<State>;
    type.state_bytes = detail::owned_bytes_of<State>();
    if constexpr (detail::decides_alone<State, remove> ||
                  detail::decides_with_context<State, remove>) {
      type.veto_removal = &detail::veto_removal<State>;
    }
    if constexpr (detail::decides_alone<State, undelivered> ||
                  detail::decides_with_context<State, undelivered>) {
      type.undelivered = &detail::execute_command<State, undelivered, Events>;
    }
    (detail::declare<State, Options>::to(type), ...);
    (detail::apply_option<Options>::to(type), ...);
    type.fingerprint = detail::fingerprint_of(json::shape<State>(), type.fingerprint);
    return type;
  }
};

/// The descriptor of `State`. It is never destroyed: a world's threads may run on while `main` has returned.
template <entity_state State>
const entity_type& type_descriptor() {
  static const entity_type& type =
      *new const entity_type(State::entity::template describe<State>());
  return type;
}

template <class State>
bool is_type(const entity_type* type) noexcept {
  return type == &type_descriptor<State>();
}

} // namespace cairn
