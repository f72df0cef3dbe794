#include <cairn/world.hpp>

#include <algorithm>
#include <random>
#include <thread>

namespace cairn::detail {

namespace {

/// About what a synced write takes, so the first pause lets who was faster finish.
constexpr std::chrono::microseconds pause_min{100};
constexpr std::chrono::microseconds pause_max{20'000};

} // namespace

void pause_before_retry(unsigned attempts) {
  static thread_local std::mt19937_64 random(std::random_device{}());
  const auto longest = std::min(pause_max, pause_min * (1U << std::min(attempts, 10U)));
  std::uniform_int_distribution<std::int64_t> length(0, longest.count());
  std::this_thread::sleep_for(std::chrono::microseconds(length(random)));
}

} // namespace cairn::detail
