#pragma once

#include <cairn/detail/model/names.hpp>

#include <cstdint>

namespace cairn {

/// The commands of an entity type, in the order in which they are shown: structs, or `named` ones.
template <class... Commands>
struct commands {};

/// Options of an entity type, behind its commands:
/// `cairn::entity<"wallet", cairn::commands<…>, cairn::require_expectation, cairn::ids_remembered<1000>>`.

/// Events that have another name than their struct, or another schema than 1: `events<named<"earned", gold_earned, 2>>`.
/// The others need no mention: they are what the state's `decide`s return.
template <class... Events>
struct events {};

/// Events that no `decide` returns any more and old journals hold.
template <class... Events>
struct also_applies {};

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

/// `Member` of the state is an aspect, as `depends_on` and `touches` say of one command and one event:
/// `aspect<&profile::name, commands<rename>, events<renamed>>`. A command or event may stand in several.
template <auto Member, class Commands, class Events>
struct aspect {};

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

} // namespace cairn
