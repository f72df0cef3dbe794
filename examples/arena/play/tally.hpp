#pragma once

#include <cairn/cairn.hpp>

#include "latency.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

namespace arena {

/// What bots do, each in its own way.
enum class way : std::uint8_t {
  dig_seen,   ///< At the version that was seen; tried again after a conflict.
  dig_unseen, ///< Without an expectation.
  sell,       ///< At the version of the own bag; the listing must be absent.
  buy,        ///< At the version of the listing.
  take_back,  ///< The same, of an own listing.
  build,      ///< At the version of the own bag.
};
inline constexpr std::size_t way_count = 6;

std::string_view name_of(way what);

/// Commands; a transaction is one.
struct figures_of_way {
  std::uint64_t sent = 0;
  std::uint64_t accepted = 0;
  std::uint64_t conflicts = 0;
  std::uint64_t rejected = 0;
};

/// What all bots did, as it stood at one moment.
struct tallied {
  std::array<figures_of_way, way_count> ways{};
  std::uint64_t reads = 0;
  latencies::counts taken{}; ///< By commands, from sending to the reply.

  figures_of_way all() const;
};

/// Counts what comes back to bots.
/// Thread: any.
class tally {
public:
  using clock = std::chrono::steady_clock;

  void count_read() { reads_.fetch_add(1, std::memory_order_relaxed); }

  void count_sent(way what) { counts_[index(what)].sent.fetch_add(1, std::memory_order_relaxed); }

  template <class Outcome>
  void count(way what, clock::time_point sent, const Outcome& outcome) {
    if (const auto* broken = outcome.failed()) {
      return fail(*broken);
    }
    auto& counted = counts_[index(what)];
    auto& ending = outcome.accepted() != nullptr   ? counted.accepted
                   : outcome.rejected() != nullptr ? counted.rejected
                                                   : counted.conflicts;
    ending.fetch_add(1, std::memory_order_relaxed);
    taken_.add(std::chrono::duration_cast<std::chrono::microseconds>(clock::now() - sent));
  }

  /// The machinery could not: the arena ends. The first reason is kept.
  void fail(const cairn::failed& broken);

  bool has_failed() const { return has_failed_; }
  cairn::status failure() const;

  tallied now() const;

private:
  struct counts {
    std::atomic<std::uint64_t> sent{0};
    std::atomic<std::uint64_t> accepted{0};
    std::atomic<std::uint64_t> conflicts{0};
    std::atomic<std::uint64_t> rejected{0};
  };

  static std::size_t index(way what) { return static_cast<std::size_t>(what); }

  std::array<counts, way_count> counts_;
  std::atomic<std::uint64_t> reads_{0};
  latencies taken_;
  std::atomic<bool> has_failed_{false};
  mutable std::mutex mutex_; // of what follows
  cairn::status failure_;
};

} // namespace arena
