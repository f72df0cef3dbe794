#pragma once

#include <cairn/detail/entity_type.hpp>
#include <cairn/detail/guard.hpp>
#include <cairn/detail/merging.hpp>
#include <cairn/detail/model/deciding.hpp>
#include <cairn/detail/model/lists.hpp>
#include <cairn/json.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>

/// The tables from which a descriptor is made. They are constant, so what the compiler makes for each command and event
/// is the functions alone.
namespace cairn::detail {

template <class T>
any_pointer make_any() {
  return {new T(), [](void* object) { delete static_cast<T*>(object); }};
}

template <class T>
void make_at(void* at) {
  new (at) T();
}

template <class State, class Event>
void apply(void* state, const void* event) {
  constexpr bool applies = requires(State & to, const Event& happened) { to.apply(happened); };
  static_assert(require<applies, cure::add_apply_for_event<State, Event>>());
  if constexpr (applies) {
    static_cast<State*>(state)->apply(*static_cast<const Event*>(event));
  }
}

template <class Event>
std::shared_ptr<void> copy_kept(const void* event) {
  return std::make_shared<Event>(*static_cast<const Event*>(event));
}

struct command_row {
  std::string_view name;
  bool replies = false;
  command_functions functions;
};

struct event_row {
  std::string_view name;
  std::uint32_t schema = 1;
  event_functions functions;
};

template <class State, class Named>
constexpr command_row command_row_of() {
  using command = typename Named::type;
  static_assert(checked_destructor<command>::value);
  command_row row{Named::name,
                  !std::is_void_v<reply_of<State, command>>,
                  {&json::detail::codec_place<command>::value, &make_any<command>,
                   &execute_command<State, command>}};
  if constexpr (merges<State, command>) {
    row.functions.merge = &merge_command<State, command>;
  }
  return row;
}

template <class State, class Named, bool Keeps>
constexpr event_row event_row_of() {
  using event = typename Named::type;
  static_assert(checked_destructor<event>::value);
  event_row row{Named::name,
                Named::schema,
                {&json::detail::codec_place<event>::value, &part_type_of<event>, &make_at<event>,
                 &apply<State, event>}};
  if constexpr (Keeps) {
    row.functions.copy = &copy_kept<event>;
  }
  return row;
}

template <class State, class Commands, class Events>
struct rows_of;
template <class State, class... Commands, class... Events>
struct rows_of<State, named_list<Commands...>, named_list<Events...>> {
  static constexpr bool any_merges = (merges<State, typename Commands::type> || ...);
  static constexpr std::array<command_row, sizeof...(Commands)> commands{
      command_row_of<State, Commands>()...};
  static constexpr std::array<event_row, sizeof...(Events)> events{
      event_row_of<State, Events, any_merges>()...};
};

void add_commands(entity_type& type, const command_row* rows, std::size_t count);
void add_events(entity_type& type, const event_row* rows, std::size_t count);
std::uint64_t fingerprint_of(std::string_view shape, std::uint64_t state_version) noexcept;

template <class State>
void describe_state(entity_type& type) {
  static_assert(checked_destructor<State>::value);
  type.make_state = &make_any<State>;
  type.clone_state = [](const void* state) {
    return any_pointer(new State(*static_cast<const State*>(state)),
                       [](void* copy) { delete static_cast<State*>(copy); });
  };
  type.state_codec = &json::detail::codec_place<State>::value;
  if constexpr (decides<State, remove>) {
    type.veto_removal = &veto_removal<State>;
  }
  if constexpr (decides<State, undelivered>) {
    type.undelivered = &execute_command<State, undelivered>;
  }
}

} // namespace cairn::detail
