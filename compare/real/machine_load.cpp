#include "compare/real/machine_load.hpp"

#include <algorithm>
#include <ctime>
#include <numeric>
#include <thread>
#include <vector>

namespace cairn::compare {

namespace {

double seconds_of(clockid_t which) {
  timespec now{};
  ::clock_gettime(which, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

/// What one thread gets that wants all of a core.
double spin(double seconds) {
  const double start = seconds_of(CLOCK_MONOTONIC);
  const double used = seconds_of(CLOCK_THREAD_CPUTIME_ID);
  double passed = 0;
  while (passed < seconds) passed = seconds_of(CLOCK_MONOTONIC) - start;
  return (seconds_of(CLOCK_THREAD_CPUTIME_ID) - used) / passed;
}

} // namespace

double cpu_share(std::chrono::milliseconds for_so_long) {
  const double seconds = std::chrono::duration<double>(for_so_long).count();
  std::vector<double> shares(std::max(std::thread::hardware_concurrency(), 1U));
  std::vector<std::thread> threads;
  threads.reserve(shares.size());
  for (auto& share : shares) threads.emplace_back([&share, seconds] { share = spin(seconds); });
  for (auto& thread : threads) thread.join();
  return std::accumulate(shares.begin(), shares.end(), 0.0) / static_cast<double>(shares.size());
}

} // namespace cairn::compare
