#pragma once

#include <cairn/detail/context.hpp>
#include <cairn/detail/log.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <variant>

namespace spdlog {
class logger;
}

namespace cairn::runtime {

/// A member of a line; an empty text is left out.
struct log_member {
  std::string_view name;
  std::variant<std::string_view, std::uint64_t> value;

  log_member(std::string_view called, std::string_view text) : name(called), value(text) {}
  log_member(std::string_view called, std::uint64_t number) : name(called), value(number) {}
};

/// Writes what a world says about itself: a line of JSON each, few of a kind at a time.
/// Thread: any.
class world_log {
public:
  using time_source = std::function<time_point()>;
  using tick_source = std::function<std::chrono::steady_clock::time_point()>;

  /// A kind of event has so many lines a second; docs/operate.md says so.
  static constexpr std::uint64_t lines_per_second_max = 10;

  /// `clock` stamps the lines, `ticks` tells seconds apart.
  world_log(const log_options& options, time_source clock,
            tick_source ticks = &std::chrono::steady_clock::now);
  ~world_log();
  world_log(const world_log&) = delete;
  world_log& operator=(const world_log&) = delete;

  bool takes(log_level level) const noexcept { return level <= level_; }

  /// How often the user's function threw: its line is lost, and there is no other place to say so.
  std::uint64_t sink_threw() const noexcept { return sink_threw_.load(std::memory_order_relaxed); }

  /// Writes `{"time":…,"level":…,"event":…` and the members, unless there were too many of `event`. What cannot be
  /// written is lost.
  void write(log_level level, std::string_view event,
             std::initializer_list<log_member> members = {}) noexcept;

private:
  /// What a kind of event has written in this second.
  struct allowance {
    std::chrono::steady_clock::time_point since;
    std::uint64_t written = 0;
    std::uint64_t suppressed = 0;
  };

  bool may_write(std::string_view event, std::uint64_t& suppressed);

  std::atomic<std::uint64_t> sink_threw_{0};
  log_level level_;
  time_source clock_;
  tick_source ticks_;
  std::unique_ptr<spdlog::logger> logger_;
  std::mutex mutex_; // of what follows
  std::map<std::string, allowance, std::less<>> allowances_;
};

} // namespace cairn::runtime
