#include "runtime/watch/world_metrics.hpp"

#include <algorithm>
#include <utility>

namespace cairn::runtime {

namespace {

/// Changes in a batch: `limits::batch_changes_max` is the last one by default.
constexpr world_metrics::batch_sizes::bounds batch_bounds{1,   2,   4,   8,     16,    32,   64,
                                                          128, 256, 512, 1'024, 2'048, 4'096};

void add_one(std::atomic<std::uint64_t>& to) noexcept {
  to.fetch_add(1, std::memory_order_relaxed);
}

bool is_conflict(const detail::item_result& item) noexcept {
  return item.answer.what == answer::kind::conflict;
}

/// What the commands of a transaction are counted as.
type_counts::what end_of(const detail::transaction_result& how) noexcept {
  using kind = detail::transaction_result::kind;
  if (how.what == kind::accepted) {
    return type_counts::transaction_accepted;
  }
  if (how.what == kind::failed) {
    return type_counts::transaction_failed;
  }
  return std::any_of(how.items.begin(), how.items.end(), is_conflict)
             ? type_counts::transaction_conflict
             : type_counts::transaction_rejected;
}

} // namespace

world_metrics::world_metrics(world_log& log)
    : failures_(log),
      thrown_(log),
      not_hosted_("(not hosted)", failures_, thrown_),
      batches_(batch_bounds) {}

void world_metrics::host(const entity_type& type) {
  types_.change([&](auto& types) {
    types.emplace_back(&type, std::make_shared<type_counts>(type.name, failures_, thrown_));
    return true;
  });
}

type_counts& world_metrics::counts_of(const entity_type& type) noexcept {
  const auto& types = types_.get();
  const auto found = std::find_if(types.begin(), types.end(),
                                  [&type](const auto& hosted) { return hosted.first == &type; });
  return found == types.end() ? not_hosted_ : *found->second;
}

void world_metrics::ended(const detail::transaction_plan& plan,
                          const detail::transaction_result& how) noexcept {
  const auto end = end_of(how);
  bool of_commands = false;
  for (std::size_t i = 0; i < plan.items.size(); ++i) {
    const auto& item = plan.items[i];
    of_commands |= item.what != detail::request::verb::read;
    const bool is_told = i < how.items.size();
    counts_of(item.address.type()).transacted(item, end, is_told ? &how.items[i].answer : nullptr);
  }
  auto& counts = transactions_[of_commands ? 1 : 0];
  switch (end) {
    case type_counts::transaction_accepted:
      return add_one(counts.accepted);
    case type_counts::transaction_conflict:
      return add_one(counts.conflict);
    case type_counts::transaction_rejected:
      return add_one(counts.rejected);
    default:
      add_one(counts.failed);
      failures_.failed({}, how.failure.error, how.failure.message);
  }
}

void world_metrics::batching(detail::request& sampled) noexcept {
  stages_.leave(stage::batch_wait, sampled);
  sampled.sampled = false; // nothing more of it is measured
}

void world_metrics::appending(std::size_t requests, std::size_t waiting) noexcept {
  append_began_ = std::chrono::steady_clock::now();
  waiting_ = waiting;
  line_.store(requests + waiting, std::memory_order_relaxed);
}

void world_metrics::committed(std::size_t changes) noexcept {
  stages_.count(stage::sync, std::chrono::steady_clock::now() - append_began_);
  batches_.count(changes);
  line_.store(waiting_, std::memory_order_relaxed);
}

void world_metrics::add(kept_number number) {
  const std::lock_guard lock(numbers_mutex_);
  numbers_.push_back(std::make_unique<const kept_number>(std::move(number)));
}

void world_metrics::freeze() {
  const std::lock_guard lock(numbers_mutex_);
  if (!std::exchange(is_frozen_, true)) {
    for (const auto& number : numbers_) {
      frozen_.push_back(number->value());
    }
  }
}

std::vector<world_metrics::counted_type> world_metrics::types() const {
  std::vector<counted_type> all;
  for (const auto& [type, counts] : types_.get()) {
    all.push_back({counts->name(), counts->sum()});
  }
  const auto others = not_hosted_.sum();
  if (others != type_counts::totals{}) {
    all.push_back({not_hosted_.name(), others});
  }
  return all;
}

std::vector<world_metrics::known_number> world_metrics::numbers() const {
  std::vector<known_number> all;
  const std::lock_guard lock(numbers_mutex_);
  for (std::size_t i = 0; i < numbers_.size(); ++i) {
    all.push_back({numbers_[i].get(), is_frozen_ ? frozen_[i] : numbers_[i]->value()});
  }
  return all;
}

} // namespace cairn::runtime
