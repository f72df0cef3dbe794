#pragma once

#include <cairn/detail/entity_type.hpp>
#include <cairn/detail/model/deciding.hpp>
#include <cairn/detail/model/options.hpp>
#include <cairn/error.hpp>
#include <cairn/json.hpp>

#include <boost/mp11/algorithm.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

/// What the options of an entity type make of its descriptor.
namespace cairn::detail {

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
  static_assert(!name.empty(), "an aspect is a member of the state: &wallet::gold");
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

/// The first one takes the place of `all_aspects`.
constexpr void add_aspects(aspect_set& to, aspect_set some) noexcept {
  to = to == all_aspects ? some : to | some;
}

/// What an option says of the state's members and of commands and events: most say nothing.
template <class State, class Option>
struct declare {
  static void to(entity_type& /*type*/) {}
};
template <class State, class Command, auto... Members>
struct declare<State, depends_on<Command, Members...>> {
  static void to(entity_type& type) {
    static_assert(sizeof...(Members) > 0,
                  "depends_on names members; without it a command depends "
                  "on all");
    add_aspects(type.commands[command_index<State, Command>()].depends,
                (aspect_of<State, Members>(type) | ...));
  }
};
template <class State, class Event, auto... Members>
struct declare<State, touches<Event, Members...>> {
  static void to(entity_type& type) {
    static_assert(sizeof...(Members) > 0, "touches names members; without it an event touches all");
    add_aspects(type.events[event_index<State, Event>()].touches,
                (aspect_of<State, Members>(type) | ...));
  }
};
template <class State, auto Member, class... Commands, class... Events>
struct declare<State, aspect<Member, commands<Commands...>, events<Events...>>> {
  static void to(entity_type& type) {
    [[maybe_unused]] const aspect_set one = aspect_of<State, Member>(type);
    (add_aspects(type.commands[command_index<State, typename as_named<Commands>::type>()].depends,
                 one),
     ...);
    (add_aspects(type.events[event_index<State, typename as_named<Events>::type>()].touches, one),
     ...);
  }
};
template <class State, class Command, class... Others>
struct declare<State, commutes<Command, Others...>> {
  static void to(entity_type& type) {
    constexpr std::size_t own = command_index<State, Command>();
    const auto add = [&](std::size_t one, std::size_t other) {
      auto& known = type.commands[one].commutes_with;
      if (std::find(known.begin(), known.end(), other) == known.end()) {
        known.push_back(other);
      }
    };
    (add(own, command_index<State, Others>()), ...);
    (add(command_index<State, Others>(), own), ...);
  }
};

template <class Option>
inline constexpr bool declares_aspects = false;
template <class Command, auto... Members>
inline constexpr bool declares_aspects<depends_on<Command, Members...>> = true;
template <class Event, auto... Members>
inline constexpr bool declares_aspects<touches<Event, Members...>> = true;
template <auto Member, class Commands, class Events>
inline constexpr bool declares_aspects<aspect<Member, Commands, Events>> = true;
template <class Option>
inline constexpr bool is_declaration = declares_aspects<Option>;
template <class Command, class... Others>
inline constexpr bool is_declaration<commutes<Command, Others...>> = true;
template <class... Events>
inline constexpr bool is_declaration<events<Events...>> = true;
template <class... Events>
inline constexpr bool is_declaration<also_applies<Events...>> = true;

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

} // namespace cairn::detail
