#include "runtime/transaction_flow.hpp"

#include "entities/bytes.hpp"
#include "persistence/recovery.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace cairn {

using detail::request;
using detail::request_ptr;
using detail::transaction_result;

namespace {

/// What tells two transactions of one id apart: entities, commands and arguments in their order.
content_hash hash_of(const detail::transaction_plan& plan) {
  std::string all;
  for (const auto& item : plan.items) {
    if (item.what == request::verb::read) {
      continue; // what it expects is no content
    }
    put_bytes(all, item.address.key());
    put_bytes(all, item.command != nullptr ? item.command->name : remove_command);
    std::string arguments;
    json::problem wrong;
    if (item.command != nullptr) {
      item.command->encode(arguments, item.arguments.get(), wrong);
    }
    put_bytes(all, arguments);
  }
  return hash_content("$transact", all);
}

} // namespace

/// One item, in the form in which its entity judges any other request. It is never answered by itself.
class transaction_flow::item_request final : public request {
public:
  item_request(const detail::transaction_item& item, const send_options& whole,
               const content_hash& content)
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

  const void* arguments() const noexcept override { return item_.arguments.get(); }
  const content_hash* content() const noexcept override { return &content_; }
  bool concerns(const entity_type& type, const void* state) override {
    return item_.concerns(type, state);
  }
  void take_state(const entity_type& type, const void* state) override {
    if (item_.take_state) {
      item_.take_state(type, state);
    }
  }
  void complete() noexcept override {}

private:
  const detail::transaction_item& item_;
  const content_hash& content_;
};

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
    : host_(host),
      then_(std::move(then)),
      plan_(std::move(plan)),
      order_(plan_.items.size()),
      made_(plan_.items.size()),
      parts_(std::make_shared<detail::unit_of_entities>()) {
  what = verb::hold;
  if (!plan_.options.id.empty()) {
    content_ = hash_of(plan_);
  }
  for (const auto& item : plan_.items) {
    items_.emplace_back(new item_request(item, plan_.options, content_));
  }
  std::iota(order_.begin(), order_.end(), std::size_t{0});
  std::sort(order_.begin(), order_.end(),
            [this](std::size_t a, std::size_t b) { return address(a).key() < address(b).key(); });
}

transaction_flow::~transaction_flow() = default;

const detail::entity_address& transaction_flow::address(std::size_t item) const noexcept {
  return plan_.items[item].address;
}

transaction_flow::item_request& transaction_flow::item(std::size_t step) noexcept {
  return *items_[order_[step]];
}

void transaction_flow::refuse(std::error_code error, std::string message) {
  answer.error = error;
  answer.text = std::move(message);
  answer_with(result());
}

void transaction_flow::start(std::vector<slot_ptr> places) {
  started_ = true;
  places_ = std::move(places);
  target = places_.front();
  std::vector<slot_ptr> cold;
  for (std::size_t step = 0; step < places_.size(); ++step) {
    item(step).target = places_[step];
    if (!places_[step]->is_loaded()) {
      cold.push_back(places_[step]);
    }
  }
  loading_.store(cold.size(), std::memory_order_relaxed);
  if (cold.empty()) {
    return go_on();
  }
  for (const auto& place : cold) {
    place->deliver(request_ptr(new wake_request(this)));
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

void transaction_flow::go_on() { places_[next_]->deliver(request_ptr(this)); }

void transaction_flow::arrive(entity_process& at) {
  at.hold(*this);
  auto& judged = item(next_);
  at.prepare(judged, made_[next_]);
  auto& part = parts_->parts.emplace_back();
  part.target = places_[next_];
  part.activation = at.activation();
  part.version = judged.answer.version;
  if (made_[next_].changes) {
    part.changes = true;
    part.removes = judged.removes;
    part.remembered = judged.remembered;
    part.snapshot = at.snapshot_if_due();
    ++parts_->changes;
  }
  if (++next_ < order_.size()) {
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
    unit = parts_;
  } else {
    parts_->changes = 0; // nothing of it is written; the reply still waits for what it may tell of
    for (auto& part : parts_->parts) {
      part.changes = false;
    }
    unit = parts_;
  }
  host_.hand_over(request_ptr(this));
  settle(&at, counts);
}

/// True: nothing stands in the way.
bool transaction_flow::tally() {
  for (const auto& judged : items_) {
    const auto& given = judged->answer;
    if (given.what == answer::kind::failed) {
      answer = given;
      return false;
    }
    if (given.what == answer::kind::accepted && given.duplicate && !first_answer_) {
      first_answer_ = judged->remembered;
    }
    refused_ |= given.what == answer::kind::conflict || given.what == answer::kind::rejected;
  }
  return !first_answer_ && !refused_;
}

/// Makes the changes' bodies. False: they are too large together, and the answer is set.
bool transaction_flow::seal() {
  std::string encoded;
  bool first = true;
  for (std::size_t step = 0; step < order_.size(); ++step) {
    auto& made = made_[step];
    auto& part = parts_->parts[step];
    if (!part.changes) {
      continue;
    }
    if (std::exchange(first, false) && !plan_.options.id.empty()) {
      for (const auto& each : items_) {
        made.why.item_versions.push_back(each->answer.version);
      }
    }
    encoded.clear();
    encode_change_body(encoded, made.why, made.aspects, made.events, made.event_count);
    part.body.assign(encoded.begin(), encoded.end());
    parts_->bytes += encoded.size();
  }
  const std::size_t most = host_.rules_of_world().unit_bytes_max;
  if (parts_->bytes > most) {
    answer.error = journal_errc::too_large;
    answer.text = "the changes of the transaction take " + std::to_string(parts_->bytes) +
                  " bytes; a unit has " + std::to_string(most) +
                  " at most (limits::batch_bytes_max)";
    return false;
  }
  return true;
}

/// Lets those go that are held. The entity whose thread this is need not be sent a message.
void transaction_flow::settle(entity_process* at, bool counts) {
  for (std::size_t step = 0; step < next_; ++step) {
    if (at == nullptr || &at->place() != places_[step].get()) {
      places_[step]->deliver(request_ptr(new settle_request(this, counts)));
    }
  }
  if (at != nullptr) {
    at->let_go(*this, counts);
  }
}

bool transaction_flow::looks_up_first_answer() const noexcept {
  return first_answer_ && answer.error == std::error_code{};
}

transaction_result transaction_flow::result() {
  transaction_result ended;
  if (answer.error) {
    ended.failure = detail::failure_of(answer);
    return ended;
  }
  ended.what = refused_ ? transaction_result::kind::refused : transaction_result::kind::accepted;
  ended.position = answer.position;
  ended.changed = unit && unit->changes > 0;
  for (const auto& judged : items_) {
    ended.items.push_back({std::move(judged->answer)});
  }
  return ended;
}

void transaction_flow::complete() noexcept {
  if (looks_up_first_answer()) {
    host_.read_later([self = boost::intrusive_ptr<transaction_flow>(this)] {
      transaction_result found;
      self->read_first_answer(found);
      self->answer_with(std::move(found));
    });
  } else {
    answer_with(result());
  }
  for (std::size_t step = 1; step < places_.size(); ++step) {
    places_[step]->leave(); // the first one's leaves with the request itself
  }
}

/// The unit in the journal says what the first answer was.
void transaction_flow::read_first_answer(transaction_result& found) const {
  const position_type known = first_answer_->position.load(std::memory_order_acquire);
  found.items.resize(items_.size());
  status decoded;
  auto read = host_.journal().scan(known, [&](const record& stored) {
    change made;
    decoded = decode_change(stored, made);
    if (!decoded.ok()) {
      return false;
    }
    if (made.unit_index == 0) {
      found.position = made.position;
      for (std::size_t i = 0; i < made.cause.item_versions.size() && i < items_.size(); ++i) {
        found.items[i].answer.version = made.cause.item_versions[i];
      }
    }
    for (std::size_t i = 0; i < items_.size(); ++i) {
      if (address(i).key() == made.entity) {
        auto& given = found.items[i].answer;
        given.version = made.version;
        given.merged = made.cause.merged;
        given.text = made.cause.reply.value_or("");
      }
    }
    return made.unit_index + 1 < made.unit_size;
  });
  if (!read.ok() || !decoded.ok()) {
    const status& why = read.ok() ? decoded : read;
    found.failure = {why.error, fate::in_doubt, why.message};
    return;
  }
  found.what = transaction_result::kind::accepted;
  found.changed = true;
  found.duplicate = true;
  for (auto& each : found.items) {
    each.answer.what = answer::kind::accepted;
  }
}

void transaction_flow::answer_with(transaction_result ended) noexcept {
  std::exchange(then_, nullptr)(std::move(ended));
}

} // namespace cairn
