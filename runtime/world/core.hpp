#pragma once

#include <cairn/transaction.hpp>
#include <cairn/world.hpp>

#include "persistence/refusals/refusal_log.hpp"
#include "runtime/agenda/agenda.hpp"
#include "runtime/entity/byte_budget.hpp"
#include "runtime/entity/lease_table.hpp"
#include "runtime/entity/resting_snapshots.hpp"
#include "runtime/subscriptions/subscription_pump.hpp"
#include "runtime/threads/published_list.hpp"
#include "runtime/watch/metrics_port.hpp"
#include "runtime/watch/world_log.hpp"
#include "runtime/watch/world_metrics.hpp"
#include "runtime/world/actor_runtime.hpp"
#include "runtime/world/directory.hpp"
#include "runtime/world/loader.hpp"

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace cairn::runtime {

/// The world's inside: counts requests in and out, finds their entities, and ties the parts together.
/// Thread: any, but for construction, `host`, `close` and destruction.
class world_core final : public entity_host, public agenda_host {
public:
  world_core(world_options options, const actor_runtime_factory& make_actors);
  ~world_core() override;

  void submit(const detail::entity_address& to, detail::request_ptr sent);
  void submit(detail::transaction_plan plan, std::function<void(detail::transaction_result)> then);

  /// What changes have yet to lead to.
  runtime::agenda& agenda() noexcept { return *agenda_; }
  status step(std::chrono::microseconds by);
  status resend(position_type position);
  std::shared_ptr<tick_group> start_ticks(std::size_t entities, tick_options options,
                                          detail::tick_sender send);

  // agenda_host
  void submit_own(const detail::entity_address& to, detail::request_ptr sent) override;
  void agenda_unreadable(const status& why) noexcept override;
  void agenda_threw(const std::string& thrown) noexcept override;
  void agenda_stuck(const stuck_item& what) noexcept override;
  void wake_agenda() noexcept override { agenda_->wake(); }

  void host(const entity_type& type);
  const std::vector<const entity_type*>& types() const noexcept { return types_.get(); }

  const cairn::journal& journal() const noexcept override { return *journal_; }
  const cairn::limits& limits() const noexcept { return options_.limits; }
  status preload(const entity_type& type, const preload_progress& progress);
  subscription subscribe(position_type from, world::resumable_handler on_change);
  subscription subscribe(const resume_token& from, world::resumable_handler on_change);
  world_counts counts() const;
  std::string metrics() const;
  std::optional<std::uint16_t> metrics_port() const noexcept;

  /// Waits until the refusals of before are in their log.
  void flush_refusals();
  status close();

  /// Closes it without what can be left out, for the end of the process.
  status close_in_haste();

  /// It has been closed: none of its threads runs any more.
  bool is_closed() const;

  /// The world as it is to whoever uses its inside on a thread of his own: it does not end while this lives. Falsy when
  /// it is closing.
  class visit {
  public:
    explicit visit(world_core& world);
    ~visit();
    visit(const visit&) = delete;
    visit& operator=(const visit&) = delete;

    explicit operator bool() const noexcept { return admitted_; }

  private:
    world_core& world_;
    bool counts_;
    bool admitted_ = false;
  };

  /// What everybody is told from then on.
  static status is_closing();

  /// Runs a read of the journal on a loading thread. It counts as in flight until it has run.
  void read_later(std::function<void()> job) override;

  // entity_host
  void hand_over(detail::request_ptr decided) override { actors_->hand_over(std::move(decided)); }
  void load(slot_ptr slot, std::uint64_t activation) override;
  void entity_loaded(const std::string& entity) override { agenda_->loaded(entity); }
  void lease_ended(const std::string& entity) override { agenda_->lease_ended(entity); }
  void retire(const slot& closed) override { directory_->erase(closed); }
  const std::function<time_point()>& clock() const noexcept override { return now_; }
  cairn::clock::times read_clock() const override { return options_.clock.read(); }
  bool has_stopped() const noexcept override {
    return has_stopped_.load(std::memory_order_acquire);
  }
  status stopped() const override;
  const rules& rules_of_world() const noexcept override { return rules_; }

private:
  persistence::group_commit::settings commit_settings();
  void let_in(const detail::entity_address& to, detail::request_ptr sent,
              std::size_t in_flight_before);
  const entity_type* find_type(std::string_view entity) const;
  void open_refusal_log();
  void set_rules();
  void add_numbers();
  void add_gauge(const char* name, const char* help, std::function<double()> value,
                 std::pair<std::string, std::string> label = {});
  void add_entity_numbers();
  void add_limits();
  void add_journal_numbers();
  void add_subscription_numbers();
  void add_agenda_numbers();
  void add_refusal_numbers();
  void log_opening();
  void refuse(const detail::entity_address& to, detail::request& sent, status why);
  // What stands before the door. False: not let in, and `wrong` says why.
  bool admits(std::size_t in_flight_before, status& wrong) const;
  bool is_good(const detail::entity_address& to, status& wrong) const;
  bool is_good(const detail::transaction_plan& plan, status& wrong) const;
  static bool is_good(const send_options& options, status& wrong);
  bool enter(const detail::entity_address& to, slot_ptr& slot, status& wrong);
  static bool may_be_large(const detail::request& sent) noexcept {
    return sent.options || (sent.command != nullptr && sent.command->owns_memory());
  }
  bool fits(detail::request& sent, slot& slot, status& wrong);
  bool try_take(std::size_t bytes, status& wrong);
  static std::size_t counted_bytes_of(const detail::transaction_plan& plan);
  void request_finished() noexcept;
  void stop_writing(const status& why);
  status end_all();
  void end_pumps();
  subscription start_subscription(const resume_token& from, bool whole_unit,
                                  world::resumable_handler on_change);
  void maintain();
  std::size_t enter_to_preload(const entity_type& type, std::vector<slot_ptr>& cold, status& wrong);
  void snapshot_resting();
  void tell_of_clock() noexcept;

  world_options options_;
  byte_budget bytes_{options_.limits.in_flight_bytes_max};
  lease_table leases_{{options_.limits.leases_max, options_.limits.leases_per_principal_max}};
  std::function<time_point()> now_;
  rules rules_;
  world_log log_;
  world_metrics metrics_{log_};
  resting_snapshots resting_;
  std::unique_ptr<cairn::journal> journal_;
  std::unique_ptr<persistence::refusal_log> refusals_;
  published_list<const entity_type*> types_; // by name
  std::unique_ptr<loader> loader_;
  std::unique_ptr<actor_runtime> actors_;
  std::unique_ptr<directory> directory_;
  std::unique_ptr<cairn::runtime::agenda> agenda_;
  std::mutex resend_mutex_; // one at a time, so that none is sent twice
  std::shared_ptr<commit_signal> committed_ = std::make_shared<commit_signal>();
  std::unique_ptr<change_reader> reader_; // of all subscriptions
  std::mutex pumps_mutex_;
  std::vector<std::weak_ptr<subscription_pump>> pumps_;

  std::atomic<std::size_t> in_flight_{0};
  std::atomic<bool> closing_{false};
  std::atomic<bool> in_haste_{false};
  std::atomic<bool> has_stopped_{false};
  std::atomic<bool> told_of_clock_{false};
  std::atomic<std::uint64_t> activations_{0};
  std::atomic<std::uint64_t> rebuilds_{0};
  std::atomic<std::uint64_t> changes_{0};
  std::atomic<std::uint64_t> batches_{0};

  mutable std::mutex mutex_; // of what follows
  std::condition_variable changed_;
  status stopped_;
  bool ends_ = false;   // somebody closes it
  bool closed_ = false; // and has
  status close_status_;
  std::optional<std::uint16_t> port_number_;
  bool maintenance_ends_ = false;
  std::thread maintenance_;
  std::unique_ptr<cairn::runtime::metrics_port> port_; // first to go: it looks at everything else
};

} // namespace cairn::runtime
