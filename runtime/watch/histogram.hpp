#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace cairn::runtime {

/// Counts values by size: how many are at most as large as each of the ascending bounds, and larger than all.
/// Thread: any. A reader may find a value in the counts that is not yet in the sum.
template <std::size_t Bounds>
class histogram {
public:
  using bounds = std::array<std::uint64_t, Bounds>;

  explicit histogram(const bounds& upper) noexcept : upper_(upper) {}

  void count(std::uint64_t value) noexcept {
    const auto at = std::lower_bound(upper_.begin(), upper_.end(), value) - upper_.begin();
    counts_[static_cast<std::size_t>(at)].fetch_add(1, std::memory_order_relaxed);
    sum_.fetch_add(value, std::memory_order_relaxed);
  }

  const bounds& upper() const noexcept { return upper_; }

  /// Values above the bound before `bucket` and not above its own; the last has no bound.
  std::uint64_t counted(std::size_t bucket) const noexcept {
    return counts_[bucket].load(std::memory_order_relaxed);
  }
  std::uint64_t sum() const noexcept { return sum_.load(std::memory_order_relaxed); }

private:
  const bounds& upper_;
  std::array<std::atomic<std::uint64_t>, Bounds + 1> counts_{};
  std::atomic<std::uint64_t> sum_{0};
};

} // namespace cairn::runtime
