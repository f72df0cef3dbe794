#pragma once

#include <cairn/detail/context.hpp>
#include <cairn/detail/time.hpp>
#include <cairn/json.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

// What a decision may lead to beside its events: commands at a later time, and commands to other entities. They are
// named in the decision's type, so that what can happen is in the type:
//
//   cairn::decision<listed, cairn::timer<decay>> decide(const list_item& c) const {
//     return {listed{c.price}, cairn::timer<decay>{"decay", 5s, decay{}}};
//   }
//
// Both are journaled in the decision's own change, by built-in events (docs/journal-format.md), and take effect
// exactly once, over any crash and retry.
namespace cairn {

/// Sends `command` to the deciding entity itself, at a time of the world's clock. A timer has a name within its
/// entity; scheduling it again moves it. What falls due while the world is down is sent after the next start.
/// When the command is rejected, or its code throws, the change that notes so is all that happens.
template <class Command>
struct timer {
  /// At `at`; at once when that has passed.
  timer(std::string called, time_point then, Command what)
      : name(std::move(called)), at(then), command(std::move(what)) {}

  /// So long after the decision; at once when that is negative.
  template <class Rep, class Period>
  timer(std::string called, std::chrono::duration<Rep, Period> so_long, Command what)
      : name(std::move(called)),
        after(detail::bounded<std::chrono::microseconds>(so_long)),
        command(std::move(what)) {}

  std::string name;
  std::optional<time_point> at;
  std::chrono::microseconds after{};
  Command command;
};

/// Sends `command` to the deciding entity itself every `period`, from one period after the decision on, until it is
/// taken back (`cancel`), set otherwise, or the entity is removed. A timer like any other: it has a name, and one change
/// for each time.
/// It does not drift: each time is a whole number of periods behind the first. Whoever comes late is not made up for;
/// the times that have passed are left out, and `context::missed` says how many. When the command is rejected, or its
/// code throws, the change says so, and the next time comes all the same; it ends when the type does not have the
/// command any more.
/// Set by a decision on its own command, it goes on from `context::due`.
template <class Command>
struct every {
  /// `period` is 1 us or more, else the decision fails with `entity_error`.
  template <class Rep, class Period>
  every(std::string called, std::chrono::duration<Rep, Period> each, Command what)
      : name(std::move(called)),
        period(detail::bounded<std::chrono::microseconds>(each)),
        command(std::move(what)) {}

  std::string name;
  std::chrono::microseconds period;
  Command command;
};

/// Takes back the timer of this name; one that is not pending is no error.
struct cancel {
  std::string timer;
};

/// A reaction: `command` to the entity `id` of another type or the same one, without an expectation. It is sent
/// once the change is durable. What one entity sends to another arrives in order.
template <class State, class Command>
struct message {
  std::string id;
  Command command;
};

/// A message that could not be delivered: its receiver rejected it, is removed, threw, or too many messages had
/// followed from one command (`limits::message_hops_max`). A state with `decide(const cairn::undelivered&) const`
/// decides on it as on a command; else it goes to the list that `world::list_undelivered` gives.
struct undelivered {
  std::string to;        ///< `type/id`
  std::string command;   ///< Name.
  std::string arguments; ///< JSON.
  std::string reason;

  /// The command, when it is this one to an entity of this type.
  template <class State, class Command>
  std::optional<Command> as() const {
    using list = typename State::entity::command_list;
    static_assert(list::template contains<Command>, "as<State, Command> names a command of State");
    const bool same_type = std::string_view(to).substr(0, to.find('/')) == State::entity::name;
    boost::json::value value;
    json::problem wrong;
    Command decoded{};
    if (!same_type || command != list::template name_of<Command>() ||
        !json::parse(arguments, value, wrong) || !json::decode(value, decoded, wrong)) {
      return std::nullopt;
    }
    return decoded;
  }
};

/// Of a message: the change that sent it, and which one of that change's messages it is.
struct message_place {
  std::uint64_t position = 0;
  std::uint32_t index = 0;

  // NOLINTNEXTLINE(modernize-use-nullptr): takes `= default` for a null pointer
  friend auto operator<=>(const message_place&, const message_place&) = default;
};

namespace detail {

/// A timer that an entity waits for.
struct pending_timer {
  std::int64_t at_us = 0;
  std::string command;
  std::string arguments;     ///< JSON.
  std::int64_t every_us = 0; ///< More than 0: it comes again, so long after.
};

/// When something that comes every `period` is next due after `now`, and how many of its times from `due` on were left
/// out on the way: `due` itself is not, it comes now.
struct next_time {
  time_point at{};
  std::uint64_t missed = 0;
};
constexpr next_time next_of(time_point due, std::chrono::microseconds period,
                            time_point now) noexcept {
  const auto late = between(due, now) / period;
  const auto missed = late > 0 ? late : 0;
  return {later(later(due, multiplied(period, missed)), period),
          static_cast<std::uint64_t>(missed)};
}

/// An entity's timers, by name.
using timer_table = std::map<std::string, pending_timer, std::less<>>;

/// What a change does beside its entity's state, as the runtime hears of it once the change is durable.
struct change_effects {
  /// A timer was set, moved or taken away.
  struct timer_edit {
    std::string timer;
    std::optional<std::int64_t> was_us; ///< Nothing: it is new.
    std::optional<pending_timer> now;   ///< Nothing: it is gone.
  };
  /// A message, in the order of the change.
  struct sent {
    std::string to;
    std::string command;
    std::string arguments; ///< JSON.
    std::uint32_t hop = 0; ///< 1: no message led to this one.
  };
  /// What became of a message.
  struct end {
    enum class kind : std::uint8_t {
      delivered,
      returned, ///< It waits on the list.
      handled,  ///< It came back, and its sender decided on it.
      resent,   ///< It is taken off the list; `of.position`: of the change with which it came back.
    };
    kind what = kind::delivered;
    message_place of;
  };
  std::vector<timer_edit> timers;
  std::vector<sent> messages;
  std::vector<end> ends;
};

template <class Part>
inline constexpr bool is_effect = std::is_same_v<Part, cancel>;
template <class Command>
inline constexpr bool is_effect<timer<Command>> = true;
template <class Command>
inline constexpr bool is_effect<every<Command>> = true;
template <class State, class Command>
inline constexpr bool is_effect<message<State, Command>> = true;

} // namespace detail

} // namespace cairn
