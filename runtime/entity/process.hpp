#pragma once

#include <cairn/clock.hpp>
#include <cairn/detail/context.hpp>
#include <cairn/detail/guard.hpp>
#include <cairn/detail/request.hpp>

#include "entities/live_entity.hpp"
#include "persistence/format/change_body.hpp"
#include "runtime/entity/lease.hpp"
#include "runtime/entity/request_line.hpp"
#include "runtime/entity/slot.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cairn {

class byte_budget;
class lease_table;
class refusal_log;
class rest_request;
class resting_snapshots;
class world_metrics;

/// What entities share: their world, as they see it.
/// Thread: any.
class entity_host {
public:
  virtual ~entity_host() = default;

  /// Puts a request in line to be journaled and answered.
  virtual void hand_over(detail::request_ptr decided) = 0;

  /// Loads the entity on another thread and delivers it to its slot.
  virtual void load(slot_ptr place, std::uint64_t activation) = 0;

  /// What is to be sent to the entity and could not be may be sent now: it is in memory, or leased no more.
  virtual void entity_loaded(const std::string& entity) = 0;
  virtual void lease_ended(const std::string& entity) = 0;

  /// Takes a closed slot out of the directory.
  virtual void retire(const slot& closed) = 0;

  /// What `context::now` asks.
  virtual const std::function<time_point()>& clock() const noexcept = 0;

  /// Both readings of the world's clock: what leases last by is the one that no setting of the time of day moves.
  virtual cairn::clock::times read_clock() const = 0;

  /// Nothing can be written any more.
  virtual bool has_stopped() const noexcept = 0;

  /// Why nothing can be written any more; ok while it can.
  virtual status stopped() const = 0;

  /// Runs a read of the journal on another thread.
  virtual void read_later(std::function<void()> job) = 0;
  virtual const cairn::journal& journal() const noexcept = 0;

  struct rules {
    version_checks checks = version_checks::on;
    std::size_t change_bytes_max = 0;
    std::size_t unit_bytes_max = 0;
    std::size_t missed_changes_max = 0;
    std::size_t missed_bytes_max = 0;
    byte_budget* bytes = nullptr;  ///< Of the requests in flight.
    lease_table* leases = nullptr; ///< Of all entities.
    std::uint64_t seed = 0;
    refusal_log* refusals = nullptr; ///< Null: none is kept.
    world_metrics* metrics = nullptr;
    resting_snapshots* resting = nullptr; ///< Null: entities leave without a snapshot.
  };

  virtual const rules& rules_of_world() const noexcept = 0;
};

class entity_process;

/// A transaction, as one of its entities meets it: it holds the entity until its end is known.
class held_request : public detail::request {
public:
  /// Tells it from every other one, also of the past: an entity that is to be let go may be held by another by
  /// then, at the same address.
  std::uint64_t serial() const noexcept { return serial_; }

  /// It has come to an entity that is in memory and that nobody holds.
  virtual void arrive(entity_process& at) noexcept = 0;

  /// The entity that it waited for could not be loaded.
  virtual void abandon(std::error_code error, const std::string& message) = 0;

protected:
  held_request() noexcept;

private:
  std::uint64_t serial_;
};

/// Tells one of its entities how a transaction ended. It does not keep the transaction, which so is freed where it
/// was answered: `bench_ways_out` lost a fifth of the persistence thread to memory that came back from others.
class settle_request final : public detail::request {
public:
  settle_request(std::uint64_t serial, bool counts) : serial_(serial), counts_(counts) {
    what = verb::settle;
  }

  std::uint64_t serial() const noexcept { return serial_; }
  bool counts() const noexcept { return counts_; }
  void complete() noexcept override {}

private:
  std::uint64_t serial_;
  bool counts_;
};

/// Has an entity go on with those who wait; it holds up nobody else for longer than a few of them take.
class turn_request final : public detail::request {
public:
  turn_request() { what = verb::turn; }
  void complete() noexcept override {}
};

/// What the body of a change is made of: `asked` with its answer, and what the entity decided.
/// Shape: `arguments` and `events` must outlive it.
change_parts parts_of(const detail::request& asked, const std::optional<std::string>& arguments,
                      std::string_view events, std::size_t event_count);

/// Makes the body of a change.
void encode_body(detail::body_bytes& body, const change_parts& parts);

/// What an entity decided on its share of a transaction, kept until the body of its change can be made.
struct prepared_change {
  /// Makes the body of the change that `item` led to.
  void encode(detail::body_bytes& body, const detail::request& item,
              std::span<const version_type> item_versions) const;

  std::optional<std::string> arguments;
  std::vector<std::string> aspects;
  std::string events;
  std::size_t event_count = 0;
};

class fire_request;
class letter_request;

/// The inside of an entity's actor: takes requests one at a time, checks, decides, applies, hands over, and
/// goes on with the next without waiting for the write (invariant 7).
/// Thread: the entity's own.
class entity_process {
public:
  entity_process(slot& place, entity_host& host);

  /// Starts loading the entity.
  void start();

  // Nothing that is thrown gets out of these: what was under way fails, and the entity is rebuilt (invariant 12).

  void handle(detail::request_ptr asked) noexcept;
  void handle(loaded_entity& loaded) noexcept;

  /// A change of `activation` was not committed: what the entity believes since then is void.
  void handle_loss(std::uint64_t activation) noexcept;

  /// True: the entity has left; its actor ends.
  bool try_passivate() noexcept;

  // For transactions, between `hold` and `let_go` everything else waits:

  slot& place() const noexcept { return place_; }
  std::uint64_t activation() const noexcept { return activation_; }

  /// Bytes that the entity's state owns, about.
  std::size_t state_bytes() const;
  void hold(const held_request& by);

  /// Judges and decides an item as if it came by itself. What it does shows in the entity at once, and to
  /// nobody before `let_go`. Its answer is set. True: it was accepted with events, and `later` gets what the
  /// body of its change will be made of, or, when that is null, `body` gets the body.
  /// `item.effects` are what the change does beside.
  /// The body is to have room for so many `item_versions`.
  bool prepare(detail::request& item, prepared_change* later, detail::body_bytes& body,
               std::size_t item_versions) noexcept;

  /// A snapshot, when the version that `prepare` made wants one.
  std::unique_ptr<std::string> snapshot_if_due() noexcept;

  /// The transaction has ended: what `prepare` did counts, or is undone. Those who waited go on in order.
  void let_go(std::uint64_t serial, bool counts);

private:
  /// One a thread: its buffers serve every entity that runs there.
  static execution& scratch();

  /// How far a command got.
  enum class step : std::uint8_t {
    answered, ///< Refused, failed, or accepted without an event.
    broken,   ///< The same, and the state is worth nothing any more.
    changed,  ///< Accepted with events.
  };

  /// Calls into the entity's own code. False: it threw, and `asked` has failed and says that `what` did.
  template <class Call>
  bool ask_entity(detail::request& asked, std::string_view what, Call&& call) noexcept {
    return detail::guard(std::forward<Call>(call),
                         [&](const std::string& thrown) { fail_thrown(asked, what, thrown); });
  }

  void take(const detail::request_ptr& asked);
  void take(loaded_entity& loaded);
  void fail_waiting(const status& why);
  void fail_thrown(detail::request& asked, std::string_view what, const std::string& thrown);
  void count_thrown() const noexcept;
  void tell_thrown(const std::string& thrown) const noexcept;
  void recover(detail::request& asked, const std::string& thrown);
  bool try_prepare(detail::request& item, prepared_change* later, detail::body_bytes& body,
                   std::size_t item_versions);
  void finish(detail::request& asked);
  void hand_over(detail::request& asked);
  void process(detail::request& asked);
  void process_read(detail::request& asked);
  void read_state(detail::request& asked);
  bool has_room_to_read(detail::request& asked);
  std::string too_many_bytes() const;
  bool is_at_rest() const noexcept;
  void process_command(detail::request& asked);
  void process_lease(detail::request& asked);
  void process_fire(fire_request& due);
  void process_letter(letter_request& letter);
  void process_resend(detail::request& asked);
  void process_rest(rest_request& asked);
  static std::uint32_t snapshot_phase(const entity_type& type, std::string_view key) noexcept;
  std::unique_ptr<std::string> take_snapshot() noexcept;
  bool rests_with_enough() const;
  detail::request_ptr snapshot_on_leaving();
  std::string prepare_fire(fire_request& due, const detail::pending_timer& pending);
  bool try_fire(fire_request& due, std::string& problem);
  void note(detail::request& asked);
  step decide(detail::request& asked, execution& done, std::optional<std::string>& arguments,
              std::size_t item_versions = 0);
  step execute(detail::request& asked, const void* arguments, execution& done);
  step unmatched(detail::request& asked);
  void judge_assertion(detail::request& asked);
  bool answer_known_id(detail::request& asked);
  bool refused_by_lease(detail::request& asked);
  void take_lease(detail::request& asked, time_point now, lease_instant elapsed);
  void end_lease();
  std::chrono::milliseconds lease_left();
  std::string lease_lost_text() const;
  static void answer_leased(detail::request& asked, const std::string& token, time_point until);
  bool record_arguments(const detail::request& asked, std::optional<std::string>& arguments,
                        std::string& problem) const;
  void run(detail::request& asked, const void* arguments, execution& done);
  void accept(detail::request& asked, execution& done, const std::optional<std::string>& arguments);
  void remember(detail::request& asked, const execution& done);
  void conflict(detail::request& asked, conflict_kind kind, aspect_set in_the_way = 0);
  bool explain_at_once(detail::request& asked, aspect_set in_the_way);
  bool judge(detail::request& asked, admission& admitted);
  void record_refusal(const detail::request& asked, aspect_set in_the_way = 0) const;
  void reply(detail::request& asked);
  void explain(detail::request& asked);
  void answer_from_journal(detail::request& asked);
  void fail(detail::request& asked, std::error_code error, std::string message);
  void wait(detail::request_ptr asked);
  void answer_waiting();
  void answer_first();
  bool may_answer() const noexcept { return load_failed_ || (entity_ && !held_); }
  void rebuild();
  std::size_t room_for_events(const detail::request& asked,
                              const std::optional<std::string>& arguments,
                              std::size_t item_versions = 0) const;

  /// While a transaction holds the entity.
  struct held {
    std::uint64_t serial = 0;
    live_entity::savepoint before;
    bool changed = false;
    bool remembered = false;
  };

  // What every request looks at comes first and together.
  slot& place_;
  entity_host& host_;
  std::uint64_t activation_ = 1;
  std::unique_ptr<held> held_;
  std::unique_ptr<entity_lease> lease_;
  detail::request* under_way_ = nullptr; // has no answer yet
  bool loading_ = false;
  bool others_wait_ = false; // `waiting_` is not empty
  bool answering_ = false;   // those who wait
  bool turn_is_due_ = false; // a `turn_request` is on its way
  std::uint32_t snapshot_phase_ = 0;
  std::optional<live_entity> entity_; // none while loading
  random_source random_;
  request_line waiting_; // came while loading, or while a transaction holds the entity

  /// Those who waited for it are told so.
  struct failed_load {
    status why;
    std::size_t left = 0;
  };
  std::unique_ptr<failed_load> load_failed_;
};

} // namespace cairn
