#pragma once

#include <cairn/detail/context.hpp>
#include <cairn/detail/decision.hpp>
#include <cairn/detail/effects.hpp>
#include <cairn/detail/entity_type.hpp>
#include <cairn/detail/merging.hpp>
#include <cairn/detail/model/apply_options.hpp>
#include <cairn/detail/model/deciding.hpp>
#include <cairn/detail/model/describe.hpp>
#include <cairn/detail/model/lists.hpp>
#include <cairn/detail/model/options.hpp>
#include <cairn/json.hpp>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <string_view>
#include <type_traits>

namespace cairn {

/// Declares an entity type inside its state, from structs alone:
///
///   struct wallet {
///     std::int64_t gold = 0;
///     struct earn { std::int64_t amount = 0; };
///     struct earned { std::int64_t amount = 0; };
///     cairn::decision<earned> decide(const earn& command) const { return earned{command.amount}; }
///     void apply(const earned& event) { gold += event.amount; }
///     using entity = cairn::entity<"wallet", cairn::commands<earn>>;
///   };
///
/// Names in journals and requests are the structs' own, unless `named` gives others. The events are what the
/// `decide`s return.
template <fixed_string Name, class Commands, class... Options>
struct entity {
  using command_list = typename detail::named_list_of<Commands>::type;
  using option_list = detail::part_types<Options...>;

  static constexpr std::string_view name = Name.view();

  static constexpr bool requires_expectation =
      (std::is_same_v<Options, cairn::require_expectation> || ...);
  static constexpr bool refuses_expectation =
      (std::is_same_v<Options, cairn::refuse_expectation> || ...);
  static_assert(!(requires_expectation && refuses_expectation),
                "an entity type cannot both require and refuse an expectation");
  static_assert(!name.empty() && name.find('/') == std::string_view::npos && name.front() != '$',
                "an entity type's name is not empty, has no slash and does not begin with $");
  static_assert(command_list::names_are_unique());
  static_assert(command_list::names_are_valid(),
                "names of commands are not empty and do not begin with $");

  template <class State>
  static entity_type describe() {
    using event_list = entity_events<State>;
    static_assert(event_list::names_are_unique());
    static_assert(event_list::names_are_valid(),
                  "names of events are not empty and do not begin with $");
    using rows = detail::rows_of<State, command_list, event_list>;
    entity_type type;
    type.name = name;
    detail::add_commands(type, rows::commands.data(), rows::commands.size());
    detail::add_events(type, rows::events.data(), rows::events.size());
    detail::describe_state<State>(type);
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
