#include "compare/plan/statistics.hpp"

#include <boost/mp11/algorithm.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <type_traits>

namespace cairn::compare {

std::size_t latency_histogram::class_of(std::uint64_t ns) noexcept {
  constexpr std::uint64_t steps = 1U << steps_bits;
  if (ns < 2 * steps) return ns; // exact
  const auto shift = static_cast<unsigned>(std::bit_width(ns)) - steps_bits - 1;
  return (static_cast<std::size_t>(shift) << steps_bits) + (ns >> shift);
}

std::uint64_t latency_histogram::upper_end(std::size_t index) noexcept {
  constexpr std::size_t steps = 1U << steps_bits;
  if (index < 2 * steps) return index;
  const auto shift = static_cast<unsigned>(index >> steps_bits) - 1;
  return ((index - (static_cast<std::size_t>(shift) << steps_bits) + 1) << shift) - 1;
}

void latency_histogram::add(std::uint64_t ns) noexcept {
  counts_[class_of(ns)].fetch_add(1, std::memory_order_relaxed);
}

std::uint64_t latency_histogram::size() const noexcept {
  std::uint64_t sum = 0;
  for (const auto& count : counts_) sum += count.load(std::memory_order_relaxed);
  return sum;
}

double latency_histogram::percentile_us(double share) const noexcept {
  const auto all = size();
  if (all == 0) return 0;
  const auto rank = std::max<std::uint64_t>(
      1, static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(all))));
  std::uint64_t passed = 0;
  for (std::size_t index = 0; index < classes; ++index) {
    passed += counts_[index].load(std::memory_order_relaxed);
    if (passed >= rank) return static_cast<double>(upper_end(index)) / 1e3;
  }
  return 0;
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const auto middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double upper_bound_95(const std::vector<double>& values) {
  // Quantiles of Student's t for 0.95, by degrees of freedom from 1; beyond the table the last is
  // used, which is too wide rather than too narrow.
  constexpr std::array<double, 30> t95{6.314, 2.920, 2.353, 2.132, 2.015, 1.943, 1.895, 1.860,
                                       1.833, 1.812, 1.796, 1.782, 1.771, 1.761, 1.753, 1.746,
                                       1.740, 1.734, 1.729, 1.725, 1.721, 1.717, 1.714, 1.711,
                                       1.708, 1.706, 1.703, 1.701, 1.699, 1.697};
  const auto n = static_cast<double>(values.size());
  const double middle = mean(values);
  double squares = 0;
  for (const double value : values) squares += (value - middle) * (value - middle);
  const double t = t95[std::min(values.size() - 2, t95.size() - 1)];
  return middle + t * std::sqrt(squares / (n - 1) / n);
}

void summarize(cell& into) {
  using members = boost::describe::describe_members<figures, boost::describe::mod_public>;
  boost::mp11::mp_for_each<members>([&](auto member) {
    using value_type = std::remove_cvref_t<decltype(into.median.*member.pointer)>;
    std::vector<double> values;
    for (const auto& one : into.repetitions) {
      values.push_back(static_cast<double>(one.*member.pointer));
    }
    if (values.empty()) return;
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    into.median.*member.pointer = static_cast<value_type>(median(values));
    into.low.*member.pointer = static_cast<value_type>(*low);
    into.high.*member.pointer = static_cast<value_type>(*high);
  });
}

} // namespace cairn::compare
