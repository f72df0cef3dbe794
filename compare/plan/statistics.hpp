#pragma once

#include <cairn/compare.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace cairn::compare {

/// Counts durations in classes of equal relative width: a percentile is at most 1.6 % too large.
/// Thread: `add` any; `percentile` while nobody adds.
class latency_histogram {
public:
  void add(std::uint64_t ns) noexcept;

  /// The duration that `share` of all do not exceed, in microseconds; 0 when there are none.
  double percentile_us(double share) const noexcept;

  std::uint64_t size() const noexcept;

private:
  static constexpr unsigned steps_bits = 6; // 64 classes each time the duration doubles
  static constexpr std::size_t classes = (64 - steps_bits + 1) << steps_bits;

  static std::size_t class_of(std::uint64_t ns) noexcept;
  static std::uint64_t upper_end(std::size_t index) noexcept;

  std::array<std::atomic<std::uint64_t>, classes> counts_{};
};

/// The middle one, or the mean of the two in the middle; 0 of none.
double median(std::vector<double> values);

/// Upper end of a one-sided 95 % confidence interval of the mean (Student's t).
/// Shape: at least two values.
double upper_bound_95(const std::vector<double>& values);

double mean(const std::vector<double>& values);

/// Median, lowest and highest of each figure over repetitions, into `into`.
void summarize(cell& into);

} // namespace cairn::compare
