#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace cairn::runtime {

class world_log;

/// Users' code that a world calls, by what it is for.
enum class user_code : std::uint8_t {
  entity,     ///< Of an entity's type: decide, apply, merge, copies, JSON and all the rest.
  callback,   ///< Gets a reply.
  subscriber, ///< Gets changes.
  tick,       ///< Makes the command of a tick.
  clock,      ///< Tells the time.
  log_sink,   ///< Gets lines of the log.
  unknown,    ///< Only the last guard of a thread or an actor saw it.
};

inline constexpr std::size_t user_codes = 7;

/// Stable word, as metrics and log have it.
std::string_view to_string(user_code code) noexcept;

/// Counts what users' code threw, and has that logged of which no failed answer tells.
/// Thread: any.
class thrown_counts {
public:
  explicit thrown_counts(world_log& log) noexcept : log_(log) {}

  /// It threw, and an answer, a state or another line says so.
  void count(user_code code) noexcept {
    counts_[static_cast<std::size_t>(code)].fetch_add(1, std::memory_order_relaxed);
  }

  /// It threw `text`, at or about `entity` (`type/id`; empty: none in particular).
  void tell(user_code code, std::string_view entity, std::string_view text) noexcept;

  std::uint64_t of(user_code code) const noexcept;

private:
  world_log& log_;
  std::array<std::atomic<std::uint64_t>, user_codes> counts_{};
};

} // namespace cairn::runtime
