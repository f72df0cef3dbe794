#include "runtime/caf/persistence_actor.hpp"

#include "runtime/threads/own_thread.hpp"

namespace cairn::runtime {

namespace {

class persistence_actor final : public caf::event_based_actor {
public:
  persistence_actor(caf::actor_config& config, journal& target, persistence::commit_inbox& inbox,
                    persistence::group_commit::settings settings)
      : caf::event_based_actor(config),
        inbox_(inbox),
        commit_(target, with_post(std::move(settings))) {}

  caf::behavior make_behavior() override {
    return {
        [this](const messages::flush&) {
          const own_thread here("a callback");
          inbox_.take([this](detail::request_ptr handed) { commit_.add(std::move(handed)); });
          commit_.flush();
          go_on();
        },
        [this](const messages::appended& result) {
          const own_thread here("a callback");
          commit_.resume(std::move(*result));
          go_on();
        },
        [this](const messages::sync&) { commit_.sync(); },
    };
  }

private:
  /// What waits for no one comes behind what came meanwhile.
  void go_on() {
    if (commit_.wants_flush()) {
      caf_support::tell(caf::actor(this), messages::flush{});
    }
  }

  persistence::group_commit::settings with_post(persistence::group_commit::settings settings) {
    settings.post = [this](append_result result) {
      caf_support::tell(caf::actor(this), std::make_shared<append_result>(std::move(result)));
    };
    return settings;
  }

  persistence::commit_inbox& inbox_;
  persistence::group_commit commit_;
};

} // namespace

caf::actor spawn_persistence_actor(caf::actor_system& system, journal& target,
                                   persistence::commit_inbox& inbox,
                                   persistence::group_commit::settings settings) {
  const caf_support::spawn_here here(system);
  return system.spawn<persistence_actor, caf::detached>(std::ref(target), std::ref(inbox),
                                                        std::move(settings));
}

} // namespace cairn::runtime
