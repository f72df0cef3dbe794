#include "runtime/entity/process.hpp"

#include "entities/text.hpp"
#include "runtime/agenda/agenda_requests.hpp"
#include "runtime/entity/byte_budget.hpp"
#include "runtime/entity/lease_table.hpp"
#include "runtime/entity/resting_snapshots.hpp"
#include "runtime/watch/world_metrics.hpp"

#include <functional>
#include <utility>

namespace cairn::runtime {

using detail::request;
using detail::request_ptr;

namespace {

/// Loads the entity anew once everything that its last activation handed over has met its fate.
class rebuild_request final : public request {
public:
  rebuild_request(entity_host& host, slot_ptr of, std::uint64_t last)
      : host_(host), slot_(std::move(of)), next_(last + 1) {
    what = verb::barrier;
    slot = slot_;
    activation = last;
  }

  void complete() noexcept override { host_.load(std::move(slot_), next_); }

private:
  entity_host& host_;
  slot_ptr slot_;
  std::uint64_t next_;
};

} // namespace

entity_process::entity_process(runtime::slot& slot, entity_host& host)
    : slot_(slot), host_(host), random_(0) {}

void entity_process::start() {
  loading_ = true;
  if (waiting_) {
    waiting_->to_be_failed = 0;
  }
  host_.load(&slot_, activation_);
}

void entity_process::handle(request_ptr asked) noexcept {
  detail::guard([&] { take(asked); }, [&](const std::string& thrown) { recover(*asked, thrown); });
}

void entity_process::handle(loaded_entity& loaded) noexcept {
  detail::guard([&] { take(loaded); },
                [&](const std::string& thrown) {
                  tell_thrown(thrown);
                  answering_ = false;
                  fail_waiting({entity_errc::entity_error, slot_.key() + ": " + thrown});
                });
}

/// The last guard: all that is known is which request was under way.
void entity_process::recover(request& asked, const std::string& thrown) {
  tell_thrown(thrown);
  if (std::exchange(under_way_, nullptr) != &asked) {
    return; // it has its answer, or waits for its turn
  }
  fail(asked, entity_errc::entity_error, slot_.key() + ": " + thrown);
  asked.body.clear();
  asked.snapshot.reset();
  asked.effects.reset();
  host_.hand_over(&asked); // in line: those before it are answered first
  if (entity_) {
    rebuild();
  }
}

void entity_process::take(const request_ptr& asked) {
  if (asked->what >= request::verb::settle) { // these do not wait with those who wait for them
    if (asked->what == request::verb::turn) {
      turn_is_due_ = false;
      return answer_waiting();
    }
    const auto& end = static_cast<const settle_request&>(*asked);
    return let_go(end.serial(), end.counts());
  }
  if (entity_ && !held_ && !waiting_) {
    return process(*asked);
  }
  if (!entity_ && asked->what == request::verb::rest) {
    return asked->finish(); // nothing is loaded for that
  }
  wait(asked);
}

void entity_process::wait(request_ptr asked) {
  asked->came_cold = !entity_;
  if (!waiting_) {
    waiting_ = std::make_unique<waiting>();
  }
  waiting_->line.push(std::move(asked));
  if (!entity_ && !loading_ && waiting_->to_be_failed == 0) {
    start(); // the last attempt failed, and those who waited for it know
  }
}

void entity_process::take(loaded_entity& loaded) {
  if (loaded.activation != activation_ || entity_) { // of the past, or loaded beforehand too
    return;
  }
  loading_ = false;
  if (loaded.entity) {
    entity_.emplace(std::move(*loaded.entity));
    const version_type version = entity_->standing().version;
    slot_.set_committed(version);
    slot_.set_snapshotted(loaded.snapshot);
    snapshot_phase_ = snapshot_phase(slot_.type(), slot_.key());
    slot_.set_loaded(true);
    if (!lease_) {
      lease_ = host_.rules_of_world().leases->find(slot_.key());
    }
    // Repeatable for a given seed, and not the same again after each passivation.
    random_source mixed(host_.rules_of_world().seed ^ std::hash<std::string_view>{}(slot_.key()));
    random_ = random_source(mixed() + version);
    host_.entity_loaded(slot_.key());
  }
  if (loaded.failure.ok()) {
    return answer_waiting();
  }
  if (loaded.failure.error == entity_errc::entity_error) {
    count_thrown();
  }
  fail_waiting(loaded.failure);
}

/// Those who have come so far are told.
void entity_process::fail_waiting(const status& why) {
  if (waiting_) {
    waiting_->load_failed = why;
    waiting_->to_be_failed = waiting_->line.size();
    answer_waiting();
  }
}

/// Those who waited, in order, a few at a time: then others have their turn, a transaction's other entities among
/// them. One of those who waited may bring the entity down, or hold it: then the rest waits again.
void entity_process::answer_waiting() {
  constexpr int at_once = 64;
  if (std::exchange(answering_, true)) {
    return; // one of them let the entity go
  }
  for (int left = at_once; left > 0 && waiting_ && may_answer(); --left) {
    answer_first();
  }
  answering_ = false;
  if (waiting_ && may_answer()) {
    if (!std::exchange(turn_is_due_, true)) {
      slot_.deliver_later(request_ptr(new turn_request));
    }
  } else if (waiting_ && !entity_ && !loading_) {
    start(); // they came behind those who know that the last attempt failed
  }
}

bool entity_process::may_answer() const noexcept {
  return waiting_->to_be_failed > 0 || (entity_ && !held_);
}

void entity_process::answer_first() {
  const request_ptr asked = waiting_->line.pop();
  const bool fails = waiting_->to_be_failed > 0;
  const status why = fails ? waiting_->load_failed : status{};
  waiting_->to_be_failed -= fails ? 1U : 0U;
  if (waiting_->line.empty()) {
    waiting_.reset();
  }
  if (!fails) {
    detail::guard([&] { process(*asked); },
                  [&](const std::string& thrown) { recover(*asked, thrown); });
    return;
  }
  if (asked->what == request::verb::hold) {
    return static_cast<held_request&>(*asked).abandon(why.error, why.message);
  }
  asked->activation = activation_;
  asked->not_loaded = true;
  fail(*asked, why.error, why.message);
  asked->finish();
}

void entity_process::handle_loss(std::uint64_t activation) noexcept {
  if (activation == activation_) {
    entity_.reset();
    held_.reset(); // the transaction's changes are refused with the rest of this activation
    slot_.set_loaded(false);
    ++activation_;
    detail::guard([this] { start(); }, [this](const std::string& thrown) { tell_thrown(thrown); });
  }
}

bool entity_process::try_passivate() noexcept {
  if (slot_.is_closed()) {
    return true;
  }
  if (loading_ || held_ || waiting_) {
    slot_.stay();
    return false;
  }
  auto snapshot = snapshot_on_leaving();
  if (!slot_.try_leave()) {
    return false;
  }
  host_.retire(slot_);
  if (snapshot) {
    host_.hand_over(std::move(snapshot));
  }
  return true;
}

void entity_process::process(request& asked) {
  asked.activation = activation_;
  if (asked.sampled) {
    host_.rules_of_world().metrics->stages().leave(stage::mailbox, asked);
  }
  if (asked.what == request::verb::hold) {
    return static_cast<held_request&>(asked).arrive(*this);
  }
  under_way_ = &asked;
  if (host_.has_stopped()) {
    auto stopped = host_.stopped();
    fail(asked, stopped.error, std::move(stopped.message));
    return finish(asked);
  }
  switch (asked.what) {
    case request::verb::read:
      return process_read(asked);
    case request::verb::lease:
    case request::verb::release:
      return process_lease(asked);
    case request::verb::wake:
      return finish(asked);
    case request::verb::fire:
      return process_fire(static_cast<fire_request&>(asked));
    case request::verb::undelivered:
      return process_undelivered(static_cast<undelivered_request&>(asked));
    case request::verb::resend:
      return process_resend(asked);
    case request::verb::rest:
      return process_rest(static_cast<rest_request&>(asked));
    default:
      return process_command(asked);
  }
}

void entity_process::process_read(request& asked) {
  if (has_room_to_read(asked)) {
    read_state(asked);
  }
  reply(asked);
}

/// A copy that is given away at once is its reader's; one that waits for a write is held by the world. False: there
/// is no room for that, and the answer is set.
bool entity_process::has_room_to_read(request& asked) {
  if (is_at_rest()) {
    return true;
  }
  const std::size_t bytes = state_bytes();
  if (bytes < byte_budget::counted_from) {
    return true;
  }
  auto& budget = *host_.rules_of_world().bytes;
  if (budget.held() + bytes > budget.most()) {
    fail(asked, runtime_errc::overloaded,
         "the state of " + slot_.key() + " has " + std::to_string(bytes) +
             " bytes, too many beside the " + std::to_string(budget.held()) + " in flight, of " +
             std::to_string(budget.most()) + " (limits::in_flight_bytes_max)");
    return false;
  }
  slot_.take(asked, bytes, host_);
  return true;
}

std::size_t entity_process::state_bytes() const {
  return entity_->standing().exists() ? entity_->type().state_bytes(entity_->state()) : 0;
}

/// Everything that the entity could tell of is durable.
bool entity_process::is_at_rest() const noexcept {
  return entity_->standing().version == slot_.committed() && !entity_->broken();
}

/// Puts the request in line, with what it has come to hold counted.
void entity_process::hand_over(request& asked) {
  under_way_ = nullptr;
  const std::size_t bytes =
      asked.body.size() + asked.answer.text.size() + (asked.snapshot ? asked.snapshot->size() : 0);
  if (bytes >= byte_budget::counted_from) {
    slot_.take(asked, bytes, host_);
  }
  host_.hand_over(&asked);
}

void entity_process::read_state(request& asked) {
  const auto& standing = entity_->standing();
  asked.answer.what = answer::kind::state;
  asked.answer.version = standing.version;
  asked.answer.exists = standing.exists();
  if (standing.exists()) {
    ask_entity(asked, "reading the state",
               [&] { asked.take_state(entity_->type(), entity_->state()); });
  }
}

/// Answers at once when everything that the answer may tell of is durable; else in line behind it
/// (invariant 3).
void entity_process::reply(request& asked) {
  if (asked.answer.what == answer::kind::conflict && asked.options &&
      (asked.options->show.missed || asked.options->show.paths)) {
    return explain(asked);
  }
  if (asked.answer.duplicate && asked.remembered->what != remembered_command::known::all) {
    return answer_from_journal(asked);
  }
  if (is_at_rest()) {
    if (asked.answer.duplicate) {
      asked.answer.position = asked.remembered->position.load(std::memory_order_acquire);
    }
    finish(asked);
  } else {
    hand_over(asked);
  }
}

void entity_process::finish(request& asked) {
  under_way_ = nullptr;
  asked.finish();
}

void entity_process::fail(request& asked, std::error_code error, std::string message) {
  asked.remembered.reset();
  asked.answer = {};
  asked.answer.what = answer::kind::failed;
  asked.answer.error = error;
  asked.answer.text = text_for_people(std::move(message));
}

void entity_process::count_thrown() const noexcept {
  if (auto* const metrics = host_.rules_of_world().metrics) {
    metrics->thrown().count(user_code::entity);
  }
}

/// Where no failed answer says so.
void entity_process::tell_thrown(const std::string& thrown) const noexcept {
  if (auto* const metrics = host_.rules_of_world().metrics) {
    metrics->thrown().tell(user_code::entity, slot_.key(), thrown);
  }
}

/// What the entity has handed over stays good; its state is not to be trusted any more.
void entity_process::rebuild() {
  request_ptr anew(new rebuild_request(host_, &slot_, activation_));
  entity_.reset();
  slot_.set_loaded(false);
  loading_ = true;
  ++activation_;
  host_.hand_over(std::move(anew));
}

} // namespace cairn::runtime
