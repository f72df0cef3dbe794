#pragma once

#include <cairn/detail/context.hpp>
#include <cairn/detail/decision.hpp>
#include <cairn/detail/effects.hpp>
#include <cairn/detail/entity_type.hpp>
#include <cairn/detail/model/cures.hpp>
#include <cairn/detail/model/lists.hpp>
#include <cairn/detail/model/options.hpp>

#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/list.hpp>

#include <array>
#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>

namespace cairn {

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
concept decides = decides_alone<State, Command> || decides_with_context<State, Command>;

template <class State, class Command>
concept decides_unless_const = requires(State& state, const Command& command, const context& ctx) {
  state.decide(command);
}
|| requires(State& state, const Command& command, const context& ctx) {
  state.decide(command, ctx);
};

template <class State, class Command>
auto decide(const State& state, const Command& command, const context& ctx) {
  if constexpr (decides_with_context<State, Command>) {
    return state.decide(command, ctx);
  } else if constexpr (decides_alone<State, Command>) {
    return state.decide(command);
  } else if constexpr (decides_unless_const<State, Command>) {
    static_assert(require<false, cure::make_decide_const<State, Command>>());
  } else {
    static_assert(require<false, cure::add_const_decide_for_command<State, Command>>());
  }
}

template <class T>
concept is_decision = requires {
  typename T::declared_parts;
};

template <class State, class Command>
struct decision_found {
  using type = decltype(decide(std::declval<const State&>(), std::declval<const Command&>(),
                               std::declval<const context&>()));
  static_assert(require<is_decision<type>, //
                        cure::return_cairn_decision_from_decide<State, Command>>());
};

template <class State, class Command>
using decision_of = typename decision_found<State, Command>::type;

template <class State, class Command>
using reply_of = typename decision_of<State, Command>::reply_type;

/// What an option says of events: most say nothing.
template <class Option>
struct listed_events {
  using first = part_types<>;
  using last = part_types<>;
};
template <class... Events>
struct listed_events<events<Events...>> {
  using first = part_types<as_named<Events>...>;
  using last = part_types<>;
};
template <class... Events>
struct listed_events<also_applies<Events...>> {
  using first = part_types<>;
  using last = part_types<as_named<Events>...>;
};

template <class Part>
using is_effect_t = std::bool_constant<is_effect<Part>>;

/// The events that a `decide` returns.
template <class State, class Command>
using decided_events = boost::mp11::mp_transform<
    own_named,
    boost::mp11::mp_remove_if<typename decision_of<State, Command>::declared_parts, is_effect_t>>;

template <class State>
struct undelivered_events {
  using type = part_types<>;
};
template <class State>
requires decides<State, undelivered>
struct undelivered_events<State> {
  using type = decided_events<State, undelivered>;
};

template <class State, class Commands, class Options>
struct events_found;
template <class State, class... Commands, class... Options>
struct events_found<State, named_list<Commands...>, part_types<Options...>> {
  using all = boost::mp11::mp_append<part_types<>, typename listed_events<Options>::first...,
                                     decided_events<State, typename Commands::type>...,
                                     typename undelivered_events<State>::type,
                                     typename listed_events<Options>::last...>;
  using type = typename boost::mp11::mp_apply<first_of_each, all>::type;
};

} // namespace detail

/// The events of an entity type, each with its `type`, `name` and `schema`, for `entity_events<State>::for_each`: those of
/// `cairn::events`, then what its `decide`s return in order of first mention, then those of `cairn::also_applies`.
template <entity_state State>
using entity_events = typename detail::events_found<State, typename State::entity::command_list,
                                                    typename State::entity::option_list>::type;

namespace detail {

template <class State, class Command>
constexpr std::size_t command_index() {
  using list = typename State::entity::command_list;
  static_assert(require<list::template contains<Command>,
                        cure::add_command_to_commands_of_entity<State, Command>>());
  return list::template index_of<Command>();
}

template <class State, class Command>
constexpr std::string_view command_name() {
  return State::entity::command_list::names[command_index<State, Command>()];
}

template <class State, class Event>
constexpr std::size_t event_index() {
  using list = entity_events<State>;
  static_assert(
      require<list::template contains<Event>,
              cure::return_event_from_a_decide_or_list_it_in_also_applies<State, Event>>());
  return list::template index_of<Event>();
}

template <class State, class Command>
const command_type& command_of() {
  return type_descriptor<State>().commands[command_index<State, Command>()];
}

/// What a part of a decision leads to.
struct part_action {
  std::size_t event = 0; ///< In `entity_type::events`.
  /// Of an effect; null: it is that event.
  bool (*record)(execution& done, const context& ctx, const void* part) = nullptr;
};

template <class State, class Command>
bool record_effect(execution& done, const context& ctx, const timer<Command>& part) {
  return done.schedule(part.name, part.at ? *part.at : later(ctx.now(), part.after),
                       command_name<State, Command>(), part.command);
}

template <class State, class Command>
bool record_effect(execution& done, const context& ctx, const every<Command>& part) {
  return done.repeat(part.name, part.period, ctx, command_name<State, Command>(), part.command);
}

template <class State>
bool record_effect(execution& done, const context& /*ctx*/, const cancel& part) {
  return done.cancel(part.timer);
}

template <class State, class Receiver, class Command>
bool record_effect(execution& done, const context& /*ctx*/,
                   const message<Receiver, Command>& part) {
  return done.send_message(entity_key(Receiver::entity::name, part.id),
                           command_name<Receiver, Command>(), part.command);
}

template <class State, class Part>
constexpr part_action action_of() {
  if constexpr (is_effect<Part>) {
    return {0, [](execution& done, const context& ctx, const void* part) {
              return record_effect<State>(done, ctx, *static_cast<const Part*>(part));
            }};
  } else {
    return {event_index<State, Part>()};
  }
}

template <class State, class Parts>
struct actions_of;
template <class State, class... Parts>
struct actions_of<State, part_types<Parts...>> {
  static constexpr std::array<part_action, sizeof...(Parts)> table{action_of<State, Parts>()...};
};

/// Rejects, or records what was decided and then applies its events.
void carry_out(const decision_core& decided, const part_action* actions,
               const entity_type& (*type_of)(), void* state, const context& ctx, execution& done,
               bool& applying);

template <class State, class Command>
void execute_command(void* state, const void* command, const context& ctx, execution& done,
                     bool& applying) {
  using decision_type = decision_of<State, Command>;
  const decision_type decided =
      decide(*static_cast<const State*>(state), *static_cast<const Command*>(command), ctx);
  if constexpr (!std::is_void_v<typename decision_type::reply_type>) {
    if (!decided.refusal() && !done.set_reply(*decided.replied())) {
      return;
    }
  }
  using actions = actions_of<State, typename decision_type::declared_parts>;
  carry_out(decided, actions::table.data(), &type_descriptor<State>, state, ctx, done, applying);
}

template <class State>
void veto_removal(const void* state, const context& ctx, execution& done) {
  const auto decided = decide(*static_cast<const State*>(state), remove{}, ctx);
  if (decided.refusal()) {
    done.reject(decided.refusal()->reason);
  }
}

} // namespace detail

} // namespace cairn
