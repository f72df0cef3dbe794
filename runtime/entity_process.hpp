#pragma once

#include <cairn/context.hpp>
#include <cairn/request.hpp>

#include "entities/live_entity.hpp"
#include "runtime/slot.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace cairn {

/// What entities share: their world, as they see it.
/// Thread: any.
class entity_host {
public:
  virtual ~entity_host() = default;

  /// Puts a request in line to be journaled and answered.
  virtual void hand_over(detail::request_ptr decided) = 0;

  /// Loads the entity on another thread and delivers it to its slot.
  virtual void load(slot_ptr place, std::uint64_t activation) = 0;

  /// Takes a closed slot out of the directory.
  virtual void retire(const slot& closed) = 0;

  /// What `context::now` asks.
  virtual const std::function<time_point()>& clock() const noexcept = 0;

  /// Nothing can be written any more.
  virtual bool has_stopped() const noexcept = 0;

  /// Why nothing can be written any more; ok while it can.
  virtual status stopped() const = 0;

  struct rules {
    version_checks checks = version_checks::on;
    std::size_t change_bytes_max = 0;
    std::uint64_t seed = 0;
  };

  virtual const rules& rules_of_world() const noexcept = 0;
};

/// The inside of an entity's actor: takes requests one at a time, checks, decides, applies, hands over, and
/// goes on with the next without waiting for the write (invariant 7).
/// Thread: the entity's own.
class entity_process {
public:
  entity_process(slot& place, entity_host& host);

  /// Starts loading the entity.
  void start();

  void handle(detail::request_ptr asked);
  void handle(loaded_entity& loaded);

  /// A change of `activation` was not committed: what the entity believes since then is void.
  void handle_loss(std::uint64_t activation);

  /// True: the entity has left; its actor ends.
  bool try_passivate();

private:
  void process(detail::request& asked);
  void process_read(detail::request& asked);
  void process_command(detail::request& asked);
  bool answer_known_id(detail::request& asked);
  std::optional<std::string> recorded_arguments(const detail::request& asked) const;
  void execute(detail::request& asked, execution& done);
  void accept(detail::request& asked, execution& done, std::optional<std::string> arguments);
  void remember(detail::request& asked, const execution& done);
  void attach_snapshot(detail::request& asked);
  void reply(detail::request& asked);
  void fail(detail::request& asked, std::error_code error, std::string message);
  void rebuild();
  std::size_t room_for_events(const detail::request& asked, std::size_t arguments_bytes) const;

  slot& place_;
  entity_host& host_;
  std::optional<live_entity> entity_;        // none while loading
  std::vector<detail::request_ptr> waiting_; // came while loading
  std::uint64_t activation_ = 1;
  random_source random_;
  bool loading_ = false;
};

} // namespace cairn
