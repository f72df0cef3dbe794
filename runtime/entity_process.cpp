#include "runtime/entity_process.hpp"

#include <cairn/change.hpp>

#include "persistence/recovery.hpp"

#include <exception>
#include <functional>
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

/// One a thread: its buffers serve every entity that runs there.
execution& scratch_execution(std::size_t event_bytes_max) {
  static thread_local execution scratch(0);
  scratch.reset(event_bytes_max);
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
  if (entity_) {
    return process(*asked);
  }
  waiting_.push_back(std::move(asked));
  if (!loading_) {
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
    // Repeatable for a given seed, and not the same again after each passivation.
    random_source mixed(host_.rules_of_world().seed ^ std::hash<std::string_view>{}(place_.key()));
    random_ = random_source(mixed() + version);
  }
  const auto waited = std::exchange(waiting_, {});
  for (const auto& asked : waited) {
    if (!loaded.failure.ok()) {
      asked->activation = activation_;
      fail(*asked, loaded.failure.error, loaded.failure.message);
      asked->finish();
    } else {
      handle(asked); // not `process`: one of them may bring the entity down
    }
  }
}

void entity_process::handle_loss(std::uint64_t activation) {
  if (activation == activation_) {
    entity_.reset();
    ++activation_;
    start();
  }
}

bool entity_process::try_passivate() {
  if (place_.is_closed()) {
    return true;
  }
  if (loading_ || !waiting_.empty()) {
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
  if (host_.has_stopped()) {
    auto stopped = host_.stopped();
    fail(asked, stopped.error, std::move(stopped.message));
    return asked.finish();
  }
  if (asked.what == request::verb::read) {
    process_read(asked);
  } else {
    process_command(asked);
  }
}

void entity_process::process_read(request& asked) {
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
  reply(asked);
}

/// The order of checks: known command id, deleted or absent, expectation, business rules.
void entity_process::process_command(request& asked) {
  if (asked.options && !asked.options->id.empty() && answer_known_id(asked)) {
    return reply(asked);
  }
  const bool removes = asked.what == request::verb::remove;
  if (const auto kind =
          judge(entity_->standing(), asked.expected, removes, host_.rules_of_world().checks)) {
    asked.answer.what = answer::kind::conflict;
    asked.answer.conflict = *kind;
    asked.answer.version = entity_->standing().version;
    return reply(asked);
  }
  auto arguments = recorded_arguments(asked);
  execution& done = scratch_execution(room_for_events(asked, arguments ? arguments->size() : 0));
  execute(asked, done);
  switch (done.what()) {
    case execution::verdict::accepted:
      return accept(asked, done, std::move(arguments));
    case execution::verdict::rejected:
      asked.answer.what = answer::kind::rejected;
      asked.answer.text = done.reason();
      return reply(asked);
    case execution::verdict::too_large:
      fail(asked, journal_errc::too_large,
           std::string(command_name(asked)) + " on " + place_.key() + ": " + done.reason() +
               " (limits::change_bytes_max)");
      return reply(asked);
    case execution::verdict::broken:
      fail(asked, entity_errc::entity_error,
           std::string(command_name(asked)) + " on " + place_.key() + ": " + done.reason());
      reply(asked);
      return rebuild();
  }
}

/// True: the id is known, or cannot be used, and the answer is set.
bool entity_process::answer_known_id(request& asked) {
  std::string arguments = "{}";
  if (asked.what == request::verb::command) {
    arguments.clear();
    json::problem wrong;
    if (!asked.command->encode(arguments, asked.arguments(), wrong)) {
      wrong.under("args");
      fail(asked, entity_errc::entity_error, wrong.text());
      return true;
    }
  }
  const content_hash content = hash_content(command_name(asked), arguments);
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

void entity_process::execute(request& asked, execution& done) {
  const context ctx(random_, host_.clock(), place_.key(), entity_->standing().version,
                    principal_of(asked));
  try {
    if (asked.what == request::verb::remove) {
      entity_->remove(ctx, done);
    } else {
      entity_->execute(*asked.command, asked.arguments(), ctx, done);
    }
  } catch (const std::exception& thrown) {
    done.broke(std::string("the entity's code threw: ") + thrown.what());
  } catch (...) {
    done.broke("the entity's code threw something that is no std::exception");
  }
}

void entity_process::accept(request& asked, execution& done, std::optional<std::string> arguments) {
  asked.answer.what = answer::kind::accepted;
  asked.answer.version = entity_->standing().version;
  asked.answer.text = done.reply();
  if (done.event_count() == 0) {
    asked.remembered.reset(); // nothing happened that could happen twice
    return reply(asked);
  }
  cause why;
  why.command = command_name(asked);
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
  asked.removes = entity_->standing().removed;
  static thread_local std::string encoded;
  encoded.clear();
  encode_change_body(encoded, why, {}, done.events(), done.event_count());
  asked.body.assign(encoded.begin(), encoded.end());
  if (asked.remembered) {
    remember(asked, done);
  }
  entity_->ids().expire(asked.answer.version);
  attach_snapshot(asked);
  host_.hand_over(&asked);
}

void entity_process::remember(request& asked, const execution& done) {
  asked.remembered->id = asked.options->id;
  asked.remembered->version = asked.answer.version;
  asked.remembered->reply = done.reply();
  entity_->ids().remember(asked.remembered);
}

void entity_process::attach_snapshot(request& asked) {
  const std::uint32_t every = entity_->type().snapshot_changes;
  if (every == 0 || asked.answer.version % every != 0) {
    return;
  }
  auto body = std::make_unique<std::string>();
  json::problem wrong;
  if (encode_snapshot(*body, *entity_, wrong)) {
    asked.snapshot = std::move(body); // else the state has no JSON now; the journal alone will do
  }
}

/// Answers at once when everything that the answer may tell of is durable; else in line behind it
/// (invariant 3).
void entity_process::reply(request& asked) {
  if (entity_->standing().version == place_.committed() && !entity_->broken()) {
    if (asked.answer.duplicate) {
      asked.answer.position = asked.remembered->position.load(std::memory_order_acquire);
    }
    asked.finish();
  } else {
    host_.hand_over(&asked);
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
