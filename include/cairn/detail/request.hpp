#pragma once

#include <cairn/detail/cause.hpp>
#include <cairn/detail/context.hpp>
#include <cairn/detail/effects.hpp>
#include <cairn/detail/entity_type.hpp>
#include <cairn/detail/expectation.hpp>
#include <cairn/detail/outcome.hpp>
#include <cairn/detail/types.hpp>
#include <cairn/error.hpp>

#include <boost/container/small_vector.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

// What the typed front hands to the runtime: one allocation that travels from the caller to the entity's
// actor, on to the persistence actor, and back as its own reply. Users never see it.
namespace cairn {

struct remembered_command;

namespace persistence {

struct unit_of_entities;

class entity_slot;
void intrusive_ptr_add_ref(const entity_slot* counted) noexcept;
void intrusive_ptr_release(const entity_slot* counted) noexcept;

} // namespace persistence

/// How a request ended, without its types.
struct answer {
  enum class kind : std::uint8_t {
    accepted,
    conflict,
    rejected,
    failed,
    state,
    leased,    ///< A lease was taken, renewed or given back.
    unmatched, ///< A conditional command does not concern this entity.
  };

  kind what = kind::failed;
  bool duplicate = false; ///< accepted
  bool merged = false;    ///< accepted
  bool exists = false;    ///< state
  conflict_kind conflict = conflict_kind::stale;
  cairn::fate fate = fate::not_written;
  version_type version = 0; ///< accepted: after the command; conflict: actual; state: read
  position_type position = no_position; ///< accepted, when it recorded events
  std::error_code error;                ///< failed
  std::string text; ///< accepted: reply as JSON; rejected: reason; failed: message; leased: token
  /// conflict, leased: what else there is to tell; null: nothing.
  std::shared_ptr<conflict_details> details{};
};

/// What a conflict brings along on request, so that its sender can decide without another round trip.
struct conflict_shows {
  bool missed =
      false; ///< The changes after the expected version, `limits::missed_changes_max` at most.
  bool paths = false; ///< Where the observed state and the current one differ.
  bool state = false; ///< The current state.

  bool anything() const noexcept { return missed || paths || state; }
};

/// A longer command id is refused with `invalid_command`: entities keep the last ones in memory.
inline constexpr std::size_t command_id_bytes_max = 1024;

/// Options of one command.
struct send_options {
  /// Makes the command repeatable: the same id and content again is answered as the first time. Up to
  /// `command_id_bytes_max` bytes of UTF-8.
  std::string id{};
  /// Journaled with the change.
  metadata meta{};
  /// Token of the lease under which the command is sent.
  std::string lease{};
  /// How long a lease is to last; of a request for one only.
  std::chrono::milliseconds lease_for{};
  conflict_shows show{};

  bool anything() const noexcept {
    return !id.empty() || !meta.empty() || !lease.empty() || show.anything();
  }
};

namespace detail {

/// Room for the body of a change as most are, so that it costs no allocation of its own: it would be made
/// on one thread and freed on another, which allocators like least.
using body_bytes = boost::container::small_vector<char, 112>;

/// Where an address was last found, so that most sends need no look-up. It may have been left since: who
/// gets it must ask it. A copy remembers the same and from then on its own, so that threads with references of
/// their own share nothing.
/// Thread: any. While one thread looks, another finds nothing rather than wait.
class remembered_slot {
public:
  remembered_slot() noexcept = default;
  remembered_slot(const remembered_slot& other) noexcept : slot_(other.get()) {}
  remembered_slot& operator=(const remembered_slot& other) noexcept {
    set(other.get());
    return *this;
  }
  ~remembered_slot() { set(nullptr); }

  /// Null when there is none.
  boost::intrusive_ptr<persistence::entity_slot> get() const noexcept {
    if (looking_.exchange(true, std::memory_order_acquire)) {
      return nullptr;
    }
    boost::intrusive_ptr<persistence::entity_slot> found = slot_;
    looking_.store(false, std::memory_order_release);
    return found;
  }

  void set(boost::intrusive_ptr<persistence::entity_slot> slot) noexcept {
    if (!looking_.exchange(true, std::memory_order_acquire)) {
      slot_.swap(slot);
      looking_.store(false, std::memory_order_release);
    }
  }

private:
  boost::intrusive_ptr<persistence::entity_slot> slot_;
  mutable std::atomic<bool> looking_{false};
};

/// An entity as it is sent to: everything about its key that need not be found out again for each request.
class entity_address {
public:
  entity_address(std::string key, const entity_type& type)
      : key_(std::move(key)),
        type_(&type),
        hash_(std::hash<std::string_view>{}(key_)),
        problem_(entity_key_problem(key_)) {}

  /// `type/id`
  const std::string& key() const noexcept { return key_; }
  const entity_type& type() const noexcept { return *type_; }
  std::size_t hash() const noexcept { return hash_; }
  /// What is wrong with the key; empty: nothing.
  const std::string& problem() const noexcept { return problem_; }
  remembered_slot& slot() const noexcept { return slot_; }

private:
  std::string key_;
  const entity_type* type_;
  std::size_t hash_;
  std::string problem_;
  mutable remembered_slot slot_;
};

class request {
public:
  enum class verb : std::uint8_t {
    command,
    remove,
    read,
    lease,       ///< Take or renew.
    release,     ///< Give a lease back.
    hold,        ///< A transaction on its way through its entities.
    fire,        ///< A timer is due.
    undelivered, ///< A message comes back to its sender.
    resend,      ///< A message that came back is sent again.
    // What comes from within, and is counted nowhere:
    barrier, ///< Waits in the persistence line.
    wake,    ///< Is answered as soon as the entity is in memory.
    rest,    ///< A snapshot of an entity at rest.
    // and is taken up at once, whoever waits:
    settle, ///< The end of a transaction, for one of its entities.
    turn,   ///< The entity goes on with those who wait, behind others' turn.
  };

  virtual ~request() = default;
  request(const request&) = delete;
  request& operator=(const request&) = delete;

  /// Gives the reply: `complete`, and the entity's books are closed on it. What a callback throws ends here: its
  /// request is answered, and the entity's slot is told (invariant 12).
  void finish() noexcept;

  /// Takes the outcome; called exactly once, on any thread, and must not block. What leads into users' code may throw.
  virtual void complete() = 0;

  /// The command's own struct.
  virtual const void* arguments() const noexcept { return nullptr; }

  /// What tells it from another of the same id; null: command and arguments.
  virtual const content_hash* content() const noexcept { return nullptr; }

  /// Does a conditional command concern an entity with this state? On the entity's actor.
  virtual bool concerns(const entity_type& /*type*/, const void* /*state*/) { return true; }

  /// Records the runtime's own events in front of the command's, when it `begins` so; on the entity's actor.
  virtual void begin(execution& /*done*/) {}

  /// What the change's cause names, when no command of the type leads to it.
  virtual std::string_view cause_name() const noexcept { return {}; }

  /// Copies what a read wants; on the entity's actor.
  virtual void take_state(const entity_type& /*type*/, const void* /*state*/) {}

  // Set by the caller.
  verb what = verb::command;
  bool conditional = false; // ask `concerns`
  bool begins = false;      // ask `begin`

  // Set on the way.
  bool came_cold = false;  // the entity was not in memory
  bool not_loaded = false; // and could not be loaded: the answer says why
  bool removes = false;    // its change is a removal
  bool sampled = false;    // how long its stages take is measured

  // Set by the caller.
  cairn::expectation expected;
  const command_type* command = nullptr;
  std::unique_ptr<send_options> options; // null: there are none

  // Set on the way.
  request* next_in_line = nullptr;                     // to the persistence actor
  boost::intrusive_ptr<persistence::entity_slot> slot; // of the entity, in the directory
  std::uint64_t activation = 0;                  // of the entity, when it went through its hands
  cairn::answer answer;                          // to be given once everything before it is durable
  body_bytes body;                               // of the change; empty: it changes nothing
  persistence::unit_of_entities* unit = nullptr; // of a transaction, which has no body of its own
  std::unique_ptr<std::string>
      snapshot; // of the state at `answer.version`: after the change, or at rest
  std::unique_ptr<change_effects> effects;        // of the change; null: it has none
  std::shared_ptr<remembered_command> remembered; // gets the change's position
  std::uint32_t stage_began = 0;                  // sampled: when, in ticks of the clock of stages
  std::size_t counted_bytes = 0;                  // that it holds, when they are many

protected:
  request() = default;

private:
  friend void intrusive_ptr_add_ref(const request* counted) noexcept {
    counted->references_.fetch_add(1, std::memory_order_relaxed);
  }
  friend void intrusive_ptr_release(const request* counted) noexcept {
    if (counted->references_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
      delete counted;
    }
  }

  mutable std::atomic<std::uint32_t> references_{0};
};

using request_ptr = boost::intrusive_ptr<request>;

} // namespace detail

} // namespace cairn
