#pragma once

#include <cairn/compare.hpp>

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace cairn::compare {

/// Says how far something is and how long it will take, now and then.
class progress {
public:
  progress(const settings& how, std::string_view what, std::size_t steps);

  /// One more is done: `now`.
  void step(std::string_view now);

private:
  using clock = std::chrono::steady_clock;

  const settings* how_;
  std::string what_;
  std::size_t steps_;
  std::size_t done_ = 0;
  clock::time_point start_ = clock::now();
};

} // namespace cairn::compare
