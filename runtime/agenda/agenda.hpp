#pragma once

#include <cairn/clock.hpp>
#include <cairn/detail/effects.hpp>

#include "runtime/agenda/agenda_host.hpp"
#include "runtime/agenda/message_courier.hpp"
#include "runtime/agenda/tick_group.hpp"
#include "runtime/agenda/timer_service.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace cairn::runtime {

/// Does what changes lead to: brings messages, fires timers, ticks groups, on a thread of its own that only waits and
/// reads; everything else goes through the entities.
/// Thread: any, but for construction and `stop`.
class agenda {
public:
  agenda(agenda_host& host, clock time, message_courier::bounds messages);
  ~agenda() { stop(); }

  void host(const entity_type& type);

  /// A change with effects is durable, and nobody knows yet.
  void committed(const std::string& entity, version_type version, position_type position,
                 std::unique_ptr<detail::change_effects> effects);

  /// The entity was loaded: what waits for that goes on.
  void loaded(const std::string& entity);
  /// It is leased no more: the same.
  void lease_ended(const std::string& entity) { messages_.lease_ended(entity); }

  void wake() noexcept;
  void add(std::shared_ptr<tick_group> group);

  /// Waits until nothing is under way that a change has led to.
  /// Thread: none that runs entities or their callbacks.
  void settle();

  /// Moves a stepped clock on, and does in order what becomes due.
  /// Thread: as `settle`.
  status step(std::chrono::microseconds by);

  std::size_t messages_pending() const { return messages_.pending(); }
  std::size_t timers_soon() const { return timers_.soon(); }

  /// What is stuck, timers before messages. The number of each.
  void list_stuck(std::size_t limit, std::vector<stuck_item>& found) const;
  std::size_t timers_stuck() const { return timers_.stuck(); }
  std::size_t messages_stuck() const { return messages_.stuck(); }

  /// Begins nothing any more, and ends the thread.
  void stop();

private:
  using steady = std::chrono::steady_clock;

  void run();
  steady::time_point work();
  bool is_quiet();
  std::optional<steady::time_point> tick();
  std::vector<std::shared_ptr<tick_group>> groups();

  agenda_host& host_;
  const clock time_;
  message_courier messages_;
  timer_service timers_;

  std::mutex groups_mutex_;
  std::vector<std::shared_ptr<tick_group>> groups_;

  std::mutex mutex_; // of what follows
  std::condition_variable changed_;
  bool woken_ = false;
  bool ending_ = false;
  std::thread thread_;
};

} // namespace cairn::runtime
