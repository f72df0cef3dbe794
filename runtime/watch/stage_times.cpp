#include "runtime/watch/stage_times.hpp"

namespace cairn::runtime {

namespace {

using std::chrono::nanoseconds;

/// A sampled request keeps when its stage began in 32 bits of these.
constexpr std::uint32_t tick_ns = 64;

/// One command in so many is measured.
constexpr std::uint32_t sampled_one_in = 64;

/// In nanoseconds: from a quarter of a microsecond, which a decision takes, to ten seconds.
constexpr stage_times::times::bounds time_bounds{
    250,         500,         1'000,         2'500,         5'000,         10'000,
    25'000,      50'000,      100'000,       250'000,       500'000,       1'000'000,
    2'500'000,   5'000'000,   10'000'000,    25'000'000,    50'000'000,    100'000'000,
    250'000'000, 500'000'000, 1'000'000'000, 2'500'000'000, 5'000'000'000, 10'000'000'000};

std::uint32_t ticks_now() noexcept {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<std::uint32_t>(std::chrono::duration_cast<nanoseconds>(since).count() /
                                    tick_ns);
}

} // namespace

std::string_view to_string(stage what) noexcept {
  switch (what) {
    case stage::mailbox:
      return "mailbox";
    case stage::decide:
      return "decide";
    case stage::batch_wait:
      return "batch_wait";
    case stage::sync:
      return "sync";
    case stage::load:
      return "load";
  }
  return "unknown";
}

stage_times::stage_times() noexcept
    : times_{times(time_bounds), times(time_bounds), times(time_bounds), times(time_bounds),
             times(time_bounds)} {}

/// Never the same number of commands in a row, so that a client that does the same thing over and over is
/// measured in all that it does: 1 … 127, 64 on average.
std::uint32_t stage_times::next_gap() noexcept {
  static thread_local std::uint32_t state = 2'463'534'242; // xorshift (Marsaglia, 2003)
  state ^= state << 13U;
  state ^= state >> 17U;
  state ^= state << 5U;
  return 1 + state % (2 * sampled_one_in - 1);
}

void stage_times::begin(detail::request& sent) noexcept {
  sent.sampled = true;
  sent.stage_began = ticks_now();
}

void stage_times::leave(stage left, detail::request& sampled) noexcept {
  const std::uint32_t now = ticks_now();
  const std::uint32_t took = now - sampled.stage_began; // right also where the ticks have wrapped
  count(left, nanoseconds(std::int64_t{took} * tick_ns));
  sampled.stage_began = now;
}

void stage_times::count(stage what, nanoseconds took) noexcept {
  times_[static_cast<std::size_t>(what)].count(static_cast<std::uint64_t>(took.count()));
}

} // namespace cairn::runtime
