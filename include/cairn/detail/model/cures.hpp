#pragma once

/// What an entity type that does not compile needs. None of these is ever defined: the first line of the compiler's message
/// names it, with the structs that it is about, which a `static_assert` of GCC does not.
namespace cairn::cure {

template <class State, class Command>
struct add_const_decide_for_command;
template <class State, class Command>
struct make_decide_const;
template <class State, class Command>
struct return_cairn_decision_from_decide;
template <class State, class Event>
struct add_apply_for_event;
template <class State, class Command>
struct add_command_to_commands_of_entity;
template <class State, class Event>
struct return_event_from_a_decide_or_list_it_in_also_applies;
template <class One, class Other>
struct give_one_another_name_with_named;
template <class T>
struct give_it_a_name_with_named;
template <class T>
struct describe_all_members_or_leave_out_boost_describe;

} // namespace cairn::cure

namespace cairn::detail {

/// Does not compile unless `Good`; the first line of the message names `Cure`.
template <bool Good, class Cure>
consteval bool require() {
  if constexpr (!Good) {
    static_assert(sizeof(Cure) > 0); // NOLINT(bugprone-sizeof-expression): it is not complete
  }
  return true;
}

} // namespace cairn::detail
