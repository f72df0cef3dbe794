#pragma once

#include <cairn/detail/entity_type.hpp>
#include <cairn/transaction.hpp>

#include "persistence/commit/commit_watch.hpp"
#include "runtime/threads/published_list.hpp"
#include "runtime/watch/failure_counts.hpp"
#include "runtime/watch/histogram.hpp"
#include "runtime/watch/stage_times.hpp"
#include "runtime/watch/thrown_counts.hpp"
#include "runtime/watch/type_counts.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace cairn::runtime {

/// A number that somebody else keeps, asked for when it is looked at.
struct kept_number {
  enum class kind : std::uint8_t {
    gauge,
    counter, ///< Never decreases; its name ends in `_total`.
  };

  std::string name;
  std::string help;
  std::function<double()> value;
  kind what = kind::gauge;
  /// Tells numbers of the same name apart, which are added one after the other; empty: there is only one.
  std::pair<std::string, std::string> label{};
};

/// Everything that a world counts and measures of itself. Counts are exact and cheap: a command adds one to a cache
/// line that is as good as its thread's own, and nobody adds anything up before somebody asks.
/// Thread: any, but for `host`, construction and destruction, and as commit watch.
class world_metrics final : public persistence::commit_watch {
public:
  using batch_sizes = histogram<13>;

  /// How transactions ended, by what they are made of: commands, or reads alone.
  struct transaction_counts {
    std::atomic<std::uint64_t> accepted{0};
    std::atomic<std::uint64_t> conflict{0};
    std::atomic<std::uint64_t> rejected{0};
    std::atomic<std::uint64_t> failed{0};
  };

  struct counted_type {
    std::string name;
    type_counts::totals totals;
  };

  struct known_number {
    const kept_number* number;
    double value;
  };

  explicit world_metrics(world_log& log);

  // What the world's parts tell.

  /// Requests to entities of this type are counted under its name from now on.
  void host(const entity_type& type);

  /// Where requests to entities of `type` are counted.
  type_counts& counts_of(const entity_type& type) noexcept;

  void ended(const detail::transaction_plan& plan, const detail::transaction_result& how) noexcept;

  stage_times& stages() noexcept { return stages_; }

  thrown_counts& thrown() noexcept { return thrown_; }

  // commit_watch
  void batching(detail::request& sampled) noexcept override;
  void appending(std::size_t requests, std::size_t waiting) noexcept override;

  /// The batch that went to the journal last is committed, with so many changes.
  /// Thread: the persistence actor's.
  void committed(std::size_t changes) noexcept;

  /// Nothing is written any more.
  void stopped() noexcept { line_.store(0, std::memory_order_relaxed); }

  /// `number` is asked for whenever somebody looks, on his thread, until `freeze`.
  void add(kept_number number);

  /// Asks all numbers for the last time. Who looks later sees what they were.
  void freeze();

  // What there is to see.

  std::vector<counted_type> types() const;
  const failure_counts& failures() const noexcept { return failures_; }
  const thrown_counts& thrown() const noexcept { return thrown_; }
  const transaction_counts& transactions(bool of_commands) const noexcept {
    return transactions_[of_commands ? 1 : 0];
  }
  const stage_times& stages() const noexcept { return stages_; }
  const batch_sizes& batches() const noexcept { return batches_; }

  /// Requests that the running write answers, and those that wait behind it.
  std::size_t commit_line() const noexcept { return line_.load(std::memory_order_relaxed); }

  /// The kept numbers in the order in which they were added. They live as long as this.
  std::vector<known_number> numbers() const;

private:
  failure_counts failures_;
  thrown_counts thrown_;
  type_counts not_hosted_; // of types that the world does not host
  stage_times stages_;
  batch_sizes batches_;
  std::array<transaction_counts, 2> transactions_;
  std::atomic<std::size_t> line_{0};
  std::chrono::steady_clock::time_point append_began_; // the persistence actor's
  std::size_t waiting_ = 0;                            // the same

  published_list<std::pair<const entity_type*, std::shared_ptr<type_counts>>> types_;

  mutable std::mutex numbers_mutex_; // of what follows
  std::vector<std::unique_ptr<const kept_number>> numbers_;
  std::vector<double> frozen_;
  bool is_frozen_ = false;
};

} // namespace cairn::runtime
