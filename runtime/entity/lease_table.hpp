#pragma once

#include <cairn/error.hpp>

#include "runtime/entity/lease.hpp"

#include <atomic>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace cairn::runtime {

/// All leases of a world, so that a lease outlives its entity's stay in memory, and so that there are not too many.
/// While an entity is in memory its process looks at a copy of its own.
/// Thread: any.
class lease_table {
public:
  struct bounds {
    std::size_t all_max = 0;
    std::size_t per_principal_max = 0; ///< Of those that name one.
  };

  explicit lease_table(bounds most) noexcept : bounds_(most) {}

  /// Takes note of a new lease, in place of any other of the entity. False: there are too many, and `wrong` says so.
  bool add(const std::string& entity, const entity_lease& taken, lease_instant now,
           std::string_view principal, status& wrong);

  /// The lease of `entity` has become longer.
  void extend(const std::string& entity, const entity_lease& extended);

  /// It has been given back, or its entity was removed.
  void end(const std::string& entity);

  /// The lease of an entity that comes into memory; none: null.
  std::unique_ptr<entity_lease> find(const std::string& entity) const;

  /// Leases that have neither been given back nor been found to have expired.
  std::size_t size() const noexcept { return size_.load(std::memory_order_relaxed); }

private:
  using ends = std::multimap<lease_instant, std::string>;
  struct entry {
    entity_lease lease;
    std::string principal;
    ends::iterator end;
  };
  using entries = std::unordered_map<std::string, entry>;

  void erase(entries::iterator ended);
  void expire(lease_instant now);
  bool fits(std::string_view principal, status& wrong) const;

  const bounds bounds_;
  std::atomic<std::size_t> size_{0};
  mutable std::mutex mutex_; // of what follows
  entries leases_;
  ends ends_;
  std::map<std::string, std::size_t, std::less<>> principals_;
};

} // namespace cairn::runtime
