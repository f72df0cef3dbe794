#include <cairn/caf.hpp>

#include "runtime/caf/entity_actor.hpp"
#include "runtime/caf/persistence_actor.hpp"
#include "runtime/caf/scheduler.hpp"
#include "runtime/world/actor_runtime.hpp"
#include "runtime/world/core.hpp"

#include <caf/exit_reason.hpp>
#include <caf/scoped_actor.hpp>

#include <algorithm>
#include <optional>
#include <thread>
#include <utility>

namespace cairn::runtime {

namespace {

/// An actor system of the world's own.
struct own_system {
  explicit own_system(unsigned threads) {
    caf_support::register_messages();
    // CAF's own default is four at least. On two cores one was the fastest (bench_durable_commands
    // --only uniform --threads N: 1 before 4 before 2); other machines have not been measured.
    const unsigned cores = std::max(std::thread::hardware_concurrency(), 2U) - 1;
    caf_support::set_threads(config, threads > 0 ? threads : cores);
    caf_support::use_entity_scheduler(config);
    const caf_support::spawn_here here; // the world may be closed by another thread
    system.emplace(config);
  }

  caf::actor_system_config config;
  std::optional<caf::actor_system> system;
};

class caf_runtime final : public actor_runtime {
public:
  caf_runtime(actor_surroundings around, std::unique_ptr<own_system> own, caf::actor_system& system)
      : host_(*around.host),
        finished_(around.finished),
        own_(std::move(own)),
        system_(system),
        persistence_(
            spawn_persistence_actor(system, *around.journal, inbox_, std::move(around.commit))) {}

  slot_ptr spawn_entity(std::string_view key, const entity_type& type) override {
    return spawn_entity_actor(system_, host_, key, type, finished_, lives_);
  }

  void hand_over(detail::request_ptr decided) override {
    if (inbox_.push(std::move(decided))) {
      caf_support::tell(persistence_, messages::flush{});
    }
  }

  void sync() override { caf_support::tell(persistence_, messages::sync{}); }

  void stop(const std::vector<slot_ptr>& entities) override {
    for (const auto& entity : entities) {
      entity->deliver_exit();
    }
    caf::anon_send_exit(persistence_, caf::exit_reason::user_shutdown);
    {
      const caf_support::spawn_here here(system_);
      const caf::scoped_actor self(system_);
      self->wait_for(persistence_);
    }
    // `persistence_` stays: an entity whose last reply is out may still hand over what nobody waits for.
    lives_->await_ended();
    for (const auto& entity :
         entities) { // nobody delivers any more: there is nobody left who could
      entity->forget_actor();
    }
    lives_->await_gone();
    if (own_) {
      own_->system->await_all_actors_done();
    }
  }

private:
  entity_host& host_;
  void (*finished_)(entity_host&);
  std::unique_ptr<own_system> own_; // null on the user's actor system
  caf::actor_system& system_;
  persistence::commit_inbox inbox_;
  const std::shared_ptr<entity_lives> lives_ = std::make_shared<entity_lives>();
  caf::actor persistence_;
};

} // namespace

std::unique_ptr<actor_runtime> make_actor_runtime(actor_surroundings around) {
  auto own = std::make_unique<own_system>(around.threads);
  auto& system = *own->system;
  return std::make_unique<caf_runtime>(std::move(around), std::move(own), system);
}

} // namespace cairn::runtime

namespace cairn {

void init_caf_messages() { runtime::caf_support::register_messages(); }

world make_world(caf::actor_system& system, world_options options) {
  return world(std::make_unique<runtime::world_core>(
      std::move(options),
      [&system](runtime::actor_surroundings around) -> std::unique_ptr<runtime::actor_runtime> {
        return std::make_unique<runtime::caf_runtime>(std::move(around), nullptr, system);
      }));
}

} // namespace cairn
