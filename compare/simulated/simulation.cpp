#include "compare/simulated/simulation.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace cairn::compare {

namespace {

std::int64_t to_ns(double us) { return std::llround(us * 1e3); }

} // namespace

simulation::simulation(const strategy& follow, const workload& load, const cost_model& costs,
                       std::uint64_t attempts_max)
    : follow_(&follow),
      load_(load),
      costs_(costs),
      choice_(load.entities, load.theta),
      rules_{follow_, &load_, &choice_, attempts_max},
      round_trip_(to_ns(costs.round_trip_us)),
      entities_(load.entities, simulated_entity(std::max(load.parts, 1U))),
      free_cores_(costs.cores) {
  clients_.reserve(load.clients);
  for (std::uint64_t i = 0; i < load.clients; ++i) clients_.emplace_back(session(rules_, i));
}

std::optional<figures> simulation::run(std::uint64_t commands, std::uint64_t events_max,
                                       const std::function<bool()>& interrupted) {
  constexpr std::uint64_t look = 4'096; // events, some milliseconds at most
  const std::uint64_t warm_up = commands / 10;
  if (load_.rate_per_s > 0) {
    for (std::uint32_t i = 0; i < clients_.size(); ++i) resting_.push_back(i);
    plan(0, kind::due, 0);
  } else {
    for (std::uint32_t i = 0; i < clients_.size(); ++i) begin(i, 0);
  }
  nanoseconds started = 0;
  std::uint64_t batches = 0;
  std::uint64_t syncs = 0;
  for (std::uint64_t passed = 0; !events_.empty() && passed < events_max; ++passed) {
    if (passed % look == 0 && interrupted && interrupted()) return std::nullopt;
    const event next = events_.top();
    events_.pop();
    now_ = next.at;
    handle(next);
    if (!measures_ && (accepted_ >= warm_up || passed >= events_max / 10)) {
      measures_ = true;
      started = now_;
      busy_ = 0;
      batches = batches_;
      syncs = syncs_;
    }
    if (accepted_ >= warm_up + commands) break;
  }
  std::vector<const session*> sessions;
  for (const auto& one : clients_) sessions.push_back(&one.progress);
  const double seconds = std::max<double>(static_cast<double>(now_ - started), 1) / 1e9;
  auto made = make_figures(sessions, latencies_, seconds, static_cast<double>(busy_) / 1e9,
                           batches_ - batches, syncs_ - syncs);
  std::int64_t kept = 0;
  std::int64_t changes = 0;
  for (const auto& one : entities_) {
    kept += one.tally();
    changes += static_cast<std::int64_t>(one.version());
  }
  made.lost = changes - kept;
  return made;
}

void simulation::plan(nanoseconds in, kind what, std::uint32_t whom) {
  events_.push({now_ + in, next_order_++, what, whom});
}

void simulation::handle(const event& now) {
  switch (now.what) {
    case kind::arrive:
      return arrive(now.whom);
    case kind::served:
      ++free_cores_;
      serve(now.whom);
      break;
    case kind::loaded: {
      ++free_cores_;
      auto& asking = clients_[now.whom];
      asking.coming = entities_[asking.progress.entity()].view(asking.progress.wanted().part);
      asking.answer = moment::seen;
      plan(half_way(), kind::reply, now.whom);
      break;
    }
    case kind::decided:
      ++free_cores_;
      hand_over(now.whom, true);
      break;
    case kind::gathered:
      ++free_cores_;
      gathered();
      break;
    case kind::synced:
      synced();
      break;
    case kind::reply: {
      auto& waiting = clients_[now.whom];
      if (waiting.answer == moment::seen ||
          (waiting.answer == moment::conflict && follow_->informed())) {
        waiting.seen = waiting.coming;
      }
      return go(now.whom, waiting.answer);
    }
    case kind::due:
      return open_next();
  }
  give_cores();
}

void simulation::give_cores() {
  while (free_cores_ > 0 && !ready_.empty()) {
    const job next = ready_.front();
    ready_.pop_front();
    --free_cores_;
    if (measures_) busy_ += next.takes;
    plan(next.takes, next.end, next.whom);
  }
}

// --- clients -----------------------------------------------------------------------------------

void simulation::begin(std::uint32_t whom, std::int64_t due) {
  clients_[whom].progress.want(due);
  go(whom, moment::wanted);
}

void simulation::go(std::uint32_t whom, moment now) {
  auto& self = clients_[whom];
  if (now == moment::accepted) ++accepted_;
  const step next = self.progress.advance(now, now_, measures_ ? &latencies_ : nullptr);
  self.under_way = next;
  switch (next.what) {
    case step::kind::think:
      self.answer = moment::thought;
      return plan(self.progress.think_ns(costs_.constant), kind::reply, whom);
    case step::kind::wait:
      self.answer = moment::waited;
      return plan(self.progress.wait_ns(), kind::reply, whom);
    case step::kind::finish:
      return ended(whom);
    default:
      return plan(half_way(), kind::arrive, whom);
  }
}

void simulation::ended(std::uint32_t whom) {
  if (load_.rate_per_s <= 0) return begin(whom, now_);
  if (backlog_.empty()) {
    resting_.push_back(whom);
    return;
  }
  const auto due = backlog_.front();
  backlog_.pop();
  begin(whom, due);
}

/// Open loop: what is due begins at its time, whether a client is free or not.
void simulation::open_next() {
  ++opened_;
  const auto next = std::llround(1e9 / load_.rate_per_s * static_cast<double>(opened_));
  plan(next - now_, kind::due, 0);
  if (resting_.empty()) {
    backlog_.push(now_);
    return;
  }
  const auto whom = resting_.back();
  resting_.pop_back();
  begin(whom, now_);
}

// --- entities ----------------------------------------------------------------------------------

void simulation::arrive(std::uint32_t whom) {
  auto& asking = clients_[whom];
  if (follow_->where() == place::store) {
    if (asking.under_way.what == step::kind::read) {
      start_load(whom);
    } else {
      start_decide(whom);
    }
  } else {
    auto& at = entities_[asking.progress.entity()];
    at.queue.push_back(whom);
    if (!at.scheduled) {
      at.scheduled = true;
      ready_.push_back(
          {kind::served, static_cast<std::uint32_t>(asking.progress.entity()), service(asking)});
    }
  }
  give_cores();
}

/// What the entity has to do for the request; judged when it is its turn, as far as the state decides it.
simulation::nanoseconds simulation::service(const client& asking) const noexcept {
  switch (asking.under_way.what) {
    case step::kind::read:
      return to_ns(costs_.read_us);
    case step::kind::send: {
      const auto& at = entities_[asking.progress.entity()];
      return to_ns(at.passes(asking.under_way.against, asking.seen, asking.progress.wanted().part)
                       ? costs_.decide_us
                       : costs_.refuse_us);
    }
    default:
      return to_ns(costs_.lease_us);
  }
}

void simulation::serve(std::uint32_t entity) {
  auto& at = entities_[entity];
  const auto whom = at.queue.front();
  at.queue.pop_front();
  auto& asking = clients_[whom];
  const auto part = asking.progress.wanted().part;
  switch (asking.under_way.what) {
    case step::kind::read:
      answer(whom, at, moment::seen);
      break;
    case step::kind::send:
      if (at.passes(asking.under_way.against, asking.seen, part)) {
        at.accept(asking.under_way.how, asking.seen, part);
        answer(whom, at, moment::accepted);
      } else {
        answer(whom, at, moment::conflict);
      }
      break;
    case step::kind::acquire:
      if (at.leased && costs_.lease_queue) {
        at.lease_queue.push_back(whom);
      } else if (at.leased) {
        answer(whom, at, moment::busy);
      } else {
        at.leased = true;
        answer(whom, at, moment::granted);
      }
      break;
    default: // release
      at.leased = !at.lease_queue.empty();
      if (at.leased) {
        answer(at.lease_queue.front(), at, moment::granted);
        at.lease_queue.pop_front();
      }
      answer(whom, at, moment::released);
  }
  at.scheduled = !at.queue.empty();
  if (at.scheduled) {
    ready_.push_back({kind::served, entity, service(clients_[at.queue.front()])});
  }
}

/// Replies, as soon as everything that the reply tells of is durable.
void simulation::answer(std::uint32_t whom, simulated_entity& at, moment with) {
  auto& asking = clients_[whom];
  asking.answer = with;
  asking.coming = at.view(asking.progress.wanted().part);
  if (at.committed == at.version()) {
    plan(half_way(), kind::reply, whom);
  } else {
    hand_over(whom, with == moment::accepted);
  }
}

// --- the store's clients -------------------------------------------------------------------------

void simulation::start_load(std::uint32_t whom) {
  auto& at = entities_[clients_[whom].progress.entity()];
  const auto fresh = static_cast<double>(at.committed - at.folded);
  at.folded = at.committed;
  ready_.push_back({kind::loaded, whom, to_ns(costs_.load_us + costs_.fold_us * fresh)});
}

void simulation::start_decide(std::uint32_t whom) {
  ready_.push_back({kind::decided, whom, to_ns(costs_.decide_us)});
}

// --- the committing thread and the disk ------------------------------------------------------------

void simulation::hand_over(std::uint32_t whom, bool changes) {
  line_.push_back({whom, changes});
  if (!committing_) start_batch();
}

void simulation::start_batch() {
  committing_ = true;
  std::size_t changes = 0;
  std::size_t taken = 0;
  while (taken < line_.size() && changes < costs_.batch_changes_max) {
    changes += line_[taken++].changes ? 1 : 0;
  }
  batch_.assign(line_.begin(), line_.begin() + static_cast<std::ptrdiff_t>(taken));
  line_.erase(line_.begin(), line_.begin() + static_cast<std::ptrdiff_t>(taken));
  const double us =
      costs_.commit_us * static_cast<double>(changes) + (changes > 0 ? costs_.batch_us : 0);
  // The committing thread has its own place among the threads: it does not wait behind entities.
  ready_.push_front({kind::gathered, 0, to_ns(us)});
}

void simulation::gathered() {
  bool changes = false;
  for (const auto& place : batch_) changes = changes || place.changes;
  if (follow_->where() == place::store) {
    // The store judges versions in the order of the batch.
    changes = false;
    for (const auto& place : batch_) {
      auto& asking = clients_[place.client];
      auto& at = entities_[asking.progress.entity()];
      const auto part = asking.progress.wanted().part;
      const bool passes = at.passes(check::version, asking.seen, part);
      if (passes) at.accept(asking.under_way.how, asking.seen, part);
      asking.answer = passes ? moment::accepted : moment::conflict;
      changes = changes || passes;
    }
  }
  if (changes) {
    ++batches_;
    ++syncs_;
  }
  plan(changes ? to_ns(costs_.sync_us) : 0, kind::synced, 0);
}

void simulation::synced() {
  for (const auto& place : batch_) {
    auto& asking = clients_[place.client];
    auto& at = entities_[asking.progress.entity()];
    if (follow_->where() == place::store) {
      at.committed = at.version();
    } else if (place.changes) {
      at.committed = std::max(at.committed, asking.coming.version);
    }
    plan(half_way(), kind::reply, place.client);
  }
  batch_.clear();
  committing_ = false;
  if (!line_.empty()) start_batch();
}

} // namespace cairn::compare
