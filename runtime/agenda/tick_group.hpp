#pragma once

#include <cairn/clock.hpp>
#include <cairn/detail/ticks.hpp>

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace cairn::runtime {

/// The inside of a ticker. Its rate is one of what passes on the world's clock: setting the time of day moves no tick.
/// Thread: any; `begin_due` one at a time.
class tick_group : public std::enable_shared_from_this<tick_group> {
public:
  /// `changed` is called when a tick ends, `threw` when a command could not be made, which then counts as refused.
  tick_group(std::size_t entities, tick_options options, clock time, detail::tick_sender send,
             std::function<void()> changed, std::function<void(const std::string&)> threw);

  /// When the next tick is due; nothing: one is under way, or there are no more.
  std::optional<moment> next_due() const;

  /// Begins the tick that is due, when there is one and none is under way.
  void begin_due();

  /// Sends on what a thread that has other things to do has left.
  void go_on();

  bool is_running() const;
  tick_counts counts() const;

  /// Why no tick will come; ok: they come.
  status state() const;

  /// Begins none, for this reason.
  void refuse(status why);

  /// Makes no command any more, and waits for one that is being made, unless it is the caller or waits for it.
  void stop() noexcept;

private:
  void pump();
  void send(std::size_t index, const tick& now);
  void replied(bool accepted);
  void count(bool accepted);
  void finish();

  const std::size_t entities_;
  const tick_options options_;
  const clock time_;
  detail::tick_sender send_; // one call at a time; goes when it is stopped
  const std::function<void()> changed_;
  const std::function<void(const std::string&)> threw_;

  mutable std::mutex mutex_; // of all below
  status state_;
  tick_counts counts_;
  tick current_;
  moment due_; // of the current tick
  moment next_;
  std::size_t sent_ = 0;
  std::size_t in_flight_ = 0;
  bool running_ = false;
  bool pumping_ = false;
  std::thread::id pumper_; // while `pumping_`
  std::condition_variable paused_;
  bool has_more_ = false; // that nobody is about to send
  bool stopped_ = false;
};

} // namespace cairn::runtime
