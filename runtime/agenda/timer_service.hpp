#pragma once

#include <cairn/clock.hpp>

#include "runtime/agenda/agenda_host.hpp"
#include "runtime/agenda/agenda_requests.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace cairn::runtime {

/// Sends each entity the timers of its own that are due. The journal's agenda knows them all; in memory are only
/// those that are due soon. Whether a timer is still pending its entity knows best, so one too many does no harm.
/// Those of types that are not hosted, and of entities that cannot be loaded, are passed over, and read again when
/// they can fire.
/// Thread: any.
class timer_service {
public:
  struct bounds {
    std::size_t outstanding_max = agenda_outstanding_max;
    std::size_t soon_max = 65'536; ///< In memory.
  };

  timer_service(agenda_host& host, cairn::clock time, bounds most);

  /// Timers of this type's entities may fire.
  void host(const entity_type& type);

  /// A change that sets timers or takes them back is durable.
  void committed(const std::string& entity,
                 const std::vector<detail::change_effects::timer_edit>& edits);

  /// The entity was loaded: its timers may fire again.
  void loaded(const std::string& entity);

  /// Reads what is due soon, and, unless the clock is stepped, fires what is due.
  /// After: when it wants to be called again, if not woken before.
  /// Thread: the agenda's.
  std::optional<std::chrono::steady_clock::time_point> work();

  /// When the next timer is due that is so at `until` or before, for a clock that is stepped.
  /// Errors: those of the journal, in `read`.
  std::optional<time_point> next_due(time_point until, status& read);

  /// Fires what is due at `now`, one at a time when the clock is stepped.
  void fire_due(time_point now);

  /// None is on its way, and, unless the clock is stepped, none is due that could fire.
  bool is_quiet() const;

  /// Timers in memory, due soon or on their way.
  std::size_t soon() const;

  /// Entities that cannot be loaded for a timer that is due.
  std::size_t stuck() const;
  void list_stuck(std::size_t limit, std::vector<stuck_item>& found) const;

  void stop();

private:
  using clock = std::chrono::steady_clock;

  bool read_until(time_point until, status& read);
  bool passes_over(const std::string& key);
  void try_stuck();
  void set_aside(const std::string& key, std::string why);
  void go_on(const std::string& entity);
  void read_again_from(const std::string& key);
  void failed(const status& read);
  void judge(const std::string& key, const std::string& give_up, unsigned attempts,
             const fire_request& done);
  void fired(const std::string& key, const std::string& give_up, unsigned attempts,
             const fire_request& done);
  void send(const std::string& key, const std::string& give_up, unsigned attempts);
  const entity_type* find_type(std::string_view key) const;

  struct attempt {
    std::string key;
    std::string give_up;
    unsigned made = 0;
  };

  /// Cannot be loaded; its timers wait in the agenda.
  struct stuck_entity {
    std::string first; // key; none that waits is before
    std::string why;
    unsigned attempts = 0;
    clock::time_point next;
    std::int64_t since_us = 0;
    bool trying = false;
  };

  static stuck_item item_of(const stuck_entity& stuck);

  agenda_host& host_;
  const cairn::clock time_;
  const bounds bounds_;
  mutable std::mutex mutex_; // of all below
  std::vector<const entity_type*> types_;
  std::set<std::string> soon_; // keys of the agenda
  std::string known_before_;   // what is due before this key is in memory
  bool to_be_read_ = true;     // but for what was passed over and can fire now
  std::map<std::string, std::string, std::less<>> parked_; // types not hosted, and the first key
  std::unordered_map<std::string, stuck_entity> stuck_;
  std::multimap<clock::time_point, std::string>
      stuck_next_; // those that have changed are passed over
  std::optional<stuck_item> untold_;
  std::multimap<clock::time_point, attempt> retries_;
  std::size_t outstanding_ = 0;
  bool unreadable_ = false; // what is due soon, and that was told
  unsigned failed_reads_ = 0;
  clock::time_point next_read_{};
  bool stopped_ = false;

  std::atomic<bool> any_stuck_{false}; // so that who loads others need not lock
};

} // namespace cairn::runtime
