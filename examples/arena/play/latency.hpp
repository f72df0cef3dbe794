#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace arena {

/// How long requests took, in buckets that grow with what they hold, so that a percentile is right to 1/16.
class latencies {
public:
  static constexpr std::size_t bucket_count = 640;
  using counts = std::array<std::uint64_t, bucket_count>;

  /// Thread: any.
  void add(std::chrono::microseconds taken) noexcept;

  /// What was added so far. Thread: any.
  counts taken() const noexcept;

private:
  std::array<std::atomic<std::uint64_t>, bucket_count> buckets_{};
};

/// What is in `later` and not yet in `earlier`, two copies of the same latencies.
latencies::counts between(const latencies::counts& earlier, const latencies::counts& later);

/// The time within which a share of the requests was answered; zero when there were none.
/// Shape: `share` from 0 to 1.
std::chrono::microseconds percentile(const latencies::counts& counted, double share);

} // namespace arena
