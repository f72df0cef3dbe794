#pragma once

#include <cairn/clock.hpp>

#include "runtime/agenda_host.hpp"
#include "runtime/agenda_requests.hpp"

#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace cairn {

/// Sends each entity the timers of its own that are due. The journal's agenda knows them all; in memory are only
/// those that are due soon. Whether a timer is still pending its entity knows best, so one too many does no harm.
/// Thread: any.
class timer_service {
public:
  struct bounds {
    std::size_t outstanding_max = agenda_outstanding_max;
    std::size_t soon_max = 65'536; ///< In memory.
  };

  timer_service(agenda_host& host, cairn::clock time, bounds bounds);

  /// Timers of this type's entities may fire.
  void host(const entity_type& type);

  /// A change that sets timers or takes them back is durable.
  void committed(const std::string& entity,
                 const std::vector<detail::change_effects::timer_edit>& edits);

  /// Reads what is due soon, and, unless the clock is stepped, fires what is due.
  /// After: when it wants to be called again, if not woken before.
  /// Thread: the agenda's.
  std::optional<std::chrono::steady_clock::time_point> work();

  /// When the next timer is due that is so at `until` or before, for a clock that is stepped.
  std::optional<time_point> next_due(time_point until);

  /// Fires what is due at `now`, one at a time when the clock is stepped.
  void fire_due(time_point now);

  /// None is on its way, and, unless the clock is stepped, none is due.
  bool is_quiet() const;

  /// Timers in memory, due soon or on their way.
  std::size_t soon() const;

  void stop();

private:
  using clock = std::chrono::steady_clock;

  void read_until(time_point until);
  void fired(const std::string& key, const std::string& give_up, unsigned attempts,
             const fire_request& done);
  void send(const std::string& key, const std::string& give_up, unsigned attempts);
  const entity_type* find_type(std::string_view key) const;

  struct attempt {
    std::string key;
    std::string give_up;
    unsigned made = 0;
  };

  agenda_host& host_;
  const cairn::clock time_;
  const bounds bounds_;
  mutable std::mutex mutex_; // of all below
  std::vector<const entity_type*> types_;
  std::set<std::string> soon_;   // keys of the agenda
  std::string known_before_;     // what is due before this key is in memory
  std::set<std::string> parked_; // their type is not hosted
  std::multimap<clock::time_point, attempt> retries_;
  std::size_t outstanding_ = 0;
  bool stopped_ = false;

  std::atomic<bool> unreadable_{false}; // what is due soon, and that was told
};

} // namespace cairn
