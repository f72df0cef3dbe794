#pragma once

#include <cairn/clock.hpp>

#include "persistence/agenda/messages.hpp"
#include "runtime/agenda/agenda_host.hpp"
#include "runtime/agenda/agenda_requests.hpp"
#include "runtime/agenda/waiting_lanes.hpp"

#include <atomic>
#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace cairn::runtime {

/// Brings messages from the changes that sent them to their receivers, each until what became of it is durable: the
/// receiver's change, or the sender's when it comes back. The journal's agenda knows those that are still under way,
/// so that a restart goes on where a crash left off. From one entity to another, one is under way at a time.
/// What cannot go on now waits in the agenda alone (`waiting_lanes`), and is read again when its time has come.
/// Thread: any.
class message_courier {
public:
  struct bounds {
    std::uint32_t hops_max = 0;
    std::size_t outstanding_max = agenda_outstanding_max;
    std::size_t held_max =
        65'536; ///< In memory; the others are read from the journal when their turn comes.
    std::size_t held_bytes_max = 64U << 20U; ///< The same.
  };

  message_courier(agenda_host& host, cairn::clock time, bounds most)
      : host_(host), time_(std::move(time)), bounds_(most) {}

  /// Entities of this type may get messages, and get their own back.
  void host(const entity_type& type);

  /// A change with messages is durable.
  void committed(const std::string& sender, version_type version, position_type position,
                 std::vector<detail::change_effects::sent> messages);

  /// The entity was loaded: what waits for that goes on.
  void loaded(const std::string& entity);
  /// It is leased no more: the same.
  void lease_ended(const std::string& entity);

  /// Reads what is not in memory, and sends what is due again.
  /// After: when it wants to be called again, if not woken before.
  /// Thread: the agenda's.
  std::optional<std::chrono::steady_clock::time_point> work();

  /// The first lease to end that a message waits for, by a stepped clock.
  std::optional<time_point> next_due(time_point until);

  /// Has messages tried whose lease has ended by now. False: there are none.
  bool begin_due(time_point now);

  /// Nothing is under way, but for what waits for a type that nobody hosts, what is stuck, and on a clock that does
  /// not go by itself what waits for the end of a lease.
  bool is_quiet() const;

  /// Messages on their way that are in memory.
  std::size_t pending() const;

  /// How many are stuck; each may hold up others of its receiver or pair.
  std::size_t stuck() const;
  void list_stuck(std::size_t limit, std::vector<stuck_item>& found) const;

  void stop();

private:
  struct held_message {
    message_place place;
    std::string sender;
    version_type version = 0;
    detail::change_effects::sent what;
    std::string tries{};   // the lane that it is to try; empty: none
    std::string refused{}; // why it goes back; empty: it does not
    bool may_decide = true;
    unsigned attempts = 0;
    std::uint64_t sent_at = 0; // as `leases_ended_` was
  };
  using message_ptr = std::shared_ptr<held_message>;
  using clock = std::chrono::steady_clock;

  // What comes into memory, and goes.
  void hold(message_ptr taken);
  void enlist(message_ptr taken);
  void hold_again(message_ptr read);
  void set_aside(const std::string& pair, const std::string& lane, obstacle why);
  void cannot_read(const persistence::stored_message& lost, const std::string& tried);
  using lines = std::unordered_map<std::string, std::deque<message_ptr>>;
  void forget(lines::iterator line);
  void finish(const held_message& about);
  static std::string pair_of(const held_message& of);
  static std::size_t bytes_of(const held_message& of) noexcept;
  bool is_full() const noexcept;
  bool is_half_full() const noexcept;
  static message_ptr held_message_of(persistence::stored_message&& stored);

  // What is sent, and answered.
  bool dispatch(std::size_t most);
  bool dispatch_ready(std::size_t most);
  bool must_wait(const std::string& pair, const held_message& next);
  bool send(const message_ptr& next, const entity_type& to);
  void send_back(const message_ptr& next, const entity_type& sender);
  void answered(const message_ptr& about, const detail::request& given);
  void judge(const message_ptr& about, const detail::request& given);
  void refused(const message_ptr& about, const answer& given);
  void try_again(held_message& about);
  clock::time_point next_attempt(const obstacle& of, unsigned attempts) const;
  const entity_type* find_type(std::string_view key) const;
  void wait_in(const std::string& lane, obstacle why, message_route first);
  void open_for(const std::string& entity);
  void tell_stuck();
  static stuck_item item_of(const waiting_lanes::lane& lane);

  // What is read from the journal.
  struct page {
    std::vector<persistence::stored_message> found;
    status read;
    std::optional<message_place> next{}; // there may be others, from here on
    bool ends_open = false;              // behind it are messages that are not yet committed
  };

  bool load();
  bool reread();
  bool try_lanes();
  void try_lane(const std::string& key);
  bool is_tried_by(const std::string& key, const held_message& found) const;
  page read_page(const std::string& from, const std::string& to) const;
  void may_read_again(const status& read);

  agenda_host& host_;
  const cairn::clock time_;
  const bounds bounds_;
  mutable std::mutex mutex_; // of all below
  std::vector<const entity_type*> types_;
  lines pairs_;                   // sender and receiver
  std::deque<std::string> ready_; // the pairs whose first may go
  std::multimap<clock::time_point, std::string> retries_;
  waiting_lanes lanes_;
  std::vector<stuck_item> untold_;
  std::set<std::string> told_; // of what is stuck: each is logged once
  std::size_t held_ = 0;
  std::size_t held_bytes_ = 0;
  std::size_t outstanding_ = 0;
  std::uint64_t leases_ended_ = 0;
  bool behind_ = true;  // the journal knows of messages behind `last_` that are not in memory
  bool missed_ = false; // messages came while `behind_`
  std::optional<message_place> last_;
  bool reading_ = false;                   // messages that were known before
  std::set<message_place> done_meanwhile_; // while `reading_`
  bool unreadable_ = false;                // the agenda, and that was told
  unsigned failed_reads_ = 0;
  clock::time_point next_read_{};
  bool stopped_ = false;

  std::atomic<bool> any_waits_{false}; // in a lane, so that who loads others need not lock
};

} // namespace cairn::runtime
