#pragma once

#include <cairn/context.hpp>
#include <cairn/expectation.hpp>
#include <cairn/json.hpp>

#include <boost/json/value.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// The type-erased core of an entity type: what the runtime, the journal tools and replay work with.
/// `cairn/entity.hpp` fills it in from a described struct.
namespace cairn {

/// May a command of the type come with an expectation?
enum class expectation_policy : std::uint8_t {
  allowed,  ///< With or without.
  required, ///< `send(command)` does not compile: every update is optimistic.
  refused,  ///< `send(command, observed)` does not compile: a pure single writer.
};

std::string_view to_string(expectation_policy policy) noexcept;

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

  /// Appends one event. False: the execution is broken or too large.
  template <class Event>
  bool record(std::string_view name, std::uint32_t schema, const Event& event) {
    const std::size_t start = begin_event(name, schema);
    json::problem wrong;
    return json::encode(events_, event, wrong) ? end_event(start) : bad_event(name, wrong);
  }

  /// Records an event that has no members.
  bool record_empty(std::string_view name);

  template <class Reply>
  bool set_reply(const Reply& value) {
    json::problem wrong;
    return json::encode(reply_, value, wrong) || bad_event("reply", wrong);
  }

  /// Makes it ready for the next command and keeps its buffers.
  void reset(std::size_t event_bytes_max);

private:
  std::size_t begin_event(std::string_view name, std::uint32_t schema);
  bool end_event(std::size_t start);
  bool bad_event(std::string_view name, const json::problem& wrong);

  std::string reason_;
  std::string reply_;
  std::string events_;
  std::size_t event_count_ = 0;
  std::size_t event_bytes_max_;
  verdict verdict_ = verdict::accepted;
};

/// Owns one state or one command of a type that only its descriptor knows.
using any_pointer = std::unique_ptr<void, void (*)(void*)>;

/// A command of an entity type.
struct command_type {
  std::string name;
  bool replies = false;
  any_pointer (*make)() = nullptr;
  bool (*decode)(const boost::json::value&, void*, json::problem&) = nullptr;
  bool (*encode)(std::string&, const void*, json::problem&) = nullptr;
  /// Decides `command` on `state`, records the events and applies them. May throw what the entity's code
  /// throws; before anything was applied, or, when `applying` is set, in the middle of it.
  void (*execute)(void* state, const void* command, const context&, execution&,
                  bool& applying) = nullptr;
};

/// An event of an entity type.
struct event_type {
  std::string name;
  std::uint32_t schema = 1;
  /// Decodes and applies. False: it does not decode, and nothing was applied.
  bool (*apply)(void* state, const boost::json::value&, json::problem&) = nullptr;
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
  std::uint32_t ids_remembered = 128; ///< Command ids are known for this many changes of an entity.
  std::uint32_t snapshot_changes = 100; ///< A snapshot every so many changes of an entity; 0: none.
  bool records_commands = false;        ///< The journal keeps the commands' arguments too.

  any_pointer (*make_state)() = nullptr;
  any_pointer (*clone_state)(const void*) = nullptr;
  bool (*encode_state)(std::string&, const void*, json::problem&) = nullptr;
  bool (*decode_state)(const boost::json::value&, void*, json::problem&) = nullptr;
  /// Null: everybody may remove it. Rejects through the execution.
  void (*veto_removal)(const void* state, const context&, execution&) = nullptr;
  /// Of the state's shape and version: a snapshot with another one is not used.
  std::uint64_t fingerprint = 0;

  /// Null when there is none of this name.
  const command_type* find_command(std::string_view name) const noexcept;
  const event_type* find_event(std::string_view name) const noexcept;
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

} // namespace cairn
