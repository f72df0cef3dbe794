#pragma once

#include <cairn/detail/time.hpp>
#include <cairn/detail/types.hpp>

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string_view>

namespace cairn {

/// Random bits for `decide`; a uniform random bit generator, so the standard distributions take it.
/// Source: Steele, Lea and Flood, Fast splittable pseudorandom number generators, OOPSLA 2014.
class random_source {
public:
  using result_type = std::uint64_t;

  explicit constexpr random_source(std::uint64_t seed) noexcept : state_(seed) {}

  static constexpr result_type min() noexcept { return 0; }
  static constexpr result_type max() noexcept { return std::numeric_limits<result_type>::max(); }

  constexpr result_type operator()() noexcept {
    std::uint64_t z = state_ += 0x9E3779B97F4A7C15U;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31U);
  }

  /// Uniform in 0 … n - 1; n > 0.
  constexpr std::uint64_t below(std::uint64_t n) noexcept {
    const std::uint64_t unfair = max() - max() % n;
    std::uint64_t drawn = (*this)();
    while (drawn >= unfair) {
      drawn = (*this)();
    }
    return drawn % n;
  }

private:
  std::uint64_t state_;
};

/// What `decide` may know beside state and command. Time and chance come from here and from nowhere else,
/// and only what the events record of them counts: replay runs `apply` alone.
/// Thread: the entity's own, for the length of one `decide`.
class context {
public:
  context(time_point now, random_source& random, std::string_view entity, version_type version,
          std::string_view principal) noexcept
      : now_(now), random_(&random), entity_(entity), version_(version), principal_(principal) {}

  /// Reads `clock` when `decide` first asks for the time: most never do. It must outlive the context.
  context(random_source& random, const std::function<time_point()>& clock, std::string_view entity,
          version_type version, std::string_view principal) noexcept
      : clock_(&clock),
        random_(&random),
        entity_(entity),
        version_(version),
        principal_(principal) {}

  /// The world's clock; the same however often one `decide` asks.
  time_point now() const {
    if (!now_) {
      now_ = (*clock_)();
    }
    return *now_;
  }

  random_source& random() const noexcept { return *random_; }

  /// `type/id`
  std::string_view entity() const noexcept { return entity_; }

  /// Of the entity before this command.
  version_type version() const noexcept { return version_; }

  /// Who sent the command, as its `meta` member `principal` says; empty when it does not.
  std::string_view principal() const noexcept { return principal_; }

  /// Of a timer's command: when it was due, which `now` is not before. Nothing for every other command.
  std::optional<time_point> due() const noexcept { return due_; }

  /// The name of the timer whose command this is; empty: it is none's.
  std::string_view timer() const noexcept { return timer_; }

  /// Of the command of a `cairn::every`: how many of its times between `due` and `now` were left out. Each of them is
  /// told of once.
  std::uint64_t missed() const noexcept { return missed_; }

  /// For the runtime and the test kit: the command is that of `timer`, whose name must outlive the context.
  void set_due(std::string_view timer, time_point due, time_point now,
               std::uint64_t missed) noexcept {
    timer_ = timer;
    due_ = due;
    now_ = now;
    missed_ = missed;
  }

private:
  mutable std::optional<time_point> now_;
  const std::function<time_point()>* clock_ = nullptr;
  random_source* random_;
  std::string_view entity_;
  version_type version_;
  std::string_view principal_;
  std::optional<time_point> due_;
  std::string_view timer_;
  std::uint64_t missed_ = 0;
};

} // namespace cairn
