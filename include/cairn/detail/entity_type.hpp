#pragma once

#include <cairn/detail/context.hpp>
#include <cairn/detail/decision.hpp>
#include <cairn/detail/effects.hpp>
#include <cairn/detail/expectation.hpp>
#include <cairn/json.hpp>

#include <boost/json/value.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// The type-erased core of an entity type: what the runtime, the journal tools and replay work with.
// `cairn/entity.hpp` fills it in from a described struct.
namespace cairn {

struct built_in_event;

/// `cairn::ids_remembered<cairn::for_ever>`: an entity never forgets a command id. Costs about 40 bytes of memory for
/// each, and 20 in each snapshot.
inline constexpr std::uint32_t for_ever = ~std::uint32_t{0};

/// May a command of the type come with an expectation?
enum class expectation_policy : std::uint8_t {
  allowed,  ///< With or without.
  required, ///< `send(command)` does not compile: every update is optimistic.
  refused,  ///< `send(command, observed)` does not compile: a pure single writer.
};

std::string_view to_string(expectation_policy policy) noexcept;

/// Some of a type's aspects, a bit each, by their index in `entity_type::aspects`.
using aspect_set = std::uint64_t;

/// Also what a command or event stands for that declares none.
inline constexpr aspect_set all_aspects = ~aspect_set{0};

inline constexpr std::size_t aspects_max = 64;

/// An event that is kept in memory for a later merge.
struct kept_event {
  std::size_t index = 0; ///< In `entity_type::events`.
  std::shared_ptr<const void> event;
};

/// A change that is kept in memory for a later merge.
struct kept_change {
  version_type version = 0;
  const struct command_type* command = nullptr; ///< Null: a removal, or a command that is no more.
  aspect_set touched = all_aspects;
  std::vector<kept_event> events;
  std::size_t bytes = 0; ///< Of the events, as the journal has them.
};

/// What one `decide` did, with its events already encoded for the journal.
/// Thread: the entity's own.
class execution {
public:
  enum class verdict : std::uint8_t {
    accepted,
    rejected,
    too_large, ///< Events and reply do not fit into `event_bytes_max`; nothing was applied.
    broken,    ///< The entity's code threw or recorded what JSON cannot hold.
  };

  explicit execution(std::size_t event_bytes_max) noexcept : event_bytes_max_(event_bytes_max) {}

  verdict what() const noexcept { return verdict_; }
  /// Why it was rejected, or what broke.
  const std::string& reason() const noexcept { return reason_; }
  /// JSON; empty when the command declares none.
  const std::string& reply() const noexcept { return reply_; }
  /// Events as a change's body holds them (docs/journal-format.md).
  const std::string& events() const noexcept { return events_; }
  std::size_t event_count() const noexcept { return event_count_; }

  void reject(std::string reason);
  void broke(std::string reason);

  /// Appends one event, and keeps it for later merges. False: the execution is broken or too large.
  bool record(const struct entity_type& type, std::size_t event_index, const void* event);

  /// Records an event that has no members.
  bool record_empty(std::string_view name);

  /// Records one of the runtime's own events, which are all that `effects` tells of.
  bool record(const built_in_event& event);

  /// The same of what has happened already and must be noted: where it does not fit, its reason is cut, and then the
  /// arguments of a message are left to the change that sent it.
  bool record_note(built_in_event event);

  /// Records that `command` is to come at `at`, in place of the timer of this name.
  template <class Command>
  bool schedule(const std::string& timer, time_point at, std::string_view name,
                const Command& command, std::chrono::microseconds period = {}) {
    std::string arguments;
    json::problem wrong;
    if (!json::encode(arguments, command, wrong)) {
      return bad_event(timer, wrong);
    }
    return (period.count() == 0 || may_repeat(timer, arguments)) &&
           schedule(timer, {at.time_since_epoch().count(), std::string(name), std::move(arguments),
                            period.count()});
  }
  bool schedule(const std::string& timer, detail::pending_timer next);

  /// Records that `command` is to come every `period`, from one after `now` on, or after the time at which it was due
  /// when this is a decision on it.
  template <class Command>
  bool repeat(const std::string& timer, std::chrono::microseconds period, const context& ctx,
              std::string_view name, const Command& command) {
    if (period.count() <= 0) {
      broke("the timer \"" + timer + "\" comes every " + std::to_string(period.count()) +
            " us; cairn::every takes 1 us or more");
      return false;
    }
    const time_point now = ctx.now();
    const bool goes_on = ctx.due() && ctx.timer() == timer;
    return schedule(timer, detail::next_of(goes_on ? *ctx.due() : now, period, now).at, name,
                    command, period);
  }

  /// Records that a timer is taken back; nothing, when none of this name is pending.
  bool cancel(const std::string& timer);

  /// Records a message to `to`.
  template <class Command>
  bool send_message(std::string to, std::string_view name, const Command& command) {
    std::string arguments;
    json::problem wrong;
    return json::encode(arguments, command, wrong)
               ? send_message(detail::change_effects::sent{std::move(to), std::string(name),
                                                           std::move(arguments), hop_ + 1})
               : bad_event(to, wrong);
  }

  /// One that would not fit into a change when it comes back is too large.
  bool send_message(detail::change_effects::sent message);

  /// A message that has come back before, and so can again.
  bool resend_message(detail::change_effects::sent message);

  /// How many messages led to this command; one that it sends is one more.
  void set_hop(std::uint32_t hop) noexcept { hop_ = hop; }

  /// The timers that are pending before.
  void know_timers(const detail::timer_table* pending) noexcept { pending_ = pending; }

  /// What it does beside the entity's state; null: nothing.
  const detail::change_effects* effects() const noexcept { return effects_.get(); }
  std::unique_ptr<detail::change_effects> take_effects() noexcept { return std::move(effects_); }

  /// The recorded events touch these aspects too.
  void touch(aspect_set aspects) noexcept { touched_ |= aspects; }
  aspect_set touched() const noexcept { return touched_; }

  /// Has the events kept as they are, for later merges.
  void keep_events(std::vector<kept_event>* kept) noexcept { kept_ = kept; }

  template <class Reply>
  bool set_reply(const Reply& value) {
    json::problem wrong;
    return json::encode(reply_, value, wrong) || bad_event("reply", wrong);
  }

  /// Makes it ready for the next command and keeps its buffers.
  void reset(std::size_t event_bytes_max);

private:
  std::size_t begin_event(std::string_view name, std::uint32_t schema);
  bool may_repeat(const std::string& timer, const std::string& arguments);
  detail::change_effects& make_effects();
  std::optional<std::int64_t> pending_at(std::string_view timer) const;
  bool end_event(std::size_t start);
  void take_back(std::size_t events_bytes);
  bool bad_event(std::string_view name, const json::problem& wrong);

  std::string reason_;
  std::string reply_;
  std::string events_;
  std::size_t event_count_ = 0;
  std::size_t event_bytes_max_;
  aspect_set touched_ = 0;
  std::vector<kept_event>* kept_ = nullptr;
  std::unique_ptr<detail::change_effects> effects_;
  const detail::timer_table* pending_ = nullptr;
  std::uint32_t hop_ = 0;
  verdict verdict_ = verdict::accepted;
};

/// Owns one state or one command of a type that only its descriptor knows.
using any_pointer = std::unique_ptr<void, void (*)(void*)>;

/// What a command's struct is compiled to.
struct command_functions {
  const json::detail::codec* codec = nullptr;
  any_pointer (*make)() = nullptr;
  /// Decides `command` on `state`, records the events and applies them. May throw what the entity's code
  /// throws; before anything was applied, or, when `applying` is set, in the middle of it.
  void (*execute)(void* state, const void* command, const context&, execution&,
                  bool& applying) = nullptr;
  /// What the state makes of a stale command: one to decide instead; null: it stays a conflict. May throw what
  /// the entity's code throws. Null: the type does not merge this command.
  any_pointer (*merge)(const void* state, const void* stale,
                       std::span<const kept_change> missed) = nullptr;
};

/// A command of an entity type.
struct command_type : command_functions {
  std::string name;
  bool replies = false;
  /// An expectation conflicts only when one of these changed since.
  aspect_set depends = all_aspects;
  /// The commands, by index, that may have been missed: this one is accepted all the same.
  std::vector<std::size_t> commutes_with{};

  bool decode(const boost::json::value& arguments, void* command, json::problem& wrong) const;
  bool encode(std::string& out, const void* command, json::problem& wrong) const;
  /// False: no command of the type ever owns memory beside its struct.
  bool owns_memory() const noexcept { return codec->owns_memory; }
  /// Bytes that `command` owns so, about.
  std::size_t owned_bytes(const void* command) const;
  bool can_merge() const noexcept { return merge != nullptr || !commutes_with.empty(); }
};

/// What an event's struct is compiled to.
struct event_functions {
  const json::detail::codec* codec = nullptr;
  const detail::part_type* object = nullptr;
  void (*make)(void* at) = nullptr;
  void (*apply_value)(void* state, const void* event) = nullptr;
  /// Copies it to be kept for merges. Null: nothing is kept.
  std::shared_ptr<void> (*copy)(const void* event) = nullptr;
};

/// An event of an entity type.
struct event_type : event_functions {
  std::string name;
  std::uint32_t schema = 1;
  aspect_set touches = all_aspects;

  bool encode(std::string& out, const void* event, json::problem& wrong) const;
  /// Decodes and applies. False: it does not decode, and nothing was applied.
  bool apply(void* state, const boost::json::value& data, json::problem& wrong) const;
  /// The same from text as Cairn writes it. False: it is not, and nothing was applied.
  bool apply_canonical(void* state, std::string_view text) const;
  /// Decodes it to be kept. Null: it does not decode.
  std::shared_ptr<const void> decode(const boost::json::value& data, json::problem& wrong) const;
};

/// An event as the journal holds it, for an upcaster to bring nearer to today's form.
struct stored_event {
  std::string name;
  std::uint32_t schema = 1;
  boost::json::value data;
};

/// Turns one old form of an event into a newer one.
struct upcaster_type {
  std::string name;
  std::uint32_t schema = 1;
  stored_event (*upcast)(stored_event) = nullptr;
};

/// An entity type: its name, what it understands, and its policy.
struct entity_type {
  std::string name;
  std::vector<command_type> commands;
  std::vector<event_type> events;
  std::vector<upcaster_type> upcasters;

  expectation_policy expectation = expectation_policy::allowed;
  /// Command ids are known for this many changes of an entity; `for_ever`: for all.
  std::uint32_t ids_remembered = 128;
  std::uint32_t snapshot_changes = 100; ///< Between two snapshots of an entity; 0: none.
  bool records_commands = false;        ///< The journal keeps the commands' arguments too.
  bool reads_leniently = false; ///< Members that events of a newer program have are passed over.
  std::vector<std::string> aspects; ///< Named parts of the state with versions of their own.
  /// Changes kept in memory for merges, as far as their events have 1 MiB together: a command that has missed more
  /// stays a conflict.
  std::uint32_t merge_window = 1'024;
  /// The longest lease; zero: it cannot be leased.
  std::chrono::milliseconds lease_max{600'000};

  any_pointer (*make_state)() = nullptr; ///< Null: the type is retired (`cairn/cli.hpp`).
  any_pointer (*clone_state)(const void*) = nullptr;
  const json::detail::codec* state_codec = nullptr;
  /// Null: everybody may remove it. Rejects through the execution.
  void (*veto_removal)(const void* state, const context&, execution&) = nullptr;
  /// Decides on a message that came back, as `command_type::execute`; null: it goes to the list.
  void (*undelivered)(void* state, const void* message, const context&, execution&,
                      bool& applying) = nullptr;
  /// Of the state's shape and version: a snapshot with another one is not used.
  std::uint64_t fingerprint = 0;

  bool encode_state(std::string& out, const void* state, json::problem& wrong) const;
  bool decode_state(const boost::json::value& value, void* state, json::problem& wrong) const;
  /// Bytes that `state` owns beside its struct, about.
  std::size_t state_bytes(const void* state) const;

  /// Null when there is none of this name.
  const command_type* find_command(std::string_view name) const noexcept;
  const event_type* find_event(std::string_view name) const noexcept;

  /// The program once had it, and knows its name only.
  bool is_retired() const noexcept { return make_state == nullptr; }

  /// Some command can be merged, so changes are kept for that.
  bool merges() const noexcept;
  /// The names of `some`; all of them: every one that there is.
  std::vector<std::string> names_of(aspect_set some) const;
  /// The aspects of these names; one that is unknown, or none at all, stands for all.
  aspect_set aspects_of(const std::vector<std::string>& names) const noexcept;
};

/// Name of the built-in event of a removal.
inline constexpr std::string_view removed_event = "$removed";

/// Name of the built-in command of a removal.
inline constexpr std::string_view remove_command = "$remove";

/// `type/id` of an entity. Ids are 1 … 1,024 bytes of UTF-8 without control characters.
std::string entity_key(std::string_view type, std::string_view id);

/// Type in front of the first `/`; empty when there is none.
std::string_view type_of(std::string_view key) noexcept;

/// Id behind the first `/`.
std::string_view id_of(std::string_view key) noexcept;

/// Says what is wrong with an entity key, or nothing.
std::string entity_key_problem(std::string_view key);

/// Says which of the names that a type has journaled no journal can hold, or nothing: they are UTF-8, and the type's has
/// no control characters.
std::string names_problem(const entity_type& type);

} // namespace cairn
