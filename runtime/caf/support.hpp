#pragma once

#include <cairn/detail/journal.hpp>
#include <cairn/detail/request.hpp>

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/behavior.hpp>
#include <caf/config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/logger.hpp>
#include <caf/send.hpp>
#include <caf/spawn_options.hpp>

#if CAF_VERSION < 1800
#include <caf/ref_counted.hpp>
#include <caf/resumable.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>
#endif

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

/// Everything that differs between CAF 0.17 and 1.x, and the messages that Cairn's actors exchange. A
/// message holds one pointer; none of them ever leaves the process.
namespace cairn::runtime {

struct loaded_entity;

namespace messages {

/// To an entity: leave memory if you can.
struct passivate {};

/// To an entity: a change of this activation was not committed.
struct lost {
  std::uint64_t activation = 0;
};

/// To the persistence actor: write what waits.
struct flush {};

/// To the persistence actor: an asynchronous append has ended.
using appended = std::shared_ptr<append_result>;

/// To the persistence actor: sync, if the journal is relaxed.
struct sync {};

} // namespace messages

} // namespace cairn::runtime

#if CAF_VERSION < 1800

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(cairn::detail::request_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::shared_ptr<cairn::runtime::loaded_entity>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(cairn::runtime::messages::appended)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(cairn::runtime::messages::passivate)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(cairn::runtime::messages::lost)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(cairn::runtime::messages::flush)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(cairn::runtime::messages::sync)

#else

#include <caf/anon_mail.hpp>
#include <caf/init_global_meta_objects.hpp>
#include <caf/type_id.hpp>

CAF_BEGIN_TYPE_ID_BLOCK(cairn_inside, first_custom_type_id + 4010)
CAF_ADD_TYPE_ID(cairn_inside, (cairn::detail::request_ptr))
CAF_ADD_TYPE_ID(cairn_inside, (std::shared_ptr<cairn::runtime::loaded_entity>))
CAF_ADD_TYPE_ID(cairn_inside, (cairn::runtime::messages::appended))
CAF_ADD_TYPE_ID(cairn_inside, (cairn::runtime::messages::passivate))
CAF_ADD_TYPE_ID(cairn_inside, (cairn::runtime::messages::lost))
CAF_ADD_TYPE_ID(cairn_inside, (cairn::runtime::messages::flush))
CAF_ADD_TYPE_ID(cairn_inside, (cairn::runtime::messages::sync))
CAF_END_TYPE_ID_BLOCK(cairn_inside)

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(cairn::detail::request_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::shared_ptr<cairn::runtime::loaded_entity>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(cairn::runtime::messages::appended)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(cairn::runtime::messages::passivate)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(cairn::runtime::messages::lost)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(cairn::runtime::messages::flush)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(cairn::runtime::messages::sync)

#endif

namespace cairn::runtime::caf_support {

#if CAF_VERSION < 1800
/// The worker that runs an actor on this thread now; null elsewhere.
inline thread_local caf::execution_unit* current_worker = nullptr;
#endif

/// While it lives, what `self` sends goes to the front of its own worker's queue instead of the end of
/// somebody's: the entities of a transaction then run one right after the other, while everything that they
/// share is at hand. bench_ways_out has the figures.
/// Thread: the actor's, inside a handler.
class send_from {
public:
#if CAF_VERSION < 1800
  explicit send_from(caf::event_based_actor& self) noexcept
      : before_(std::exchange(current_worker, self.context())) {}
  ~send_from() { current_worker = before_; }

private:
  caf::execution_unit* before_;

public:
#else
  explicit send_from(caf::event_based_actor& /*self*/) noexcept {}
#endif
  send_from(const send_from&) = delete;
  send_from& operator=(const send_from&) = delete;
};

/// While it lives, this thread may spawn actors. CAF leaves a reference to the system's logger in each thread that
/// spawns, and no system ends before the last one is gone: with a thread that lives on, a client's for example,
/// closing would wait for ever.
/// Thread: any.
class spawn_here {
public:
#if CAF_VERSION < 1800
  /// To spawn the system itself, or with it.
  spawn_here() noexcept : is_systems_(false) {}
  explicit spawn_here(caf::actor_system& system) noexcept
      : is_systems_(caf::logger::current_logger() == &system.logger()) {}
  ~spawn_here() {
    if (!is_systems_) {
      caf::logger::set_current_actor_system(nullptr);
    }
  }

private:
  bool is_systems_; // it runs actors, and ends with the system

public:
#else
  spawn_here() noexcept = default;
  explicit spawn_here(caf::actor_system& /*system*/) noexcept {}
#endif
  spawn_here(const spawn_here&) = delete;
  spawn_here& operator=(const spawn_here&) = delete;
};

/// Sends `content` to `receiver` from no actor in particular.
/// Thread: any.
template <class T>
void tell(const caf::actor& receiver, T content) {
#if CAF_VERSION < 1800
  // A worker runs actors of its own system only: another one may be gone while it still does.
  auto* const worker =
      current_worker != nullptr && &current_worker->system() == &receiver->home_system()
          ? current_worker
          : nullptr;
  receiver->eq_impl(caf::make_message_id(), nullptr, worker, std::move(content));
#else
  caf::anon_mail(std::move(content)).send(receiver);
#endif
}

#if CAF_VERSION < 1800
/// Brings a message to an actor once the scheduler comes to it.
template <class T>
class later final : public caf::resumable, public caf::ref_counted {
public:
  later(caf::actor receiver, T content)
      : receiver_(std::move(receiver)), content_(std::move(content)) {}

  resume_result resume(caf::execution_unit* /*worker*/, std::size_t /*most*/) override {
    receiver_->eq_impl(caf::make_message_id(), nullptr, nullptr, std::move(content_));
    return done;
  }
  void intrusive_ptr_add_ref_impl() override { ref(); }
  void intrusive_ptr_release_impl() override { deref(); }

private:
  caf::actor receiver_;
  T content_;
};
#endif

/// The same as `tell`, behind everything that the scheduler has to run already: what an actor tells itself, it would
/// else take up before others have their turn.
template <class T>
void tell_later(const caf::actor& receiver, T content) {
#if CAF_VERSION < 1800
  receiver->home_system().scheduler().enqueue(new later<T>(receiver, std::move(content)));
#else
  caf::anon_mail(std::move(content)).delay(std::chrono::microseconds(0)).send(receiver);
#endif
}

/// Threads that the scheduler runs entities on.
inline void set_threads(caf::actor_system_config& config, unsigned threads) {
#if CAF_VERSION < 1800
  const std::string scheduler = "scheduler.";
#else
  const std::string scheduler = "caf.scheduler.";
#endif
  config.set(scheduler + "max-threads", static_cast<std::size_t>(threads));
  // So that one entity whose mailbox is never empty does not keep its thread to itself.
  config.set(scheduler + "max-throughput", std::size_t{256});
}

} // namespace cairn::runtime::caf_support
