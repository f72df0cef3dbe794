#pragma once

#include <cairn/entity.hpp>

#include <cstdint>
#include <vector>

namespace cairn::compare {

/// Chooses 0 … n - 1, the k-th (from 1) with a weight of 1/k^theta: exactly, in constant time, for any theta.
/// Shape:  n from 1 to 2^32 - 1; 12 bytes each.
/// Source: Vose, A linear algorithm for generating random numbers with a given distribution, IEEE Transactions on
///         Software Engineering 17(9), 1991. Generators by formula (Gray et al., SIGMOD 1994) end at theta 1.
class zipf {
public:
  zipf(std::uint64_t n, double theta);

  std::uint64_t operator()(random_source& random) const noexcept;

private:
  std::vector<double> keep_;          // probability to stay at a place
  std::vector<std::uint32_t> others_; // where to go otherwise
};

/// Uniform in 0 <= x < 1.
double uniform(random_source& random) noexcept;

/// Exponential with this mean.
double exponential(random_source& random, double mean) noexcept;

} // namespace cairn::compare
