#include "runtime/entity/lease_table.hpp"

#include <memory>
#include <utility>

namespace cairn::runtime {

bool lease_table::add(const std::string& entity, const entity_lease& taken, lease_instant now,
                      std::string_view principal, status& wrong) {
  const std::lock_guard lock(mutex_);
  if (const auto other = leases_.find(entity); other != leases_.end()) {
    erase(other);
  }
  expire(now);
  if (!fits(principal, wrong)) {
    return false;
  }
  const auto end = ends_.emplace(taken.until(), entity);
  leases_.emplace(entity, entry{taken, std::string(principal), end});
  if (!principal.empty()) {
    ++principals_[std::string(principal)];
  }
  size_.store(leases_.size(), std::memory_order_relaxed);
  return true;
}

bool lease_table::fits(std::string_view principal, status& wrong) const {
  const std::string way_out = "; give some back, or wait until some expire (";
  if (leases_.size() >= bounds_.all_max) {
    wrong = {runtime_errc::overloaded, "the world has " + std::to_string(leases_.size()) +
                                           " leases" + way_out + "limits::leases_max)"};
    return false;
  }
  const auto held = principals_.find(principal);
  if (held != principals_.end() && held->second >= bounds_.per_principal_max) {
    wrong = {runtime_errc::overloaded, "the principal \"" + held->first + "\" has " +
                                           std::to_string(held->second) + " leases" + way_out +
                                           "limits::leases_per_principal_max)"};
    return false;
  }
  return true;
}

void lease_table::extend(const std::string& entity, const entity_lease& extended) {
  const std::lock_guard lock(mutex_);
  const auto known = leases_.find(entity);
  if (known == leases_.end()) {
    return;
  }
  auto& [lease, principal, end] = known->second;
  lease = extended;
  ends_.erase(end);
  end = ends_.emplace(extended.until(), entity);
}

void lease_table::end(const std::string& entity) {
  const std::lock_guard lock(mutex_);
  if (const auto known = leases_.find(entity); known != leases_.end()) {
    erase(known);
  }
}

std::unique_ptr<entity_lease> lease_table::find(const std::string& entity) const {
  if (size() == 0) {
    return nullptr; // as in most worlds: nobody waits for the lock
  }
  const std::lock_guard lock(mutex_);
  const auto known = leases_.find(entity);
  return known == leases_.end() ? nullptr : std::make_unique<entity_lease>(known->second.lease);
}

void lease_table::erase(entries::iterator ended) {
  const auto& principal = ended->second.principal;
  if (const auto held = principals_.find(principal);
      held != principals_.end() && --held->second == 0) {
    principals_.erase(held);
  }
  ends_.erase(ended->second.end);
  leases_.erase(ended);
  size_.store(leases_.size(), std::memory_order_relaxed);
}

/// Nothing wakes when a lease ends, so it is looked for when a new one wants its place.
void lease_table::expire(lease_instant now) {
  while (!ends_.empty() && ends_.begin()->first <= now) {
    erase(leases_.find(ends_.begin()->second));
  }
}

} // namespace cairn::runtime
