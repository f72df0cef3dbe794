#pragma once

#include <cairn/clock.hpp>
#include <cairn/detail/journal.hpp>
#include <cairn/detail/request.hpp>

#include "entities/live_entity.hpp"
#include "runtime/entity/slot.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace cairn::persistence {
class refusal_log;
}

namespace cairn::runtime {

class byte_budget;
class lease_table;
class resting_snapshots;
class world_metrics;

/// What entities share: their world, as they see it.
/// Thread: any.
class entity_host {
public:
  virtual ~entity_host() = default;

  /// Puts a request in line to be journaled and answered.
  virtual void hand_over(detail::request_ptr decided) = 0;

  /// Loads the entity on another thread and delivers it to its slot.
  virtual void load(slot_ptr slot, std::uint64_t activation) = 0;

  /// What is to be sent to the entity and could not be may be sent now: it is in memory, or leased no more.
  virtual void entity_loaded(const std::string& entity) = 0;
  virtual void lease_ended(const std::string& entity) = 0;

  /// Takes a closed slot out of the directory.
  virtual void retire(const slot& closed) = 0;

  /// What `context::now` asks.
  virtual const std::function<time_point()>& clock() const noexcept = 0;

  /// Both readings of the world's clock: what leases last by is the one that no setting of the time of day moves.
  virtual cairn::clock::times read_clock() const = 0;

  /// Nothing can be written any more.
  virtual bool has_stopped() const noexcept = 0;

  /// Why nothing can be written any more; ok while it can.
  virtual status stopped() const = 0;

  /// Runs a read of the journal on another thread.
  virtual void read_later(std::function<void()> job) = 0;
  virtual const cairn::journal& journal() const noexcept = 0;

  struct rules {
    version_checks checks = version_checks::on;
    std::size_t change_bytes_max = 0;
    std::size_t unit_bytes_max = 0;
    std::size_t missed_changes_max = 0;
    std::size_t missed_bytes_max = 0;
    byte_budget* bytes = nullptr;  ///< Of the requests in flight.
    lease_table* leases = nullptr; ///< Of all entities.
    std::uint64_t seed = 0;
    persistence::refusal_log* refusals = nullptr; ///< Null: none is kept.
    world_metrics* metrics = nullptr;
    resting_snapshots* resting = nullptr; ///< Null: entities leave without a snapshot.
  };

  virtual const rules& rules_of_world() const noexcept = 0;
};

} // namespace cairn::runtime
