#pragma once

#include <cairn/world.hpp>

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/config.hpp>
#include <caf/send.hpp>

#include <any>
#include <string>
#include <utility>

#if CAF_VERSION >= 1800
#include <caf/anon_mail.hpp>
#include <caf/type_id.hpp>
#endif

// Cairn for programs that are made of CAF actors themselves: a world on their actor system, and replies
// as messages. The only public header that includes CAF.
namespace cairn {

/// Makes Cairn's messages known to CAF. A program calls it before it makes an actor system of its own: CAF 1.x learns of
/// no message later. On CAF 0.17 it has nothing to do.
/// Thread: one, while no actor system is there. Again: has no effect.
void init_caf_messages();

/// A world whose entities run on `system`, which must outlive it; see `init_caf_messages`. Its end waits for them there:
/// it must not come on a thread of `system`'s scheduler.
/// Errors: `startup_error` as the constructor of `world`.
world make_world(caf::actor_system& system, world_options options = {});

/// The reply to a command as a message. One message type for all commands, asked by outcome type:
/// `if (auto* spent = reply.get_if<cairn::checked_outcome<>>()) …`
class entity_reply {
public:
  entity_reply() = default;
  entity_reply(std::string entity, std::string_view command, std::any outcome)
      : entity_(std::move(entity)), command_(command), outcome_(std::move(outcome)) {}

  /// `type/id` of the entity that was sent to.
  const std::string& entity() const noexcept { return entity_; }

  /// Name of the command that was sent.
  const std::string& command() const noexcept { return command_; }

  /// Null when the outcome is of another type.
  template <class Outcome>
  const Outcome* get_if() const noexcept {
    return std::any_cast<Outcome>(&outcome_);
  }

private:
  std::string entity_;
  std::string command_;
  std::any outcome_;
};

} // namespace cairn

#if CAF_VERSION >= 1800
CAF_BEGIN_TYPE_ID_BLOCK(cairn, first_custom_type_id + 4000)
CAF_ADD_TYPE_ID(cairn, (cairn::entity_reply))
CAF_END_TYPE_ID_BLOCK(cairn)
#endif

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(cairn::entity_reply)

namespace cairn {

namespace detail {

template <class State, class Command>
auto reply_sender(const caf::actor& receiver, const entity_ref<State>& to) {
  return [receiver, entity = to.key()](auto outcome) {
    entity_reply reply(entity, entity_ref<State>::template command_name<Command>(),
                       std::move(outcome));
#if CAF_VERSION < 1800
    caf::anon_send(receiver, std::move(reply));
#else
    caf::anon_mail(std::move(reply)).send(receiver);
#endif
  };
}

} // namespace detail

/// Sends a command without expectation; its reply comes to `receiver` as an `entity_reply` that holds an
/// `unchecked_outcome<Reply>`.
/// Thread: any.
template <entity_state State, class Command>
void send_for(const caf::actor& receiver, const entity_ref<State>& to, Command command,
              send_options options = {}) {
  to.post(std::move(command), detail::reply_sender<State, Command>(receiver, to),
          std::move(options));
}

/// Sends a command that saw the entity so; its reply holds a `checked_outcome<Reply>`.
/// Thread: any.
template <entity_state State, class Command>
void send_for(const caf::actor& receiver, const entity_ref<State>& to, Command command,
              observed expected, send_options options = {}) {
  to.post(std::move(command), expected, detail::reply_sender<State, Command>(receiver, to),
          std::move(options));
}

} // namespace cairn
