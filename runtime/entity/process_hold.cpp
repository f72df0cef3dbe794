#include "runtime/entity/byte_budget.hpp"
#include "runtime/entity/lease_table.hpp"
#include "runtime/entity/process.hpp"

#include <atomic>
#include <utility>

/// How an entity's process is held by transactions, and kept by leases.
namespace cairn::runtime {

using detail::request;

held_request::held_request() noexcept {
  static std::atomic<std::uint64_t> next{1};
  serial_ = next.fetch_add(1, std::memory_order_relaxed);
}

/// True: a lease stands in the way, or the one that the command comes with is none; the answer is set.
bool entity_process::refused_by_lease(request& asked) {
  if (!asked.options || asked.options->lease.empty()) {
    const bool leased = lease_left().count() > 0;
    if (leased) {
      conflict(asked, conflict_kind::leased);
    }
    return leased;
  }
  if (lease_ && lease_->is_held_by(asked.options->lease, host_.read_clock().elapsed)) {
    return false;
  }
  fail(asked, entity_errc::lease_lost, lease_lost_text());
  return true;
}

std::string entity_process::lease_lost_text() const {
  return "the lease is unknown to " + slot_.key() +
         " or has expired; read the entity again, and take a new one";
}

std::chrono::milliseconds entity_process::lease_left() {
  return lease_ ? lease_->left(host_.read_clock().elapsed) : std::chrono::milliseconds{};
}

void entity_process::process_lease(request& asked) {
  const auto [now, elapsed] = host_.read_clock();
  const std::string& token = asked.options->lease;
  const auto wanted = asked.options->lease_for;
  const auto most = entity_->type().lease_max;
  const bool releases = asked.what == request::verb::release;
  const bool holds = lease_ && lease_->is_held_by(token, elapsed);
  if ((releases || !token.empty()) && !holds) {
    fail(asked, entity_errc::lease_lost, lease_lost_text());
  } else if (releases) {
    answer_leased(asked, token, now);
    end_lease();
  } else if (wanted.count() <= 0 || wanted > most) {
    fail(asked, entity_errc::invalid_command,
         "a lease of " + slot_.key() + " lasts from 1 to " + std::to_string(most.count()) +
             " ms, not " + std::to_string(wanted.count()) + " (cairn::lease_ms_max)");
  } else if (!entity_->standing().exists()) {
    conflict(asked, entity_->standing().removed ? conflict_kind::deleted : conflict_kind::absent);
  } else if (holds) {
    answer_leased(asked, lease_->extend(detail::later(elapsed, wanted)),
                  detail::later(now, wanted));
    host_.rules_of_world().leases->extend(slot_.key(), *lease_);
  } else if (lease_left().count() > 0) {
    conflict(asked, conflict_kind::leased);
  } else {
    take_lease(asked, now, elapsed);
  }
  reply(asked);
}

void entity_process::take_lease(request& asked, time_point now, lease_instant elapsed) {
  const auto wanted = asked.options->lease_for;
  auto taken = std::make_unique<entity_lease>();
  const auto& token = taken->take(detail::later(elapsed, wanted));
  status wrong;
  if (!host_.rules_of_world().leases->add(slot_.key(), *taken, elapsed,
                                          find_meta(asked.options->meta, "principal"), wrong)) {
    return fail(asked, wrong.error, std::move(wrong.message));
  }
  answer_leased(asked, token, detail::later(now, wanted));
  lease_ = std::move(taken);
}

/// Given back, or its entity was removed.
void entity_process::end_lease() {
  if (lease_) {
    host_.rules_of_world().leases->end(slot_.key());
    lease_.reset();
    host_.lease_ended(slot_.key());
  }
}

void entity_process::answer_leased(request& asked, const std::string& token, time_point until) {
  asked.answer.what = answer::kind::leased;
  asked.answer.text = token;
  asked.answer.details = std::make_shared<conflict_details>();
  asked.answer.details->until = until;
}

void entity_process::hold(const held_request& by) {
  held_ = std::make_unique<held>();
  held_->serial = by.serial();
}

bool entity_process::prepare(request& item, prepared_change* later, detail::body_bytes& body,
                             std::size_t item_versions) noexcept {
  bool changes = false;
  detail::guard([&] { changes = try_prepare(item, later, body, item_versions); },
                [&](const std::string& thrown) {
                  fail_thrown(item, "the entity's code", thrown);
                  if (held_->before.state) {
                    entity_->go_back(std::move(held_->before));
                  }
                });
  return changes;
}

bool entity_process::try_prepare(request& item, prepared_change* later, detail::body_bytes& body,
                                 std::size_t item_versions) {
  item.activation = activation_;
  if (host_.has_stopped()) {
    auto stopped = host_.stopped();
    fail(item, stopped.error, std::move(stopped.message));
    return false;
  }
  if (host_.rules_of_world().bytes->is_exceeded()) {
    fail(item, runtime_errc::overloaded, too_many_bytes());
    return false;
  }
  if (item.what == request::verb::read) {
    judge_assertion(item);
    return false;
  }
  held_->before = entity_->save();
  execution& done = scratch();
  std::optional<std::string> arguments;
  switch (decide(item, done, arguments, item_versions)) {
    case step::answered:
      return false;
    case step::broken:
      entity_->go_back(std::move(held_->before)); // what broke is thrown away
      return false;
    case step::changed:
      break;
  }
  item.removes = entity_->standing().removed;
  if (later != nullptr) {
    *later = {std::move(arguments), entity_->touched(), done.events(), done.event_count()};
  } else {
    const auto touched = entity_->touched();
    persistence::change_parts parts = parts_of(item, arguments, done.events(), done.event_count());
    parts.aspects = touched;
    encode_body(body, parts);
  }
  item.effects = done.take_effects();
  held_->changed = true;
  if (item.remembered) {
    remember(item, done);
    held_->remembered = true;
  }
  return true;
}

void prepared_change::encode(detail::body_bytes& body, const request& item,
                             std::span<const version_type> item_versions) const {
  persistence::change_parts parts = parts_of(item, arguments, events, event_count);
  parts.aspects = aspects;
  parts.item_versions = item_versions;
  encode_body(body, parts);
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

void entity_process::let_go(std::uint64_t serial, bool counts) {
  if (!held_ || held_->serial != serial) {
    return; // lost meanwhile, and so is the transaction
  }
  const auto ended = std::move(held_);
  if (ended->changed && counts) {
    entity_->ids().expire(entity_->standing().version);
    if (entity_->standing().removed) {
      end_lease();
    }
  } else if (ended->changed) {
    entity_->go_back(std::move(ended->before));
    if (ended->remembered) {
      entity_->ids().forget_newest();
    }
  }
  answer_waiting();
}

} // namespace cairn::runtime
