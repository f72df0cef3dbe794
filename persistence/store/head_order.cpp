#include "persistence/store/head_order.hpp"

#include <algorithm>

namespace cairn::persistence {

namespace {

// Pointers copied while a commit may wait: less than a microsecond.
constexpr std::size_t taken_at_once = 256;

} // namespace

std::size_t head_order::catch_up(const head_table& table, std::mutex& tables) {
  const std::scoped_lock lock(mutex_);
  const auto before = taken_;
  std::size_t end = 0; // as it is now: what comes meanwhile is for the next who lists
  std::vector<const head_entry*> fresh;
  do {
    fresh.clear();
    {
      const std::scoped_lock guard(tables);
      const auto& entries = table.fresh();
      if (end == 0) end = entries.size();
      for (; taken_ < end && fresh.size() < taken_at_once; ++taken_)
        fresh.push_back(entries[taken_]);
    }
    for (const auto* entry : fresh) keys_.insert(entry->entity);
  } while (taken_ < end);
  return taken_ - before;
}

void head_order::find(std::string_view prefix, std::string_view after, std::size_t count,
                      std::vector<std::string_view>& found) const {
  found.clear();
  const std::scoped_lock lock(mutex_);
  for (auto next = keys_.upper_bound(after);
       next != keys_.end() && found.size() < count && next->starts_with(prefix); ++next)
    found.push_back(*next);
}

} // namespace cairn::persistence
