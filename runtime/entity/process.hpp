#pragma once

#include <cairn/clock.hpp>
#include <cairn/detail/context.hpp>
#include <cairn/detail/guard.hpp>
#include <cairn/detail/request.hpp>

#include "entities/live_entity.hpp"
#include "runtime/entity/held_request.hpp"
#include "runtime/entity/host.hpp"
#include "runtime/entity/lease.hpp"
#include "runtime/entity/prepared_change.hpp"
#include "runtime/entity/request_line.hpp"
#include "runtime/entity/slot.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::runtime {

class rest_request;
class fire_request;
class undelivered_request;

/// The inside of an entity's actor: takes requests one at a time, checks, decides, applies, hands over, and
/// goes on with the next without waiting for the write (invariant 7).
/// Thread: the entity's own.
class entity_process {
public:
  entity_process(runtime::slot& slot, entity_host& host);

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

  runtime::slot& slot() const noexcept { return slot_; }
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
  void process_undelivered(undelivered_request& message);
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
  bool may_answer() const noexcept;
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

  /// Those who came while it was loading, or while a transaction held it.
  struct waiting {
    request_line line;
    status load_failed;           ///< Why, for the first ones in line; ok: it did not.
    std::size_t to_be_failed = 0; ///< So many wait for what could not be loaded.
  };

  // What every request looks at comes first and together; what few entities ever need is elsewhere.
  runtime::slot& slot_;
  entity_host& host_;
  std::uint64_t activation_ = 1;
  std::unique_ptr<held> held_;
  std::unique_ptr<entity_lease> lease_;
  std::unique_ptr<waiting> waiting_;     // null: nobody
  detail::request* under_way_ = nullptr; // has no answer yet
  bool loading_ = false;
  bool answering_ = false;   // those who wait
  bool turn_is_due_ = false; // a `turn_request` is on its way
  std::uint32_t snapshot_phase_ = 0;
  std::optional<live_entity> entity_; // none while loading
  random_source random_;
};

} // namespace cairn::runtime
