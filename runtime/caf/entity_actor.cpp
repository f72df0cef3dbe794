#include "runtime/caf/entity_actor.hpp"

#include "runtime/threads/own_thread.hpp"

#include <caf/exit_reason.hpp>

namespace cairn::runtime {

namespace {

/// The slot whose mailbox is a CAF actor's.
class actor_slot final : public slot {
public:
  actor_slot(std::string key, const entity_type& type, entity_host& host,
             void (*then)(entity_host&))
      : slot(std::move(key), type), host_(host), finished_(then) {}

  void set_actor(caf::actor actor) { actor_ = std::move(actor); }

  /// The actor has ended: what still remembers this slot must not keep its state in memory. The slot is
  /// closed, or the world is, so nobody is about to send.
  void forget_actor() noexcept override { actor_ = nullptr; }

  void deliver(detail::request_ptr sent) override {
    // A copy: once sent, the request may be answered and the actor gone before this returns.
    const caf::actor receiver = actor_;
    caf_support::tell(receiver, std::move(sent));
  }
  void deliver_later(detail::request_ptr sent) override {
    caf_support::tell_later(actor_, std::move(sent));
  }
  void deliver(std::shared_ptr<loaded_entity> loaded) override {
    caf_support::tell(actor_, std::move(loaded));
  }
  void deliver_passivation() override {
    const caf::actor receiver = actor_;
    caf_support::tell(receiver, messages::passivate{});
  }
  void deliver_exit() override {
    if (enter(no_bound) == entry::entered) { // for good: it must not leave by itself any more
      const caf::actor receiver = actor_;
      caf::anon_send_exit(receiver, caf::exit_reason::user_shutdown);
    }
  }

  void finished(std::size_t counted_bytes) noexcept override {
    entity_host& host = host_; // this may be gone once it has left
    const auto tell_host = finished_;
    give_back(counted_bytes, host);
    leave();
    tell_host(host);
  }

protected:
  void on_lost(std::uint64_t activation) override {
    caf_support::tell(actor_, messages::lost{activation});
  }

private:
  entity_host& host_;
  void (*finished_)(entity_host&);
  caf::actor actor_;
};

/// The actor itself: nothing but the way from mailbox to process. It keeps its slot, the slot keeps it, and
/// quitting breaks the circle.
class entity_actor final : public caf::event_based_actor {
public:
  entity_actor(caf::actor_config& config, boost::intrusive_ptr<actor_slot> slot, entity_host& host,
               std::shared_ptr<entity_lives> lives)
      : caf::event_based_actor(config),
        life_(std::move(lives)),
        slot_(std::move(slot)),
        process_(*slot_, host) {}

  caf::behavior make_behavior() override {
    return {
        [this](detail::request_ptr& asked) {
          const own_handler mark("an entity");
          const caf_support::send_from here(*this);
          process_.handle(std::move(asked));
        },
        [this](const std::shared_ptr<loaded_entity>& loaded) {
          const own_handler mark("an entity");
          process_.handle(*loaded);
        },
        [this](const messages::lost& loss) {
          const own_handler mark("an entity");
          process_.handle_loss(loss.activation);
        },
        [this](const messages::passivate&) {
          if (process_.try_passivate()) {
            slot_->forget_actor(); // closed: nobody sends to it any more
            quit();
          }
        },
    };
  }

  void on_exit() override {
    slot_.reset();
    life_.end();
  }

private:
  entity_lives::one life_; // first: it goes after the rest
  boost::intrusive_ptr<actor_slot> slot_;
  entity_process process_;
};

} // namespace

slot_ptr spawn_entity_actor(caf::actor_system& system, entity_host& host, std::string_view key,
                            const entity_type& type, void (*finished)(entity_host&),
                            std::shared_ptr<entity_lives> lives) {
  boost::intrusive_ptr<actor_slot> slot(new actor_slot(std::string(key), type, host, finished));
  const caf_support::spawn_here here(system);
  slot->set_actor(
      system.spawn<entity_actor, caf::lazy_init>(slot, std::ref(host), std::move(lives)));
  return slot;
}

} // namespace cairn::runtime
