#include "runtime/watch/metric_families.hpp"
#include "runtime/world/core.hpp"

#include <algorithm>
#include <utility>

/// What a world shows of itself: the numbers that its parts keep, and what it says when it opens.
namespace cairn::runtime {

namespace {

/// How subscriptions stand.
struct subscribers {
  std::uint64_t live = 0;
  std::uint64_t stopped = 0;        ///< By an error.
  position_type next = no_position; ///< Of the live one that is furthest behind.
};

subscribers look_at(const std::vector<std::weak_ptr<subscription_pump>>& pumps) {
  subscribers found;
  for (const auto& each : pumps) {
    const auto pump = each.lock();
    if (!pump || pump->is_ended()) {
      continue;
    }
    if (!pump->state().ok()) {
      ++found.stopped;
    } else {
      ++found.live;
      found.next = std::min(found.next, pump->next());
    }
  }
  return found;
}

} // namespace

/// A part that keeps another number adds it to one of these, in one line, and docs/operate.md describes it.
void world_core::add_numbers() {
  add_entity_numbers();
  add_limits();
  add_journal_numbers();
  add_subscription_numbers();
  add_agenda_numbers();
  add_refusal_numbers();
}

void world_core::add_gauge(const char* name, const char* help, std::function<double()> value,
                           std::pair<std::string, std::string> label) {
  metrics_.add({name, help, std::move(value), kept_number::kind::gauge, std::move(label)});
}

void world_core::add_entity_numbers() {
  const auto counter = [this](const char* name, const char* help,
                              const std::atomic<std::uint64_t>& value) {
    metrics_.add({name,
                  help,
                  [&value] { return static_cast<double>(value.load()); },
                  kept_number::kind::counter,
                  {}});
  };
  counter("cairn_activations_total", "Entities that were loaded.", activations_);
  counter("cairn_rebuilds_total", "Of those, entities that lost what they had in memory.",
          rebuilds_);
  add_gauge("cairn_entities_resident", "Entities in memory.",
            [this] { return static_cast<double>(directory_->size()); });
  add_gauge("cairn_requests_in_flight", "Requests without a reply.",
            [this] { return static_cast<double>(in_flight_.load(std::memory_order_relaxed)); });
  add_gauge("cairn_requests_in_flight_bytes", "Bytes that large requests without a reply hold.",
            [this] { return static_cast<double>(bytes_.held()); });
  add_gauge("cairn_entities_leased",
            "Leases that last, and those that ended and were not looked for yet.",
            [this] { return static_cast<double>(leases_.size()); });
  add_gauge("cairn_mailbox_requests_max", "Requests at the entity that has the most.",
            [this] { return static_cast<double>(directory_->deepest()); });
  add_gauge("cairn_loads_waiting", "Loads and other reads of the journal that have not begun.",
            [this] { return static_cast<double>(loader_->waiting()); });
}

void world_core::add_limits() {
  const auto limit = [this](const char* name, std::size_t value) {
    add_gauge("cairn_limit", "The world's limits.", [value] { return static_cast<double>(value); },
              {"limit", name});
  };
  limit("in_flight_max", options_.limits.in_flight_max);
  limit("in_flight_bytes_max", options_.limits.in_flight_bytes_max);
  limit("mailbox_max", options_.limits.mailbox_max);
  limit("resident_max", options_.limits.resident_max);
  limit("leases_max", options_.limits.leases_max);
  limit("batch_changes_max", options_.limits.batch_changes_max);
}

void world_core::add_journal_numbers() {
  add_gauge("cairn_journal_position", "Position that the next change will take.",
            [this] { return static_cast<double>(journal_->end().next); });
  add_gauge("cairn_stopped", "1 once a write or sync has failed, else 0.",
            [this] { return has_stopped() ? 1.0 : 0.0; });
}

void world_core::add_subscription_numbers() {
  const auto look = [this] {
    const std::lock_guard lock(pumps_mutex_);
    return look_at(pumps_);
  };
  add_gauge("cairn_subscribers", "Subscriptions.",
            [look] { return static_cast<double>(look().live); }, {"state", "live"});
  add_gauge("cairn_subscribers", "Subscriptions.",
            [look] { return static_cast<double>(look().stopped); }, {"state", "stopped"});
  add_gauge("cairn_subscriber_lag_changes",
            "Changes that the slowest live subscription has yet to get.", [this, look] {
              const auto next = look().next; // first: it only grows, as the journal does
              const auto end = journal_->end().next;
              return next < end ? static_cast<double>(end - next) : 0.0;
            });
}

void world_core::add_agenda_numbers() {
  add_gauge("cairn_messages_pending", "Messages between entities that are in memory and under way.",
            [this] { return static_cast<double>(agenda_->messages_pending()); });
  add_gauge("cairn_timers_soon", "Timers in memory: due soon, or on their way.",
            [this] { return static_cast<double>(agenda_->timers_soon()); });
  add_gauge("cairn_agenda_stuck", "What is due and set aside, since it cannot be read or loaded.",
            [this] { return static_cast<double>(agenda_->timers_stuck()); }, {"kind", "timer"});
  add_gauge("cairn_agenda_stuck", "What is due and set aside, since it cannot be read or loaded.",
            [this] { return static_cast<double>(agenda_->messages_stuck()); }, {"kind", "message"});
}

void world_core::add_refusal_numbers() {
  metrics_.add(
      {"cairn_refusals_dropped_total",
       "Refused commands that the log of refusals had no room for.",
       [this] { return refusals_ ? static_cast<double>(refusals_->dropped().load()) : 0.0; },
       kept_number::kind::counter,
       {}});
}

void world_core::log_opening() {
  log_.write(log_level::info, "opened", {{"position", journal_->end().next}});
  for (const auto& notice : journal_->notices()) {
    log_.write(log_level::warning, "notice", {{"message", notice}});
  }
}

void world_core::flush_refusals() {
  if (refusals_) {
    refusals_->flush();
  }
}

std::string world_core::metrics() const { return metrics_text(metrics_); }

std::optional<std::uint16_t> world_core::metrics_port() const noexcept {
  const std::lock_guard lock(mutex_);
  return port_number_;
}

} // namespace cairn::runtime
