#include <cairn/detail/change.hpp>

#include "entities/crash_point.hpp"
#include "entities/per_thread.hpp"
#include "persistence/format/raw_bytes.hpp"
#include "persistence/refusals/refusal_log.hpp"
#include "runtime/agenda/agenda_requests.hpp"
#include "runtime/entity/byte_budget.hpp"
#include "runtime/entity/explanation.hpp"
#include "runtime/entity/first_answer.hpp"
#include "runtime/entity/process.hpp"
#include "runtime/watch/world_metrics.hpp"

#include <utility>

/// What an entity's process does with a command: the checks in their order, the decision, the change.
namespace cairn::runtime {

using detail::request;
using detail::request_ptr;

namespace {

/// What a body has beside its parts as they are before the decision: how many events, how long a reply, how many
/// aspects and item versions there are, each at its longest.
constexpr std::size_t counts_bytes = 4 * persistence::varint_bytes_max;

/// What the body of a command without options has beside its name, its events and those, at most.
constexpr std::size_t plain_body_bytes = 2 + persistence::varint_bytes_max;

std::string_view command_name(const request& asked) {
  if (asked.what == request::verb::remove) {
    return remove_command;
  }
  return asked.command != nullptr ? std::string_view(asked.command->name) : asked.cause_name();
}

std::string_view name_in_log(const request& asked) {
  switch (asked.what) {
    case request::verb::read:
      return "$require";
    case request::verb::lease:
      return "$lease";
    default:
      return command_name(asked);
  }
}

std::string_view principal_of(const request& asked) {
  return asked.options ? find_meta(asked.options->meta, "principal") : std::string_view{};
}

} // namespace

execution& entity_process::scratch() { return per_thread<execution>::get(std::size_t{0}); }

persistence::change_parts parts_of(const request& asked,
                                   const std::optional<std::string>& arguments,
                                   std::string_view events, std::size_t event_count) {
  persistence::change_parts parts;
  parts.command = command_name(asked);
  parts.merged = asked.answer.merged;
  if (asked.remembered) {
    parts.id = asked.options->id;
    parts.content = &asked.remembered->content;
  }
  if (asked.command != nullptr && asked.command->replies && !asked.answer.text.empty()) {
    parts.reply = &asked.answer.text;
  }
  if (arguments) {
    parts.arguments = &*arguments;
  }
  if (asked.options) {
    parts.meta = &asked.options->meta;
  }
  parts.events = events;
  parts.event_count = event_count;
  return parts;
}

void encode_body(detail::body_bytes& body, const persistence::change_parts& parts) {
  body.resize(persistence::change_body_size(parts), boost::container::default_init);
  persistence::write_change_body(body.data(), parts);
}

void entity_process::process_command(request& asked) {
  execution& done = scratch();
  std::optional<std::string> arguments;
  const step went = decide(asked, done, arguments);
  if (asked.sampled) {
    host_.rules_of_world().metrics->stages().leave(stage::decide, asked);
  }
  switch (went) {
    case step::answered:
      return reply(asked);
    case step::broken:
      reply(asked);
      return rebuild();
    case step::changed:
      return accept(asked, done, arguments);
  }
}

/// The order of checks: known command id, deleted or absent, lease, expectation, business rules.
entity_process::step entity_process::decide(request& asked, execution& done,
                                            std::optional<std::string>& arguments,
                                            std::size_t item_versions) {
  if (asked.options && !asked.options->id.empty() && answer_known_id(asked)) {
    return step::answered;
  }
  if (asked.conditional && !entity_->standing().exists()) {
    return unmatched(asked);
  }
  const bool removes = asked.what == request::verb::remove;
  if (const auto kind = judge_life(entity_->standing(), asked.expected, removes)) {
    conflict(asked, *kind);
    return step::answered;
  }
  if ((lease_ || asked.options) && refused_by_lease(asked)) {
    return step::answered;
  }
  admission admitted;
  if (asked.expected.what() != expectation::kind::any &&
      judge_expectation(entity_->standing(), asked.expected, host_.rules_of_world().checks) &&
      !judge(asked, admitted)) {
    return step::answered;
  }
  if (asked.conditional) {
    bool concerned = false;
    if (!ask_entity(asked, "the predicate",
                    [&] { concerned = asked.concerns(entity_->type(), entity_->state()); })) {
      return step::answered;
    }
    if (!concerned) {
      return unmatched(asked);
    }
  }
  if (host_.rules_of_world().bytes->is_exceeded()) {
    fail(asked, runtime_errc::overloaded, too_many_bytes());
    return step::answered;
  }
  if (entity_->type().records_commands && asked.command != nullptr) {
    if (std::string problem; !record_arguments(asked, arguments, problem)) {
      fail(asked, entity_errc::entity_error, std::move(problem));
      return step::answered;
    }
  }
  done.reset(room_for_events(asked, arguments, item_versions));
  return execute(asked, admitted.instead ? admitted.instead.get() : asked.arguments(), done);
}

/// Does its type admit a command although what it expects does not hold? False: the answer is set.
bool entity_process::judge(request& asked, admission& admitted) {
  const bool came_back = ask_entity(asked, "the entity's merge", [&] {
    admitted = entity_->admit(asked.command, asked.arguments(), asked.expected,
                              host_.rules_of_world().checks);
  });
  if (!came_back) {
    return false;
  }
  if (admitted.refused) {
    conflict(asked, *admitted.refused, admitted.in_the_way);
    return false;
  }
  asked.answer.merged = admitted.merged;
  return true;
}

void entity_process::fail_thrown(request& asked, std::string_view what, const std::string& thrown) {
  count_thrown();
  const auto name = command_name(asked);
  fail(asked, entity_errc::entity_error,
       (name.empty() ? std::string() : std::string(name) + " on ") + slot_.key() + ": " +
           std::string(what) + " threw: " + thrown);
}

std::string entity_process::too_many_bytes() const {
  const auto& budget = *host_.rules_of_world().bytes;
  return "the requests in flight hold " + std::to_string(budget.held()) + " bytes, of " +
         std::to_string(budget.most()) + " (limits::in_flight_bytes_max)";
}

entity_process::step entity_process::unmatched(request& asked) {
  asked.answer.what = answer::kind::unmatched;
  asked.answer.version = entity_->standing().version; // a transaction relies on it
  return step::answered;
}

entity_process::step entity_process::execute(request& asked, const void* arguments,
                                             execution& done) {
  run(asked, arguments, done);
  switch (done.what()) {
    case execution::verdict::accepted:
      asked.answer.what = answer::kind::accepted;
      asked.answer.version = entity_->standing().version;
      if (!done.reply().empty()) {
        asked.answer.text = done.reply();
      }
      if (done.event_count() > 0) {
        return step::changed;
      }
      asked.remembered.reset(); // nothing happened that could happen twice
      return step::answered;
    case execution::verdict::rejected:
      asked.answer.what = answer::kind::rejected;
      asked.answer.text = done.reason();
      record_refusal(asked);
      return step::answered;
    case execution::verdict::too_large:
      fail(asked, journal_errc::too_large,
           std::string(command_name(asked)) + " on " + slot_.key() + ": " + done.reason() +
               " (limits::change_bytes_max)");
      return step::answered;
    case execution::verdict::broken:
      break;
  }
  fail(asked, entity_errc::entity_error,
       std::string(command_name(asked)) + " on " + slot_.key() + ": " + done.reason());
  return step::broken;
}

void entity_process::conflict(request& asked, conflict_kind kind, aspect_set in_the_way) {
  asked.remembered.reset();
  asked.answer.what = answer::kind::conflict;
  asked.answer.conflict = kind;
  asked.answer.version = entity_->standing().version;
  if (explain_at_once(asked, in_the_way)) {
    record_refusal(asked, in_the_way);
  }
}

/// What a conflict tells without a look into the journal. False: the state's own code threw, and the answer says so.
bool entity_process::explain_at_once(request& asked, aspect_set in_the_way) {
  const conflict_kind kind = asked.answer.conflict;
  const bool names_aspects = kind == conflict_kind::stale && !entity_->type().aspects.empty();
  const bool shows_state = asked.options && asked.options->show.state;
  if (!names_aspects && !shows_state && kind != conflict_kind::leased) {
    return true;
  }
  auto details = std::make_shared<conflict_details>();
  if (names_aspects) {
    details->aspects = entity_->type().names_of(in_the_way);
  }
  if (kind == conflict_kind::leased) {
    details->left = lease_left();
    const auto [now, elapsed] = host_.read_clock();
    details->until = detail::later(now, detail::between(elapsed, lease_->until()));
  }
  if (shows_state) {
    details->type = &entity_->type();
    const std::size_t bytes = is_at_rest() ? 0 : state_bytes();
    if (bytes >= byte_budget::counted_from) {
      slot_.take(asked, bytes, host_); // the copy waits for a write
    }
    const auto copy = [&] { details->state = entity_->type().clone_state(entity_->state()); };
    if (entity_->standing().exists() && !ask_entity(asked, "copying the state", copy)) {
      return false;
    }
  }
  asked.answer.details = std::move(details);
  return true;
}

/// Where the world keeps a log of them. The line may tell of a version that a crash takes back.
void entity_process::record_refusal(const request& asked, aspect_set in_the_way) const {
  auto* const log = host_.rules_of_world().refusals;
  if (log == nullptr) {
    return;
  }
  refusal refused;
  refused.time_us = host_.clock()().time_since_epoch().count();
  refused.entity = slot_.key();
  refused.command = name_in_log(asked);
  refused.expected = asked.expected;
  refused.actual = entity_->standing().version;
  refused.client = principal_of(asked);
  if (asked.answer.what == answer::kind::conflict) {
    refused.conflict = asked.answer.conflict;
    if (asked.answer.conflict == conflict_kind::stale) {
      refused.aspects = entity_->type().names_of(in_the_way);
    }
  } else {
    refused.reason = asked.answer.text;
  }
  log->record(std::move(refused));
}

/// True: the id is known, or cannot be used, and the answer is set.
bool entity_process::answer_known_id(request& asked) {
  std::string arguments = "{}";
  if (asked.what == request::verb::command && asked.content() == nullptr) {
    arguments.clear();
    json::problem wrong;
    bool good = false;
    if (!ask_entity(asked, "writing the arguments as JSON",
                    [&] { good = asked.command->encode(arguments, asked.arguments(), wrong); })) {
      return true;
    }
    if (!good) {
      wrong.under("args");
      fail(asked, entity_errc::entity_error, wrong.text());
      return true;
    }
  }
  const content_hash content =
      asked.content() != nullptr ? *asked.content() : hash_content(command_name(asked), arguments);
  const auto known = entity_->ids().find(asked.options->id);
  if (!known) {
    asked.remembered = std::make_shared<remembered_command>();
    asked.remembered->content = content;
    return false;
  }
  if (known->what == remembered_command::known::version_alone) {
    known->content =
        content; // to be held against that of its change, when the first answer is read
  } else if (known->content != content) {
    fail(asked, entity_errc::command_id_reused,
         "command id \"" + asked.options->id + "\" is known to " + slot_.key() +
             " from another command or other arguments (version " + std::to_string(known->version) +
             ")");
    return true;
  }
  asked.answer.what = answer::kind::accepted;
  asked.answer.duplicate = true;
  asked.answer.merged = known->merged;
  asked.answer.version = known->version;
  asked.answer.text = known->reply; // its position follows when it is known to be durable
  asked.remembered = known;
  return true;
}

/// JSON of the command, which its type has the journal keep. False: it has none, and `problem` says why.
bool entity_process::record_arguments(const request& asked, std::optional<std::string>& arguments,
                                      std::string& problem) const {
  json::problem wrong;
  bool good = false;
  detail::guard(
      [&] { good = asked.command->encode(arguments.emplace(), asked.arguments(), wrong); },
      [&](const std::string& thrown) {
        wrong = {"", "writing it as JSON threw: " + thrown};
        tell_thrown(thrown);
      });
  if (good) {
    return true;
  }
  arguments.reset();
  wrong.under("args");
  problem = std::string(command_name(asked)) + " on " + slot_.key() +
            " cannot be kept (cairn::record_commands): " + wrong.text();
  return false;
}

void entity_process::run(request& asked, const void* arguments, execution& done) {
  context ctx(random_, host_.clock(), slot_.key(), entity_->standing().version,
              principal_of(asked));
  if (asked.what == request::verb::fire) {
    static_cast<const fire_request&>(asked).tell(ctx);
  }
  if (asked.begins) {
    asked.begin(done);
    if (done.what() != execution::verdict::accepted) {
      return;
    }
  }
  const auto call = [&] {
    if (asked.what == request::verb::undelivered) {
      entity_->execute(*static_cast<const undelivered*>(arguments), ctx, done);
    } else if (asked.what == request::verb::remove) {
      entity_->remove(ctx, done);
    } else {
      entity_->execute(*asked.command, arguments, ctx, done);
    }
  };
  detail::guard(call, [&](const std::string& thrown) {
    count_thrown();
    done.broke("the entity's code threw: " + thrown);
  });
}

void entity_process::accept(request& asked, execution& done,
                            const std::optional<std::string>& arguments) {
  asked.removes = entity_->standing().removed;
  if (asked.removes) {
    end_lease();
  }
  const auto touched = entity_->touched();
  persistence::change_parts parts = parts_of(asked, arguments, done.events(), done.event_count());
  parts.aspects = touched;
  encode_body(asked.body, parts);
  if (asked.remembered) {
    remember(asked, done);
  }
  entity_->ids().expire(asked.answer.version);
  asked.snapshot = snapshot_if_due();
  asked.effects = done.take_effects();
  pass(asked.begins ? crash_point::delivered : crash_point::decided);
  hand_over(asked);
}

void entity_process::remember(request& asked, const execution& done) {
  asked.remembered->id = asked.options->id;
  asked.remembered->version = asked.answer.version;
  asked.remembered->reply = done.reply();
  asked.remembered->merged = asked.answer.merged;
  entity_->ids().remember(asked.remembered);
}

/// The past is known up to the expected version only where the command names one.
void entity_process::explain(request& asked) {
  const bool has_past = asked.expected.what() == expectation::kind::at &&
                        asked.expected.version() < asked.answer.version;
  explanation what{&asked, &host_, "null"};
  json::problem wrong;
  if (has_past && asked.options->show.paths && entity_->standing().exists()) {
    what.current_json.clear();
    if (!ask_entity(asked, "writing the state as JSON",
                    [&] { entity_->encode_state(what.current_json, wrong); })) {
      return reply(asked);
    }
  }
  asked.options->show.missed &= has_past;
  asked.options->show.paths &= has_past && wrong.message.empty();
  if (!has_past) {
    return reply(asked);
  }
  if (const std::size_t bytes = what.current_json.size(); bytes >= byte_budget::counted_from) {
    slot_.take(asked, bytes, host_); // until it is compared
  }
  under_way_ = nullptr;
  if (entity_->standing().version == slot_.committed()) {
    host_.read_later([what = std::move(what)]() mutable { what.give(); });
  } else {
    host_.hand_over(request_ptr(new explain_request(std::move(what), activation_)));
  }
}

/// The entity knows that it has answered before, and the journal what.
void entity_process::answer_from_journal(request& asked) {
  under_way_ = nullptr;
  if (is_at_rest()) {
    host_.read_later(
        [known = request_ptr(&asked), &host = host_] { give_first_answer(*known, host); });
  } else {
    host_.hand_over(request_ptr(new first_answer_request(&asked, host_, activation_)));
  }
}

/// Never more than there is: what depends on the decision counts as much as it can take.
std::size_t entity_process::room_for_events(const request& asked,
                                            const std::optional<std::string>& arguments,
                                            std::size_t item_versions) const {
  const bool is_plain = !asked.options && !arguments;
  std::size_t taken = is_plain ? plain_body_bytes + command_name(asked).size()
                               : persistence::change_body_size(parts_of(asked, arguments, {}, 0));
  taken += counts_bytes + item_versions * persistence::varint_bytes_max;
  for (const auto& name : entity_->type().aspects) {
    taken += name.size() + persistence::varint_bytes(name.size());
  }
  const std::size_t most = host_.rules_of_world().change_bytes_max;
  return taken < most ? most - taken : 0;
}

} // namespace cairn::runtime
