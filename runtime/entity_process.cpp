#include "runtime/entity_process.hpp"

#include <cairn/change.hpp>

#include "persistence/recovery.hpp"
#include "runtime/explanation.hpp"

#include <exception>
#include <functional>
#include <random>
#include <utility>

namespace cairn {

using detail::request;
using detail::request_ptr;

namespace {

/// Room for what a change's body has beside names, texts and events: lengths, flags, a content hash.
constexpr std::size_t body_overhead_bytes = 128;

/// Loads the entity anew once everything that its last activation handed over has met its fate.
class rebuild_request final : public request {
public:
  rebuild_request(entity_host& host, slot_ptr place, std::uint64_t activation)
      : host_(host), place_(std::move(place)), next_(activation + 1) {
    what = verb::barrier;
    target = place_;
    this->activation = activation;
  }

  void complete() noexcept override { host_.load(std::move(place_), next_); }

private:
  entity_host& host_;
  slot_ptr place_;
  std::uint64_t next_;
};

std::string_view command_name(const request& asked) {
  return asked.what == request::verb::remove ? remove_command
                                             : std::string_view(asked.command->name);
}

std::string_view principal_of(const request& asked) {
  return asked.options ? find_meta(asked.options->meta, "principal") : std::string_view{};
}

/// Nobody finds it by chance, and none of a run before is among them.
std::string new_token() {
  std::random_device device;
  constexpr std::string_view digits = "0123456789abcdef";
  std::string token;
  for (int word = 0; word < 4; ++word) {
    std::uint32_t bits = device();
    for (int digit = 0; digit < 8; ++digit, bits >>= 4U) {
      token += digits[bits & 15U];
    }
  }
  return token;
}

/// One a thread: its buffers serve every entity that runs there.
execution& scratch_execution() {
  static thread_local execution scratch(0);
  return scratch;
}

} // namespace

entity_process::entity_process(slot& place, entity_host& host)
    : place_(place), host_(host), random_(0) {}

void entity_process::start() {
  loading_ = true;
  host_.load(&place_, activation_);
}

void entity_process::handle(request_ptr asked) {
  if (asked->what == request::verb::settle) {
    const auto& end = static_cast<const settle_request&>(*asked);
    return let_go(end.by(), end.counts()); // it does not wait with those who wait for it
  }
  if (entity_ && !held_) {
    return process(*asked);
  }
  waiting_.push_back(std::move(asked));
  if (!entity_ && !loading_) {
    start(); // the last attempt failed, and those who waited for it know
  }
}

void entity_process::handle(loaded_entity& loaded) {
  if (loaded.activation != activation_) {
    return;
  }
  loading_ = false;
  if (loaded.entity) {
    entity_.emplace(std::move(*loaded.entity));
    const version_type version = entity_->standing().version;
    place_.set_committed(version);
    place_.set_loaded(true);
    // Repeatable for a given seed, and not the same again after each passivation.
    random_source mixed(host_.rules_of_world().seed ^ std::hash<std::string_view>{}(place_.key()));
    random_ = random_source(mixed() + version);
  }
  if (loaded.failure.ok()) {
    return answer_waiting();
  }
  for (const auto& asked : std::exchange(waiting_, {})) {
    if (asked->what == request::verb::hold) {
      static_cast<held_request&>(*asked).abandon(loaded.failure.error, loaded.failure.message);
      continue;
    }
    asked->activation = activation_;
    fail(*asked, loaded.failure.error, loaded.failure.message);
    asked->finish();
  }
}

/// Those who waited, in order. One of them may bring the entity down, or hold it: then the rest waits again.
void entity_process::answer_waiting() {
  for (const auto& asked : std::exchange(waiting_, {})) {
    handle(asked);
  }
}

void entity_process::handle_loss(std::uint64_t activation) {
  if (activation == activation_) {
    entity_.reset();
    held_.reset(); // the transaction's changes are refused with the rest of this activation
    place_.set_loaded(false);
    ++activation_;
    start();
  }
}

bool entity_process::try_passivate() {
  if (place_.is_closed()) {
    return true;
  }
  if (loading_ || held_ || !waiting_.empty() || lease_left().count() > 0) {
    place_.stay();
    return false;
  }
  if (!place_.try_leave()) {
    return false;
  }
  host_.retire(place_);
  return true;
}

void entity_process::process(request& asked) {
  asked.activation = activation_;
  if (asked.what == request::verb::hold) {
    return static_cast<held_request&>(asked).arrive(*this);
  }
  if (host_.has_stopped()) {
    auto stopped = host_.stopped();
    fail(asked, stopped.error, std::move(stopped.message));
    return asked.finish();
  }
  switch (asked.what) {
    case request::verb::read:
      return process_read(asked);
    case request::verb::lease:
    case request::verb::release:
      return process_lease(asked);
    case request::verb::wake:
      return asked.finish();
    default:
      return process_command(asked);
  }
}

void entity_process::process_read(request& asked) {
  read_state(asked);
  reply(asked);
}

void entity_process::read_state(request& asked) {
  const auto& standing = entity_->standing();
  asked.answer.what = answer::kind::state;
  asked.answer.version = standing.version;
  asked.answer.exists = standing.exists();
  if (standing.exists()) {
    try {
      asked.take_state(entity_->type(), entity_->state());
    } catch (const std::exception& thrown) {
      fail(asked, entity_errc::entity_error,
           std::string("reading the state threw: ") + thrown.what());
    }
  }
}

void entity_process::process_command(request& asked) {
  execution& done = scratch_execution();
  std::optional<std::string> arguments;
  switch (decide(asked, done, arguments)) {
    case step::answered:
      return reply(asked);
    case step::broken:
      reply(asked);
      return rebuild();
    case step::changed:
      return accept(asked, done, std::move(arguments));
  }
}

/// The order of checks: known command id, deleted or absent, lease, expectation, business rules.
entity_process::step entity_process::decide(request& asked, execution& done,
                                            std::optional<std::string>& arguments) {
  if (asked.options && !asked.options->id.empty() && answer_known_id(asked)) {
    return step::answered;
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
  if (asked.expected.what() != expectation::kind::any) {
    try {
      admitted = entity_->admit(asked.command, asked.arguments(), asked.expected,
                                host_.rules_of_world().checks);
    } catch (const std::exception& thrown) {
      fail(asked, entity_errc::entity_error,
           std::string(command_name(asked)) + " on " + place_.key() +
               ": the entity's merge threw: " + thrown.what());
      return step::answered;
    }
    if (admitted.refused) {
      conflict(asked, *admitted.refused, admitted.in_the_way);
      return step::answered;
    }
    asked.answer.merged = admitted.merged;
  }
  if (asked.conditional &&
      (!entity_->standing().exists() || !asked.concerns(entity_->type(), entity_->state()))) {
    asked.answer.what = answer::kind::unmatched;
    return step::answered;
  }
  arguments = recorded_arguments(asked);
  done.reset(room_for_events(asked, arguments ? arguments->size() : 0));
  return execute(asked, admitted.instead ? admitted.instead.get() : asked.arguments(), done);
}

entity_process::step entity_process::execute(request& asked, const void* arguments,
                                             execution& done) {
  run(asked, arguments, done);
  switch (done.what()) {
    case execution::verdict::accepted:
      asked.answer.what = answer::kind::accepted;
      asked.answer.version = entity_->standing().version;
      asked.answer.text = done.reply();
      if (done.event_count() > 0) {
        return step::changed;
      }
      asked.remembered.reset(); // nothing happened that could happen twice
      return step::answered;
    case execution::verdict::rejected:
      asked.answer.what = answer::kind::rejected;
      asked.answer.text = done.reason();
      return step::answered;
    case execution::verdict::too_large:
      fail(asked, journal_errc::too_large,
           std::string(command_name(asked)) + " on " + place_.key() + ": " + done.reason() +
               " (limits::change_bytes_max)");
      return step::answered;
    case execution::verdict::broken:
      break;
  }
  fail(asked, entity_errc::entity_error,
       std::string(command_name(asked)) + " on " + place_.key() + ": " + done.reason());
  return step::broken;
}

void entity_process::conflict(request& asked, conflict_kind kind, aspect_set in_the_way) {
  asked.remembered.reset();
  asked.answer.what = answer::kind::conflict;
  asked.answer.conflict = kind;
  asked.answer.version = entity_->standing().version;
  const bool names_aspects = kind == conflict_kind::stale && !entity_->type().aspects.empty();
  const bool shows_state = asked.options && asked.options->show.state;
  if (!names_aspects && !shows_state && kind != conflict_kind::leased) {
    return;
  }
  auto details = std::make_shared<conflict_details>();
  if (names_aspects) {
    details->aspects = entity_->type().names_of(in_the_way);
  }
  if (kind == conflict_kind::leased) {
    details->left = lease_left();
  }
  if (shows_state) {
    details->type = &entity_->type();
    if (entity_->standing().exists()) {
      details->state = entity_->type().clone_state(entity_->state());
    }
  }
  asked.answer.details = std::move(details);
}

/// True: a lease stands in the way, or the one that the command comes with is none; the answer is set.
bool entity_process::refused_by_lease(request& asked) {
  const bool leased = lease_left().count() > 0;
  const bool with_token = asked.options && !asked.options->lease.empty();
  if (!with_token) {
    if (leased) {
      conflict(asked, conflict_kind::leased);
    }
    return leased;
  }
  if (leased && lease_->token == asked.options->lease) {
    return false;
  }
  fail(asked, entity_errc::lease_lost, lease_lost_text());
  return true;
}

std::string entity_process::lease_lost_text() const {
  return "the lease is unknown to " + place_.key() +
         " or has expired; read the entity again, and take a new one";
}

std::chrono::milliseconds entity_process::lease_left() {
  using std::chrono::milliseconds;
  if (!lease_) {
    return {};
  }
  const auto left = std::chrono::ceil<milliseconds>(lease_->until - host_.clock()());
  if (left.count() > 0) {
    return left;
  }
  lease_.reset();
  return {};
}

void entity_process::process_lease(request& asked) {
  const bool leased = lease_left().count() > 0;
  const bool with_token = asked.options && !asked.options->lease.empty();
  const auto most = entity_->type().lease_max;
  if ((with_token || asked.what == request::verb::release) &&
      !(leased && with_token && lease_->token == asked.options->lease)) {
    fail(asked, entity_errc::lease_lost, lease_lost_text());
  } else if (asked.what == request::verb::release) {
    asked.answer.what = answer::kind::leased;
    asked.answer.text = lease_->token;
    asked.answer.until = host_.clock()();
    lease_.reset();
  } else if (asked.lease_for.count() <= 0 || asked.lease_for > most) {
    fail(asked, entity_errc::invalid_command,
         "a lease of " + place_.key() + " lasts from 1 to " + std::to_string(most.count()) +
             " ms, not " + std::to_string(asked.lease_for.count()) + " (cairn::lease_ms_max)");
  } else if (!entity_->standing().exists()) {
    conflict(asked, entity_->standing().removed ? conflict_kind::deleted : conflict_kind::absent);
  } else if (leased && !with_token) {
    conflict(asked, conflict_kind::leased);
  } else {
    if (!lease_) {
      lease_ = std::make_unique<current_lease>(current_lease{new_token(), {}});
    }
    lease_->until = host_.clock()() + asked.lease_for;
    asked.answer.what = answer::kind::leased;
    asked.answer.text = lease_->token;
    asked.answer.until = lease_->until;
  }
  reply(asked);
}

void entity_process::hold(held_request& by) {
  held_ = std::make_unique<held>();
  held_->by = &by;
}

void entity_process::prepare(request& item, prepared_change& made) {
  item.activation = activation_;
  if (host_.has_stopped()) {
    auto stopped = host_.stopped();
    return fail(item, stopped.error, std::move(stopped.message));
  }
  if (item.what == request::verb::read) {
    return judge_assertion(item);
  }
  held_->before = entity_->save();
  execution& done = scratch_execution();
  std::optional<std::string> arguments;
  switch (decide(item, done, arguments)) {
    case step::answered:
      return;
    case step::broken:
      return entity_->go_back(std::move(held_->before)); // it was a copy that broke
    case step::changed:
      break;
  }
  item.removes = entity_->standing().removed;
  made.changes = true;
  made.why = cause_of(item, done, std::move(arguments));
  made.aspects = entity_->touched();
  made.events = done.events();
  made.event_count = done.event_count();
  held_->changed = true;
  if (item.remembered) {
    remember(item, done);
    held_->remembered = true;
  }
}

void entity_process::judge_assertion(request& item) {
  if (item.expected.what() != expectation::kind::any) {
    auto refused = judge_life(entity_->standing(), item.expected, false);
    aspect_set in_the_way = 0;
    if (!refused) {
      const auto admitted =
          entity_->admit(nullptr, nullptr, item.expected, host_.rules_of_world().checks);
      refused = admitted.refused;
      in_the_way = admitted.in_the_way;
    }
    if (refused) {
      return conflict(item, *refused, in_the_way);
    }
  }
  read_state(item);
}

void entity_process::let_go(held_request& by, bool counts) {
  if (!held_ || held_->by != &by) {
    return; // lost meanwhile, and so is the transaction
  }
  const auto ended = std::move(held_);
  if (ended->changed && counts) {
    entity_->ids().expire(entity_->standing().version);
    if (entity_->standing().removed) {
      lease_.reset();
    }
  } else if (ended->changed) {
    entity_->go_back(std::move(ended->before));
    if (ended->remembered) {
      entity_->ids().forget_newest();
    }
  }
  answer_waiting();
}

/// True: the id is known, or cannot be used, and the answer is set.
bool entity_process::answer_known_id(request& asked) {
  std::string arguments = "{}";
  if (asked.what == request::verb::command && asked.content() == nullptr) {
    arguments.clear();
    json::problem wrong;
    if (!asked.command->encode(arguments, asked.arguments(), wrong)) {
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
  if (known->content != content) {
    fail(asked, entity_errc::command_id_reused,
         "command id \"" + asked.options->id + "\" is known to " + place_.key() +
             " from another command or other arguments (version " + std::to_string(known->version) +
             ")");
    return true;
  }
  asked.answer.what = answer::kind::accepted;
  asked.answer.duplicate = true;
  asked.answer.merged = known->merged;
  asked.answer.version = known->version;
  asked.answer.text = known->reply; // its position follows when it is known to be durable
  asked.remembered = std::const_pointer_cast<remembered_command>(known);
  return true;
}

/// JSON of the command, where its type has the journal keep it and JSON can hold it.
std::optional<std::string> entity_process::recorded_arguments(const request& asked) const {
  std::optional<std::string> arguments;
  if (entity_->type().records_commands && asked.command != nullptr) {
    json::problem wrong;
    if (!asked.command->encode(arguments.emplace(), asked.arguments(), wrong)) {
      arguments.reset(); // its events may still be good
    }
  }
  return arguments;
}

void entity_process::run(request& asked, const void* arguments, execution& done) {
  const context ctx(random_, host_.clock(), place_.key(), entity_->standing().version,
                    principal_of(asked));
  try {
    if (asked.what == request::verb::remove) {
      entity_->remove(ctx, done);
    } else {
      entity_->execute(*asked.command, arguments, ctx, done);
    }
  } catch (const std::exception& thrown) {
    done.broke(std::string("the entity's code threw: ") + thrown.what());
  } catch (...) {
    done.broke("the entity's code threw something that is no std::exception");
  }
}

void entity_process::accept(request& asked, execution& done, std::optional<std::string> arguments) {
  const cause why = cause_of(asked, done, std::move(arguments));
  asked.removes = entity_->standing().removed;
  if (asked.removes) {
    lease_.reset();
  }
  static thread_local std::string encoded;
  encoded.clear();
  encode_change_body(encoded, why, entity_->touched(), done.events(), done.event_count());
  asked.body.assign(encoded.begin(), encoded.end());
  if (asked.remembered) {
    remember(asked, done);
  }
  entity_->ids().expire(asked.answer.version);
  asked.snapshot = snapshot_if_due();
  host_.hand_over(&asked);
}

cause entity_process::cause_of(request& asked, const execution& done,
                               std::optional<std::string> arguments) {
  cause why;
  why.command = command_name(asked);
  why.merged = asked.answer.merged;
  if (asked.remembered) {
    why.id = asked.options->id;
    why.content = asked.remembered->content;
  }
  if (asked.command != nullptr && asked.command->replies) {
    why.reply = done.reply();
  }
  why.arguments = std::move(arguments);
  if (asked.options) {
    why.meta = std::move(asked.options->meta);
  }
  return why;
}

void entity_process::remember(request& asked, const execution& done) {
  asked.remembered->id = asked.options->id;
  asked.remembered->version = asked.answer.version;
  asked.remembered->reply = done.reply();
  asked.remembered->merged = asked.answer.merged;
  entity_->ids().remember(asked.remembered);
}

std::unique_ptr<std::string> entity_process::snapshot_if_due() {
  const std::uint32_t every = entity_->type().snapshot_changes;
  if (every == 0 || entity_->standing().version % every != 0) {
    return nullptr;
  }
  auto body = std::make_unique<std::string>();
  json::problem wrong;
  const bool encoded = encode_snapshot(*body, *entity_, wrong);
  return encoded ? std::move(body)
                 : nullptr; // the state has no JSON now; the journal alone will do
}

/// Answers at once when everything that the answer may tell of is durable; else in line behind it
/// (invariant 3).
void entity_process::reply(request& asked) {
  if (asked.answer.what == answer::kind::conflict && asked.options &&
      (asked.options->show.missed || asked.options->show.paths)) {
    return explain(asked);
  }
  if (entity_->standing().version == place_.committed() && !entity_->broken()) {
    if (asked.answer.duplicate) {
      asked.answer.position = asked.remembered->position.load(std::memory_order_acquire);
    }
    asked.finish();
  } else {
    host_.hand_over(&asked);
  }
}

/// The past is known up to the expected version only where the command names one.
void entity_process::explain(request& asked) {
  const bool has_past = asked.expected.what() == expectation::kind::at &&
                        asked.expected.version() < asked.answer.version;
  explanation what{&asked, &host_, "null"};
  json::problem wrong;
  if (has_past && asked.options->show.paths && entity_->standing().exists()) {
    what.current_json.clear();
    entity_->encode_state(what.current_json, wrong);
  }
  asked.options->show.missed &= has_past;
  asked.options->show.paths &= has_past && wrong.message.empty();
  if (!has_past) {
    return reply(asked);
  }
  if (entity_->standing().version == place_.committed()) {
    host_.read_later([what = std::move(what)]() mutable { what.give(); });
  } else {
    host_.hand_over(request_ptr(new explain_request(std::move(what), activation_)));
  }
}

void entity_process::fail(request& asked, std::error_code error, std::string message) {
  asked.remembered.reset();
  asked.answer = {};
  asked.answer.what = answer::kind::failed;
  asked.answer.error = error;
  asked.answer.text = std::move(message);
}

/// What the entity has handed over stays good; its state is not to be trusted any more.
void entity_process::rebuild() {
  entity_.reset();
  place_.set_loaded(false);
  loading_ = true;
  host_.hand_over(request_ptr(new rebuild_request(host_, &place_, activation_)));
  ++activation_;
}

std::size_t entity_process::room_for_events(const request& asked,
                                            std::size_t arguments_bytes) const {
  std::size_t taken =
      body_overhead_bytes + place_.key().size() + command_name(asked).size() + arguments_bytes;
  if (asked.options) {
    taken += asked.options->id.size();
    for (const auto& [name, value] : asked.options->meta) {
      taken += name.size() + value.size() + 2 * sizeof(std::uint32_t);
    }
  }
  const std::size_t most = host_.rules_of_world().change_bytes_max;
  return taken < most ? most - taken : 0;
}

} // namespace cairn
