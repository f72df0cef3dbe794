#include "entities/crash_point.hpp"
#include "entities/named_command.hpp"
#include "runtime/agenda/agenda_requests.hpp"
#include "runtime/entity/process.hpp"

#include <optional>
#include <utility>

/// What an entity's process does with its own timers, and with messages of its own that come back.
namespace cairn::runtime {

using detail::request;

/// A timer that was moved or taken back since is none of its business any more.
void entity_process::process_fire(fire_request& due) {
  const auto* const timers = entity_->timers();
  const auto found =
      timers != nullptr ? timers->find(due.timer()) : detail::timer_table::const_iterator{};
  if (timers == nullptr || found == timers->end() || found->second.at_us != due.at_us()) {
    unmatched(due);
    return reply(due); // behind the change that says so: if that is lost, the timer is still there
  }
  due.arrive(found->second, host_.clock()());
  std::string problem = std::exchange(due.reason, {});
  if (problem.empty()) {
    problem = prepare_fire(due, found->second);
  }
  if (problem.empty() && try_fire(due, problem)) {
    return;
  }
  due.reason = problem;
  note(due);
}

/// Makes the timer's command; what is wrong with it, or nothing. One that cannot be made now never can: it ends.
std::string entity_process::prepare_fire(fire_request& due, const detail::pending_timer& pending) {
  const auto& type = entity_->type();
  due.name = pending.command;
  due.command = type.find_command(pending.command);
  if (due.command == nullptr) {
    due.end_here();
    return "the type " + type.name + " has no command \"" + pending.command + "\" any more";
  }
  json::problem wrong;
  wrong.lenient = type.reads_leniently;
  if (!make_stored_command(*due.command, pending.arguments, due.made, wrong)) {
    due.end_here();
    return wrong.text();
  }
  return {};
}

/// False: the command is not accepted, and `problem` says why.
bool entity_process::try_fire(fire_request& due, std::string& problem) {
  execution& done = scratch();
  std::optional<std::string> arguments;
  if (entity_->type().records_commands && !record_arguments(due, arguments, problem)) {
    return false;
  }
  done.reset(room_for_events(due, arguments));
  switch (execute(due, due.arguments(), done)) {
    case step::changed:
      accept(due, done, arguments);
      return true;
    case step::broken:
      reply(due);
      rebuild();
      return true;
    case step::answered:
      break;
  }
  problem = due.answer.text.empty() ? "refused" : due.answer.text;
  return false;
}

void entity_process::process_undelivered(undelivered_request& message) {
  message.handled =
      message.handled && entity_->type().undelivered != nullptr && entity_->standing().exists();
  if (message.handled) {
    execution& done = scratch();
    done.reset(room_for_events(message, std::nullopt));
    switch (execute(message, message.arguments(), done)) {
      case step::changed:
        return accept(message, done, std::nullopt);
      case step::broken:
        reply(message);
        return rebuild();
      case step::answered:
        message.handled = false;
    }
  }
  note(message);
}

void entity_process::process_resend(request& asked) { note(asked); }

/// A change that is nothing but what the request `begins` with. What has happened already is noted in a shorter form
/// rather than not at all.
void entity_process::note(request& asked) {
  execution& done = scratch();
  asked.answer.text.clear();
  done.reset(room_for_events(asked, std::nullopt));
  asked.begin(done);
  if (done.what() != execution::verdict::accepted) {
    const bool too_large = done.what() == execution::verdict::too_large;
    fail(asked, too_large ? std::error_code(journal_errc::too_large) : entity_errc::entity_error,
         slot_.key() + ": " + done.reason());
    return reply(asked);
  }
  entity_->note(asked.command, done);
  asked.answer = {};
  asked.answer.what = answer::kind::accepted;
  asked.answer.version = entity_->standing().version;
  accept(asked, done, std::nullopt);
}

} // namespace cairn::runtime
