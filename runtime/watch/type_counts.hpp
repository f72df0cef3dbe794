#pragma once

#include <cairn/detail/request.hpp>
#include <cairn/transaction.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>

namespace cairn::runtime {

class failure_counts;
class thrown_counts;

/// How requests to entities of one type ended, to the unit. Each thread counts in a shard of its own as far as there
/// are enough, so that two rarely write to the same cache line; who wants to know adds the shards up.
/// Thread: any.
class type_counts {
public:
  static constexpr std::size_t conflict_kinds = 6;

  /// What is counted; the last ones by `conflict_kind`.
  enum what : std::uint8_t {
    accepted,
    duplicate, ///< Of the accepted ones.
    merged,    ///< Of the accepted ones.
    rejected,
    failed,
    unmatched,
    read,
    read_failed,
    leased,
    lease_failed,
    transaction_accepted, ///< Commands in transactions that were accepted, and so on.
    transaction_conflict,
    transaction_rejected,
    transaction_failed,
    conflicts,
    unavailables = conflicts + conflict_kinds,
    lease_conflicts = unavailables + conflict_kinds,
    item_conflicts = lease_conflicts + conflict_kinds, ///< Items of transactions.
    count = item_conflicts + conflict_kinds,
  };

  using totals = std::array<std::uint64_t, count>;

  /// `name` is the type's; `failures` is told of each failed answer. What is referred to must live as long.
  type_counts(std::string name, failure_counts& failures, thrown_counts& thrown)
      : name_(std::move(name)), failures_(failures), thrown_(thrown) {}

  const std::string& name() const noexcept { return name_; }

  /// Counts what those throw who get the answers.
  thrown_counts& thrown() noexcept { return thrown_; }

  /// How a timer's command ended, of which the change that notes it says nothing.
  enum class timer_end : std::uint8_t {
    as_answered,
    rejected, ///< The change is accepted, the command was not.
    given_up, ///< That was counted when it was tried.
  };

  /// A request is about to get its answer. Those from within, and transactions, are counted elsewhere.
  void answered(const detail::request& asked, timer_end timer = timer_end::as_answered) noexcept;

  /// The same, of one that never came to its entity `key`.
  void refused(const detail::request& asked, const std::string& key) noexcept;

  /// One item of a transaction that has ended.
  void transacted(const detail::transaction_item& item, what ended, const answer* given) noexcept;

  totals sum() const noexcept;

private:
  static constexpr std::size_t shard_count = 32;

  struct alignas(64) shard {
    std::array<std::atomic<std::uint64_t>, count> counts{};

    void add(std::size_t what) noexcept { counts[what].fetch_add(1, std::memory_order_relaxed); }
  };

  shard& shard_of_thread() noexcept;

  std::string name_;
  failure_counts& failures_;
  thrown_counts& thrown_;
  std::array<shard, shard_count> shards_;
};

} // namespace cairn::runtime
