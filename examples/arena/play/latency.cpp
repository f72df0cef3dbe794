#include "latency.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace arena {

namespace {

// Below 16 µs each has a bucket of its own; from there on each doubling has 16.
constexpr unsigned fine_bits = 4;
constexpr std::uint64_t fine = 1U << fine_bits;

std::size_t bucket_of(std::uint64_t us) {
  if (us < fine) {
    return us;
  }
  const auto shift = static_cast<unsigned>(std::bit_width(us)) - 1 - fine_bits;
  const std::size_t bucket = (shift + 1) * fine + ((us >> shift) - fine);
  return std::min(bucket, latencies::bucket_count - 1);
}

/// The largest time that falls into it.
std::uint64_t end_of(std::size_t bucket) {
  if (bucket < fine) {
    return bucket;
  }
  const std::size_t shift = bucket / fine - 1;
  return ((bucket % fine + fine + 1) << shift) - 1;
}

} // namespace

void latencies::add(std::chrono::microseconds taken) noexcept {
  const auto us = static_cast<std::uint64_t>(std::max<std::int64_t>(taken.count(), 0));
  buckets_[bucket_of(us)].fetch_add(1, std::memory_order_relaxed);
}

latencies::counts latencies::taken() const noexcept {
  counts copied{};
  std::transform(buckets_.begin(), buckets_.end(), copied.begin(),
                 [](const auto& bucket) { return bucket.load(std::memory_order_relaxed); });
  return copied;
}

latencies::counts between(const latencies::counts& earlier, const latencies::counts& later) {
  latencies::counts added{};
  std::transform(later.begin(), later.end(), earlier.begin(), added.begin(), std::minus<>());
  return added;
}

std::chrono::microseconds percentile(const latencies::counts& counted, double share) {
  std::uint64_t all = 0;
  for (const auto count : counted) {
    all += count;
  }
  auto missing = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(all)));
  for (std::size_t bucket = 0; bucket < counted.size(); ++bucket) {
    if (counted[bucket] >= missing && counted[bucket] != 0) {
      return std::chrono::microseconds(end_of(bucket));
    }
    missing -= std::min(missing, counted[bucket]);
  }
  return {};
}

} // namespace arena
