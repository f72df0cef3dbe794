#pragma once

#include <cairn/detail/context.hpp>
#include <cairn/error.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace cairn {

/// One step of a group's time.
struct tick {
  std::uint64_t number = 0; ///< From 0.
  time_point at{};          ///< When it was due, in the world's time of day.
  std::chrono::microseconds step{};
};

/// What becomes of ticks that fall due while one before them is still under way.
enum class catch_up : std::uint8_t {
  skip, ///< They are left out, and counted.
  all,  ///< Each comes, one right after the other.
};

struct tick_options {
  std::chrono::microseconds every{50'000}; ///< Longer than there is time: none ever comes.
  catch_up late = catch_up::skip;
  std::size_t in_flight_max = 4'096; ///< Commands of one tick on their way at once.
};

struct tick_counts {
  std::uint64_t ticks = 0;    ///< That are done.
  std::uint64_t accepted = 0; ///< Commands.
  std::uint64_t refused = 0;  ///< Commands that were rejected, unavailable or failed.
  std::uint64_t overruns = 0; ///< Ticks that took longer than a step.
  std::uint64_t skipped = 0;
  std::chrono::microseconds
      longest{}; ///< From when a tick was due to its last reply, by what passed on the world's clock.
};

namespace runtime {
class tick_group;
}

/// Sends a group of entities a command at a fixed rate of what passes on the world's clock (`clock::elapsed`): setting the
/// wall clock moves no tick. A tick is a command like any other, so
/// that it replays. The next begins when every reply of the last has come. Ends with its destructor or the world's.
/// Thread: any.
class ticker {
public:
  ticker() noexcept;
  ticker(ticker&&) noexcept;
  ticker& operator=(ticker&&) noexcept;
  ~ticker();

  tick_counts counts() const;

  /// Set when the world was closing when it was made (`shutting_down`): no tick will come.
  status state() const;

  /// No command is made any more, also of a tick that is under way; what was sent is answered. `make` is not running
  /// any more when this returns, unless it is the caller. The destructor does the same.
  void stop() noexcept;

private:
  friend class world;
  explicit ticker(std::shared_ptr<runtime::tick_group> group) noexcept;
  std::shared_ptr<runtime::tick_group> group_;
};

namespace detail {

/// Sends the command of a tick to the entity at `index`, and calls back with whether it was accepted.
using tick_sender =
    std::function<void(std::size_t index, const tick& now, std::function<void(bool)> then)>;

} // namespace detail

} // namespace cairn
