#include "runtime/entity/transaction_flow.hpp"

#include <cairn/detail/guard.hpp>

#include "entities/bytes.hpp"
#include "persistence/replay/recovery.hpp"
#include "runtime/entity/byte_budget.hpp"
#include "runtime/entity/first_answer.hpp"
#include "runtime/entity/process.hpp"
#include "runtime/watch/world_metrics.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace cairn::runtime {

using detail::request;
using detail::request_ptr;
using detail::transaction_result;

namespace {

/// What tells two transactions of one id apart: entities, commands and arguments in their order. Of an assertion the
/// entity counts, what it expects does not.
/// False: an item's arguments have no JSON.
bool hash_plan(const detail::transaction_plan& plan, content_hash& content, json::problem& wrong) {
  std::string all;
  for (std::size_t i = 0; i < plan.items.size(); ++i) {
    const auto& item = plan.items[i];
    put_bytes(all, item.address.key());
    if (item.what == request::verb::read) {
      put_bytes(all, ""); // no command has this name
      continue;
    }
    put_bytes(all, item.command != nullptr ? item.command->name : remove_command);
    std::string arguments;
    if (item.command != nullptr && !item.command->encode(arguments, item.arguments.get(), wrong)) {
      wrong.under("args");
      wrong.under(i);
      wrong.under("items");
      return false;
    }
    put_bytes(all, arguments);
  }
  content = hash_content("$transact", all);
  return true;
}

} // namespace

transaction_flow::item_request::item_request(const detail::transaction_item& item,
                                             const send_options& whole, const content_hash& content)
    : item_(item), content_(content) {
  what = item.what;
  command = item.command;
  expected = item.expected;
  conditional = static_cast<bool>(item.concerns);
  if (what != verb::read && (whole.anything() || !item.lease.empty())) {
    options = std::make_unique<send_options>();
    options->id = whole.id;
    options->meta = whole.meta;
    options->lease = item.lease;
  }
}

/// Comes back when its entity is in memory.
class transaction_flow::wake_request final : public request {
public:
  explicit wake_request(boost::intrusive_ptr<transaction_flow> flow) : flow_(std::move(flow)) {
    what = verb::wake;
  }
  void complete() noexcept override { flow_->woken(answer); }

private:
  boost::intrusive_ptr<transaction_flow> flow_;
};

transaction_flow::transaction_flow(entity_host& host, detail::transaction_plan plan, callback then)
    : host_(host), then_(std::move(then)), plan_(std::move(plan)), steps_(plan_.items.size()) {
  what = verb::hold;
  if (!plan_.options.id.empty()) {
    detail::guard(
        [this] {
          json::problem wrong;
          if (!hash_plan(plan_, content_, wrong)) {
            problem_ = {entity_errc::entity_error, wrong.text()};
          }
        },
        [this](const std::string& thrown) {
          problem_ = {entity_errc::entity_error,
                      "writing a command of the transaction as JSON threw: " + thrown};
        });
  }
  std::vector<std::size_t> order(steps_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [this](std::size_t a, std::size_t b) {
    return plan_.items[a].address.key() < plan_.items[b].address.key();
  });
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    steps_[i].index = order[i];
    steps_[i].item.emplace(plan_.items[order[i]], plan_.options, content_);
  }
  parts_.parts.reserve(steps_.size());
}

const detail::entity_address& transaction_flow::address(std::size_t at) const noexcept {
  return plan_.items[steps_[at].index].address;
}

std::string_view transaction_flow::doubled_key() const noexcept {
  for (std::size_t i = 1; i < steps_.size(); ++i) {
    if (address(i).key() == address(i - 1).key()) {
      return address(i).key();
    }
  }
  return {};
}

void transaction_flow::refuse(std::error_code error, std::string message) {
  answer.error = error;
  answer.text = std::move(message);
  answer_with(result());
}

void transaction_flow::count(std::size_t bytes) {
  if (bytes >= byte_budget::counted_from) {
    host_.rules_of_world().bytes->take(bytes);
    held_bytes_ += bytes;
  }
}

void transaction_flow::start(std::size_t taken_bytes) {
  held_bytes_ = taken_bytes;
  slot = steps_.front().slot;
  std::vector<slot_ptr> cold;
  for (auto& each : steps_) {
    each.item->slot = each.slot;
    if (!each.slot->is_loaded()) {
      cold.push_back(each.slot);
    }
  }
  if (cold.empty()) {
    return go_on();
  }
  loading_.store(cold.size(), std::memory_order_relaxed);
  for (const auto& each : cold) {
    each->deliver(request_ptr(new wake_request(this)));
  }
}

void transaction_flow::woken(const cairn::answer& given) {
  if (given.error) {
    const std::lock_guard lock(mutex_);
    load_failure_ = given;
  }
  if (loading_.fetch_sub(1, std::memory_order_acq_rel) > 1) {
    return;
  }
  const std::lock_guard lock(mutex_);
  if (load_failure_.error) {
    answer = std::move(load_failure_);
    return finish();
  }
  go_on();
}

void transaction_flow::go_on() { steps_[next_].slot->deliver(request_ptr(this)); }

void transaction_flow::arrive(entity_process& at) noexcept {
  const request_ptr keep(this);
  detail::guard([&] { go_through(at); }, [&](const std::string& thrown) { break_off(at, thrown); });
}

/// What the entities' own code throws they have caught; so this is the last guard.
void transaction_flow::break_off(entity_process& at, const std::string& thrown) {
  host_.rules_of_world().metrics->thrown().tell(user_code::unknown, at.slot().key(), thrown);
  if (unit != nullptr) {
    return; // handed over: its answer comes
  }
  answer = {};
  answer.error = entity_errc::entity_error;
  answer.text = at.slot().key() + ": " + thrown;
  settle(&at, false);
  finish();
}

void transaction_flow::go_through(entity_process& at) {
  at.hold(*this);
  auto& here = steps_[next_];
  auto& part = parts_.parts.emplace_back();
  // The first body of a transaction with an id tells how all of it went, which is not known before the end.
  const bool later = !plan_.options.id.empty();
  const std::size_t versions = later && parts_.changes == 0 ? steps_.size() : 0;
  part.changes = at.prepare(*here.item, later ? &here.made : nullptr, part.body, versions);
  part.slot = here.slot;
  part.activation = at.activation();
  part.version = here.item->answer.version;
  const bool copies_state = here.item->answer.what == answer::kind::state;
  count(part.body.size() + here.made.events.size() + (copies_state ? at.state_bytes() : 0));
  if (part.changes) {
    part.removes = here.item->removes;
    part.effects = std::move(here.item->effects);
    part.remembered = here.item->remembered;
    part.snapshot = at.snapshot_if_due();
    parts_.snapshot_bytes += part.snapshot ? part.snapshot->size() : 0;
    ++parts_.changes;
  }
  if (++next_ < steps_.size()) {
    return go_on();
  }
  decide(at);
}

void transaction_flow::abandon(std::error_code error, const std::string& message) {
  answer.error = error;
  answer.text = message;
  settle(nullptr, false);
  finish();
}

/// Every entity is held, and has said what it thinks.
void transaction_flow::decide(entity_process& at) {
  const request_ptr keep(this);
  const bool counts = tally() && seal();
  if (counts) {
    answer.what = answer::kind::accepted;
  } else {
    parts_.changes = 0; // nothing of it is written; the reply still waits for what it may tell of
    for (auto& part : parts_.parts) {
      part.changes = false;
    }
  }
  unit = &parts_;
  host_.hand_over(request_ptr(this));
  settle(&at, counts);
}

/// True: nothing stands in the way. A known id comes before everything else, at whichever entity.
bool transaction_flow::tally() {
  const cairn::answer* failure = nullptr;
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    const auto& each = steps_[i];
    const auto& given = each.item->answer;
    if (given.what == answer::kind::failed) {
      const bool reused = given.error == entity_errc::command_id_reused;
      failure = failure == nullptr || reused ? &given : failure;
    }
    if (given.what == answer::kind::accepted && given.duplicate && !first_answer_) {
      first_answer_ = each.item->remembered;
      first_answer_at_ = i;
      has_version_alone_ = first_answer_->what == remembered_command::known::version_alone;
    }
    refused_ |= given.what == answer::kind::conflict || given.what == answer::kind::rejected;
  }
  if (failure != nullptr && (!first_answer_ || failure->error == entity_errc::command_id_reused)) {
    answer = *failure;
    return false;
  }
  return !first_answer_ && !refused_;
}

/// Makes the bodies that are not made yet. False: they are too large together, and the answer is set.
bool transaction_flow::seal() {
  std::vector<version_type> versions; // for the first body
  if (!plan_.options.id.empty()) {
    versions.resize(steps_.size());
    for (const auto& each : steps_) {
      versions[each.index] = each.item->answer.version;
    }
  }
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    auto& part = parts_.parts[i];
    if (!part.changes) {
      continue;
    }
    if (!plan_.options.id.empty()) {
      steps_[i].made.encode(part.body, *steps_[i].item, versions);
      versions.clear();
    }
    parts_.bytes += part.body.size();
  }
  const std::size_t most = host_.rules_of_world().unit_bytes_max;
  if (parts_.bytes > most) {
    answer.error = journal_errc::too_large;
    answer.text = "the changes of the transaction take " + std::to_string(parts_.bytes) +
                  " bytes; a unit has " + std::to_string(most) +
                  " at most (limits::batch_bytes_max)";
    return false;
  }
  return true;
}

/// Lets those go that are held. The entity whose thread this is need not be sent a message.
void transaction_flow::settle(entity_process* at, bool counts) {
  for (std::size_t i = 0; i < next_; ++i) {
    if (at == nullptr || &at->slot() != steps_[i].slot.get()) {
      steps_[i].slot->deliver(request_ptr(new settle_request(serial(), counts)));
    }
  }
  if (at != nullptr) {
    at->let_go(serial(), counts);
  }
}

transaction_result transaction_flow::result() {
  transaction_result ended;
  if (answer.error) {
    ended.failure = detail::failure_of(answer);
    return ended;
  }
  ended.what = refused_ ? transaction_result::kind::refused : transaction_result::kind::accepted;
  ended.position = answer.position;
  ended.changed = parts_.changes > 0;
  ended.items.resize(steps_.size());
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    auto& told = ended.items[steps_[i].index];
    told.answer = std::move(steps_[i].item->answer);
    told.changed = parts_.parts[i].changes;
    if (refused_) {
      told.entity = address(i).key();
      told.expected = steps_[i].item->expected;
    }
  }
  return ended;
}

void transaction_flow::complete() noexcept {
  if (first_answer_ && !answer.error) {
    host_.read_later([self = boost::intrusive_ptr<transaction_flow>(this)] {
      transaction_result found;
      if (auto read = self->read_first_answer(found); !read.ok()) {
        const bool reused = read.error == entity_errc::command_id_reused;
        found.failure = {read.error, reused ? fate::not_written : fate::in_doubt, read.message};
      }
      self->answer_with(std::move(found));
    });
  } else {
    answer_with(result());
  }
  for (std::size_t i = 1; i < steps_.size(); ++i) {
    steps_[i].slot->leave(); // the first one's leaves with the request itself
  }
}

/// The unit in the journal says what the first answer was.
status transaction_flow::read_first_answer(transaction_result& found) const {
  position_type known = first_answer_->position.load(std::memory_order_acquire);
  if (has_version_alone_) {
    change first;
    if (auto read = cairn::runtime::read_first_answer(
            host_.journal(), address(first_answer_at_).key(), *first_answer_, first);
        !read.ok()) {
      return read;
    }
    known = first.position;
  }
  found.items.resize(steps_.size());
  status decoded;
  auto read = host_.journal().scan(known, [&](const record& stored) {
    change made;
    decoded = decode_change(stored, made);
    if (!decoded.ok()) {
      return false;
    }
    if (made.unit_index == 0) {
      found.position = made.position;
      for (std::size_t i = 0; i < made.cause.item_versions.size() && i < found.items.size(); ++i) {
        found.items[i].answer.version = made.cause.item_versions[i];
      }
    }
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      if (address(i).key() == made.entity) {
        auto& given = found.items[steps_[i].index].answer;
        given.version = made.version;
        given.merged = made.cause.merged;
        given.text = made.cause.reply.value_or("");
      }
    }
    return made.unit_index + 1 < made.unit_size;
  });
  if (!read.ok() || !decoded.ok()) {
    return read.ok() ? decoded : read;
  }
  found.what = transaction_result::kind::accepted;
  found.changed = true;
  found.duplicate = true;
  for (auto& each : found.items) {
    each.answer.what = answer::kind::accepted;
  }
  return {};
}

void transaction_flow::answer_with(transaction_result ended) noexcept {
  const auto& rules = host_.rules_of_world();
  const std::size_t bytes = std::exchange(held_bytes_, 0);
  rules.metrics->ended(plan_, ended);
  const auto then = std::exchange(then_, nullptr);
  detail::guard([&] { then(std::move(ended)); },
                [this](const std::string& thrown) {
                  const std::string first = plan_.items.empty() ? "" : address(0).key();
                  host_.rules_of_world().metrics->thrown().tell(user_code::callback, first, thrown);
                });
  rules.bytes->give_back(bytes);
}

} // namespace cairn::runtime
