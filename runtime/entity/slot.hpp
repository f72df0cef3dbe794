#pragma once

#include <cairn/detail/request.hpp>

#include "persistence/commit/entity_slot.hpp"

#include <atomic>
#include <cstdint>
#include <memory>

namespace cairn {
class live_entity;
}

namespace cairn::runtime {

class entity_host;
class type_counts;

/// What comes back from loading an entity.
struct loaded_entity {
  std::unique_ptr<live_entity> entity; ///< Null: it failed.
  status failure;
  std::uint64_t activation = 0;
  version_type snapshot = 0; ///< The version of the snapshot that it was loaded from; 0: none.
};

/// An entity's place in the directory and the way to its mailbox. Counts what is on its way to the entity
/// and not yet answered, which is what keeps the entity from leaving memory: a sender counts itself in
/// before it sends, and the entity leaves only by turning a count of zero into `closed`, in one step. So no
/// request can be lost between a look-up and a passivation (invariant 11). Only an idle entity is asked to
/// leave, and by one at a time: once it is closed nobody is about to send to it.
class slot : public persistence::entity_slot {
public:
  using entity_slot::entity_slot;

  enum class entry : std::uint8_t { entered, full, closed };

  /// As `most` of `enter`: the request is let in however many there are.
  static constexpr std::uint64_t no_bound = ~std::uint64_t{0};

  /// Counts one request in, unless the slot is closed or holds `most` already.
  /// Thread: any.
  entry enter(std::uint64_t most) noexcept {
    const std::uint64_t before = pending_.fetch_add(1, std::memory_order_acq_rel);
    if ((before & closed) != 0) {
      pending_.fetch_sub(1, std::memory_order_relaxed);
      return entry::closed;
    }
    if ((before & ~asked) >= most) {
      pending_.fetch_sub(1, std::memory_order_relaxed);
      return entry::full;
    }
    return entry::entered;
  }

  /// Counts a request out: its reply has been given.
  void leave() noexcept { pending_.fetch_sub(1, std::memory_order_acq_rel); }

  /// Nothing is on its way to the entity, and nobody has asked it to leave.
  bool is_idle() const noexcept { return pending_.load(std::memory_order_acquire) == 0; }

  /// True: nothing is on its way to the entity, and the caller is to deliver the wish that it leave.
  /// Thread: any.
  bool ask_to_leave() noexcept {
    std::uint64_t none = 0;
    return pending_.compare_exchange_strong(none, asked, std::memory_order_acq_rel);
  }

  /// The entity's answer: closes the slot for good, unless something is on its way to it again.
  /// Thread: the entity's own, once for each `ask_to_leave`.
  bool try_leave() noexcept {
    std::uint64_t none = asked;
    if (pending_.compare_exchange_strong(none, closed, std::memory_order_acq_rel)) {
      return true;
    }
    stay();
    return false;
  }

  /// The other answer: not now.
  void stay() noexcept { pending_.fetch_and(~asked, std::memory_order_acq_rel); }

  /// Closes a slot that nobody has found yet.
  bool try_close() noexcept {
    std::uint64_t none = 0;
    return pending_.compare_exchange_strong(none, closed, std::memory_order_acq_rel);
  }

  bool is_closed() const noexcept {
    return (pending_.load(std::memory_order_acquire) & closed) != 0;
  }
  std::uint64_t pending() const noexcept {
    return pending_.load(std::memory_order_acquire) & ~(closed | asked);
  }

  /// The entity is in memory and takes requests as they come. What is counted in keeps it so, unless a change of
  /// it is lost.
  bool is_loaded() const noexcept { return loaded_.load(std::memory_order_acquire); }
  void set_loaded(bool loaded) noexcept { loaded_.store(loaded, std::memory_order_release); }

  /// The version of the newest snapshot that was taken of it, or that it was loaded from; 0: none.
  version_type snapshotted() const noexcept { return snapshotted_.load(std::memory_order_relaxed); }
  void set_snapshotted(version_type version) noexcept {
    snapshotted_.store(version, std::memory_order_relaxed);
  }

  /// What the directory's clock of uses showed at its last one.
  std::uint32_t last_used() const noexcept { return last_used_.load(std::memory_order_relaxed); }
  void use(std::uint32_t now) noexcept {
    if (last_used() != now) {
      last_used_.store(now, std::memory_order_relaxed);
    }
  }

  /// Bytes that large requests on their way to the entity hold, up to `most`. False: so many more do not fit.
  /// Thread: any, after `enter`.
  bool try_take(std::size_t bytes, std::size_t most) noexcept {
    if (held_bytes_.fetch_add(bytes, std::memory_order_relaxed) + bytes <= most) {
      return true;
    }
    held_bytes_.fetch_sub(bytes, std::memory_order_relaxed);
    return false;
  }

  /// What was taken so, of a request that was not let in after all.
  void give_back(std::size_t bytes) noexcept {
    held_bytes_.fetch_sub(bytes, std::memory_order_relaxed);
  }

  /// Counts what such a request has come to hold on its way, here and in the world.
  void take(detail::request& handled, std::size_t bytes, entity_host& host) noexcept;

  /// Has the answers that the entity gives counted, and what those throw who get them, in what lives until the last
  /// one is given.
  /// Thread: who makes the slot, before anybody else knows it.
  void count_in(type_counts& counts) noexcept { counts_ = &counts; }

  void answering(const detail::request& done) noexcept final;
  void callback_threw(std::string_view text) noexcept final;

  /// Sends a request to the entity.
  /// Thread: any, after `enter`.
  virtual void deliver(detail::request_ptr sent) = 0;

  /// The same, behind the turn of others that run on the same thread.
  /// Thread: the entity's own.
  virtual void deliver_later(detail::request_ptr sent) { deliver(std::move(sent)); }

  /// Brings the entity what was loaded for it.
  virtual void deliver(std::shared_ptr<loaded_entity> loaded) = 0;

  /// Brings the entity the wish that it leave memory.
  /// Thread: any, after `ask_to_leave`.
  virtual void deliver_passivation() = 0;

  /// Ends the entity's actor, whatever it is at; when the world closes.
  virtual void deliver_exit() = 0;

  /// Lets go of the actor, which has ended: who remembers this slot must not keep its state in memory.
  /// Thread: the entity's own once the slot is closed, or any when no actor runs any more.
  virtual void forget_actor() noexcept {}

protected:
  /// A request of the entity holds `counted_bytes` no more.
  void give_back(std::size_t counted_bytes, entity_host& host) noexcept {
    if (counted_bytes > 0) {
      give_back_counted(counted_bytes, host);
    }
  }

private:
  void give_back_counted(std::size_t bytes, entity_host& host) noexcept;

  static constexpr std::uint64_t closed = std::uint64_t{1} << 63U;
  static constexpr std::uint64_t asked = std::uint64_t{1} << 62U;

  std::atomic<std::uint64_t> pending_{0};
  std::atomic<std::uint32_t> last_used_{0};
  std::atomic<bool> loaded_{false};
  std::atomic<version_type> snapshotted_{0};
  std::atomic<std::size_t> held_bytes_{0};
  type_counts* counts_ = nullptr; // null: nobody counts
};

using slot_ptr = boost::intrusive_ptr<slot>;

} // namespace cairn::runtime
