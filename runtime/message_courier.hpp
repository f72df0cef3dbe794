#pragma once

#include "runtime/agenda_host.hpp"
#include "runtime/agenda_requests.hpp"

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace cairn {

/// Brings messages from the changes that sent them to their receivers, each until what became of it is durable: the
/// receiver's change, or the sender's when it comes back. The journal's agenda knows those that are still under way,
/// so that a restart goes on where a crash left off. From one entity to another, one is under way at a time.
/// Thread: any.
class message_courier {
public:
  struct bounds {
    std::uint32_t hops_max = 0;
    std::size_t outstanding_max = agenda_outstanding_max;
    std::size_t held_max =
        65'536; ///< In memory; the others are read from the journal when their turn comes.
  };

  message_courier(agenda_host& host, bounds bounds) : host_(host), bounds_(bounds) {}

  /// Entities of this type may get messages, and get their own back.
  void host(const entity_type& type);

  /// A change with messages is durable.
  void committed(const std::string& sender, version_type version, position_type position,
                 std::vector<detail::change_effects::sent> messages);

  /// Reads what is not in memory, and sends what is due again.
  /// After: when it wants to be called again, if not woken before.
  /// Thread: the agenda's.
  std::optional<std::chrono::steady_clock::time_point> work();

  /// Nothing is under way, but for what waits for a type that nobody hosts.
  bool is_quiet() const;

  /// Messages on their way that are in memory.
  std::size_t pending() const;

  void stop();

private:
  struct parcel {
    message_place place;
    std::string sender;
    version_type version = 0;
    detail::change_effects::sent what;
    std::string refused{}; // why it goes back; empty: it does not
    bool may_decide = true;
    unsigned attempts = 0;
  };
  using parcel_ptr = std::shared_ptr<parcel>;
  using clock = std::chrono::steady_clock;

  void hold(parcel_ptr taken);
  static std::string pair_of(const parcel& of);
  void dispatch();
  void dispatch_ready();
  bool send(const parcel_ptr& next, const entity_type& to);
  void send_back(const parcel_ptr& next, const entity_type& sender);
  void answered(const parcel_ptr& about, const answer& given);
  void finish(const std::string& pair);
  bool load();
  /// What came of reading a page of the agenda.
  struct page {
    std::vector<parcel_ptr> loaded;
    status read;
    bool full = false;      // there may be another one
    bool ends_open = false; // behind it are messages that are not yet committed
  };

  page load_page(const std::string& from) const;
  status load_parcel(const message_place& place, std::vector<parcel_ptr>& loaded) const;
  const entity_type* find_type(std::string_view key) const;

  agenda_host& host_;
  const bounds bounds_;
  mutable std::mutex mutex_; // of all below
  std::vector<const entity_type*> types_;
  std::unordered_map<std::string, std::deque<parcel_ptr>> pairs_; // sender and receiver
  std::deque<std::string> ready_;                                 // the pairs whose first may go
  std::vector<std::string> parked_;                               // their type is not hosted
  std::multimap<clock::time_point, std::string> retries_;
  std::size_t held_ = 0;
  std::size_t outstanding_ = 0;
  bool behind_ = true;  // the journal knows of messages behind `last_` that are not in memory
  bool missed_ = false; // messages came while `behind_`
  std::optional<message_place> last_;
  bool stopped_ = false;

  bool unreadable_ = false; // what is to be loaded, and that was told; the agenda's thread alone
};

} // namespace cairn
