#pragma once

#include "persistence/store/head_table.hpp"

#include <mutex>
#include <set>
#include <string_view>
#include <vector>

namespace cairn::persistence {

/// Byte order of the entities that a table of heads has and no row of the store. Whoever lists brings it up to date, so
/// that a commit pays for it with one pointer kept for each new entity, and nobody who lists with more than what is
/// new since somebody last did.
/// Thread: any.
class head_order {
public:
  /// Takes in what `fresh` of the table has got since the last call. `tables` guards the table, and is held for a few
  /// entries at a time. Returns how many there were.
  std::size_t catch_up(const head_table& table, std::mutex& tables);

  /// Up to `count` entities greater than `after` that begin with `prefix`, in byte order. The views are the table's.
  void find(std::string_view prefix, std::string_view after, std::size_t count,
            std::vector<std::string_view>& found) const;

private:
  mutable std::mutex mutex_;
  std::set<std::string_view> keys_;
  std::size_t taken_ = 0; // of the table's fresh entries
};

/// A table of heads with its order.
struct ordered_table : head_table {
  head_order order;
};

} // namespace cairn::persistence
