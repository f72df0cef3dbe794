#include <cairn/detail/guard.hpp>

#include "entities/text.hpp"
#include "runtime/entity/transaction_flow.hpp"
#include "runtime/threads/own_thread.hpp"
#include "runtime/world/core.hpp"

#include <algorithm>
#include <utility>

/// How requests come in, or are refused at the door.
namespace cairn::runtime {

namespace {

/// Says what is wrong.
bool no(status& wrong, std::error_code error, std::string message) {
  wrong = {error, std::move(message)};
  return false;
}

} // namespace

void world_core::submit(const detail::entity_address& to, detail::request_ptr sent) {
  // Without counting: who goes on sending must not keep it open.
  if (closing_.load(std::memory_order_seq_cst)) {
    return refuse(to, *sent, is_closing());
  }
  // Counted before `closing_` is looked at: `close` sets that first and then waits for the count.
  let_in(to, std::move(sent), in_flight_.fetch_add(1, std::memory_order_seq_cst));
}

void world_core::submit_own(const detail::entity_address& to, detail::request_ptr sent) {
  if (closing_.load(std::memory_order_seq_cst)) {
    return refuse(to, *sent, is_closing());
  }
  in_flight_.fetch_add(1, std::memory_order_seq_cst);
  let_in(to, std::move(sent), 0);
}

void world_core::let_in(const detail::entity_address& to, detail::request_ptr sent,
                        std::size_t in_flight_before) {
  slot_ptr slot;
  status wrong;
  const bool entered = admits(in_flight_before, wrong) && is_good(to, wrong) &&
                       (!sent->options || is_good(*sent->options, wrong)) &&
                       enter(to, slot, wrong) &&
                       (!may_be_large(*sent) || fits(*sent, *slot, wrong));
  if (!entered) {
    refuse(to, *sent, std::move(wrong));
    return request_finished();
  }
  stage_times::sample(*sent);
  auto& there = *slot;
  sent->slot = std::move(slot);
  there.deliver(std::move(sent));
}

bool world_core::admits(std::size_t in_flight_before, status& wrong) const {
  if (closing_.load(std::memory_order_seq_cst)) {
    wrong = is_closing();
    return false;
  }
  if (has_stopped_.load(std::memory_order_acquire)) {
    wrong = stopped();
    return false;
  }
  if (in_flight_before >= options_.limits.in_flight_max) {
    return no(wrong, runtime_errc::overloaded,
              "the world has " + std::to_string(in_flight_before) +
                  " requests in flight (limits::in_flight_max)");
  }
  return true;
}

bool world_core::is_good(const detail::entity_address& to, status& wrong) const {
  const auto& types = types_.get();
  if (std::find(types.begin(), types.end(), &to.type()) == types.end()) {
    return no(wrong, entity_errc::unknown_type,
              "the world does not host the type of " + to.key() + ": call world.host<…>() first");
  }
  if (!to.problem().empty()) {
    return no(wrong, entity_errc::invalid_entity, to.problem());
  }
  return true;
}

bool world_core::enter(const detail::entity_address& to, slot_ptr& slot, status& wrong) {
  switch (directory_->enter(to, slot)) {
    case directory::entry::entered:
      return true;
    case directory::entry::mailbox_full:
      return no(wrong, runtime_errc::overloaded,
                to.key() + " has " + std::to_string(options_.limits.mailbox_max) +
                    " requests waiting (limits::mailbox_max)");
    case directory::entry::directory_full:
      return no(wrong, runtime_errc::overloaded,
                std::to_string(directory_->size()) +
                    " entities are in memory, and none is idle enough to leave "
                    "(limits::resident_max)");
  }
  return false;
}

/// What makes a transaction one, but for entities that occur twice: those the flow finds when it sorts.
bool world_core::is_good(const detail::transaction_plan& plan, status& wrong) const {
  const std::size_t most = options_.limits.transaction_entities_max;
  if (plan.items.empty()) {
    return no(wrong, entity_errc::invalid_command, "a transaction has at least one item");
  }
  if (plan.items.size() > most) {
    wrong = {journal_errc::too_large, "a transaction has " + std::to_string(plan.items.size()) +
                                          " entities; it may have " + std::to_string(most) +
                                          " (limits::transaction_entities_max)"};
    return false;
  }
  for (const auto& item : plan.items) {
    if (!is_good(item.address, wrong)) {
      return false;
    }
  }
  return is_good(plan.options, wrong);
}

void world_core::submit(detail::transaction_plan plan,
                        std::function<void(detail::transaction_result)> then) {
  const bool counts = !closing_.load(std::memory_order_seq_cst); // as above: it is refused anyway
  const std::size_t before = counts ? in_flight_.fetch_add(1, std::memory_order_seq_cst) : 0;
  status wrong;
  bool fits = admits(before, wrong) && is_good(plan, wrong);
  const std::size_t bytes = fits ? counted_bytes_of(plan) : 0;
  const boost::intrusive_ptr<transaction_flow> flow(
      new transaction_flow(*this, std::move(plan), std::move(then)));
  if (const auto twice = flow->doubled_key(); fits && !twice.empty()) {
    wrong = {entity_errc::invalid_command, std::string(twice) + " occurs twice in the transaction"};
    fits = false;
  }
  if (fits && !flow->problem().ok()) {
    wrong = flow->problem();
    fits = false;
  }
  std::size_t entered = 0;
  while (fits && entered < flow->size()) {
    fits = enter(flow->address(entered), flow->slot_of(entered), wrong);
    entered += fits ? 1 : 0;
  }
  if (fits && (bytes == 0 || try_take(bytes, wrong))) {
    return flow->start(bytes);
  }
  for (std::size_t step = 0; step < entered; ++step) {
    flow->slot_of(step)->leave();
  }
  const own_thread here("a callback");
  flow->refuse(wrong.error, std::move(wrong.message));
  if (counts) {
    request_finished();
  }
}

/// What comes with a command is journaled with it, and must be readable there.
bool world_core::is_good(const send_options& options, status& wrong) {
  if (options.id.size() > command_id_bytes_max) {
    return no(wrong, entity_errc::invalid_command,
              "the command id has " + std::to_string(options.id.size()) + " bytes; it may have " +
                  std::to_string(command_id_bytes_max));
  }
  if (!json::is_utf8(options.id)) {
    return no(wrong, entity_errc::invalid_command, "the command id is not valid UTF-8");
  }
  for (const auto& [name, value] : options.meta) {
    if (!json::is_utf8(name) || !json::is_utf8(value)) {
      return no(wrong, entity_errc::invalid_command, "meta is not valid UTF-8");
    }
    const auto same = [&name = name](const auto& other) { return other.first == name; };
    if (std::count_if(options.meta.begin(), options.meta.end(), same) > 1) {
      return no(wrong, entity_errc::invalid_command, "meta has the name \"" + name + "\" twice");
    }
  }
  return true;
}

void world_core::refuse(const detail::entity_address& to, detail::request& sent, status why) {
  const detail::request_ptr keep(&sent);
  sent.answer.what = answer::kind::failed;
  sent.answer.error = why.error;
  sent.answer.text = text_for_people(std::move(why.message)); // it may name a key that is none
  metrics_.counts_of(to.type()).refused(sent, to.key());
  const own_thread here("a callback"); // the request may be in flight until it returns
  detail::guard([&sent] { sent.complete(); },
                [&](const std::string& thrown) {
                  metrics_.thrown().tell(user_code::callback, to.key(), thrown);
                });
}

} // namespace cairn::runtime
