#include "compare/plan/zipf.hpp"

#include <cmath>
#include <cstddef>

namespace cairn::compare {

zipf::zipf(std::uint64_t n, double theta) : keep_(n, 1.0), others_(n, 0) {
  double sum = 0;
  for (std::uint64_t k = 0; k < n; ++k) {
    keep_[k] = std::pow(static_cast<double>(k + 1), -theta);
    sum += keep_[k];
  }
  std::vector<std::uint32_t> small;
  std::vector<std::uint32_t> large;
  for (std::uint32_t k = 0; k < n; ++k) {
    keep_[k] *= static_cast<double>(n) / sum;
    others_[k] = k;
    (keep_[k] < 1 ? small : large).push_back(k);
  }
  while (!small.empty() && !large.empty()) {
    const auto poor = small.back();
    const auto rich = large.back();
    small.pop_back();
    others_[poor] = rich;
    keep_[rich] -= 1 - keep_[poor];
    if (keep_[rich] < 1) {
      large.pop_back();
      small.push_back(rich);
    }
  }
  // What rounding has left over is 1, but for a last bit.
  for (const auto k : small) keep_[k] = 1;
  for (const auto k : large) keep_[k] = 1;
}

std::uint64_t zipf::operator()(random_source& random) const noexcept {
  const auto place = random.below(keep_.size());
  return uniform(random) < keep_[place] ? place : others_[place];
}

double uniform(random_source& random) noexcept {
  constexpr int bits = 53; // of a double's mantissa
  return std::ldexp(static_cast<double>(random() >> (64 - bits)), -bits);
}

double exponential(random_source& random, double mean) noexcept {
  return -mean * std::log1p(-uniform(random));
}

} // namespace cairn::compare
