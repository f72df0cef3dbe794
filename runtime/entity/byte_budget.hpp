#pragma once

#include <atomic>
#include <cstddef>

namespace cairn::runtime {

/// Bytes that requests hold in memory, against a bound. Only large requests are counted: a small one, as nearly all
/// are, is bounded by the number of requests, and pays no more than a comparison.
/// Thread: any.
class byte_budget {
public:
  /// What holds less is not counted.
  static constexpr std::size_t counted_from = 1'024;

  explicit byte_budget(std::size_t most) noexcept : most_(most) {}

  std::size_t most() const noexcept { return most_; }
  std::size_t held() const noexcept { return held_.load(std::memory_order_relaxed); }

  /// More is held than may be, since what was decided took more than what was asked for.
  bool is_exceeded() const noexcept { return held() > most_; }

  /// False: so much more does not fit, and nothing was taken.
  bool try_take(std::size_t bytes) noexcept {
    const std::size_t before = held_.fetch_add(bytes, std::memory_order_relaxed);
    if (before + bytes <= most_) {
      return true;
    }
    give_back(bytes);
    return false;
  }

  /// Takes what is there already, whether it fits or not.
  void take(std::size_t bytes) noexcept { held_.fetch_add(bytes, std::memory_order_relaxed); }

  void give_back(std::size_t bytes) noexcept { held_.fetch_sub(bytes, std::memory_order_relaxed); }

private:
  const std::size_t most_;
  std::atomic<std::size_t> held_{0};
};

} // namespace cairn::runtime
