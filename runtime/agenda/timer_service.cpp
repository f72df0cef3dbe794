#include "runtime/agenda/timer_service.hpp"

#include "entities/crash_point.hpp"
#include "persistence/agenda/rows.hpp"

#include <algorithm>
#include <utility>

namespace cairn::runtime {

namespace {

/// Timers that are due within this are in memory.
constexpr std::chrono::seconds soon_span{10};

/// Read from the journal at once.
constexpr std::size_t timers_read_at_once = 4'096;

/// After reading failed, at first; doubled each time, to half a minute.
constexpr std::chrono::milliseconds failed_timers_pause{20};
constexpr unsigned failed_timers_doublings_max = 11;

/// What its entity cannot take so often is set aside.
constexpr unsigned attempts_before_stuck = 10;

/// The longest time without a look at a clock that may be set otherwise meanwhile.
constexpr std::chrono::milliseconds look_again{50};

} // namespace

timer_service::timer_service(agenda_host& host, cairn::clock time, bounds most)
    : host_(host), time_(std::move(time)), bounds_(most) {}

void timer_service::host(const entity_type& type) {
  {
    const std::lock_guard lock(mutex_);
    types_.push_back(&type);
    const auto waiting = parked_.find(type.name);
    if (waiting != parked_.end()) {
      to_be_read_ = true;
      read_again_from(waiting->second);
      parked_.erase(waiting);
    }
  }
  host_.wake_agenda();
}

/// Some may be in memory all the same, or on their way: one too many does no harm.
void timer_service::read_again_from(const std::string& key) {
  known_before_ = std::min(known_before_, key);
}

const entity_type* timer_service::find_type(std::string_view key) const {
  const auto found = std::find_if(types_.begin(), types_.end(), [&](const entity_type* known) {
    return known->name == type_of(key);
  });
  return found == types_.end() ? nullptr : *found;
}

void timer_service::committed(const std::string& entity,
                              const std::vector<detail::change_effects::timer_edit>& edits) {
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& edit : edits) {
      if (edit.was_us) {
        soon_.erase(persistence::agenda_key({*edit.was_us, entity, edit.timer}));
      }
      if (!edit.now) {
        continue;
      }
      auto key = persistence::agenda_key({edit.now->at_us, entity, edit.timer});
      if (key < known_before_) {
        const auto put = soon_.insert(std::move(key)).first;
        first = first || put == soon_.begin();
      }
    }
    while (soon_.size() > bounds_.soon_max) { // the others are found again when their time comes
      const auto last = std::prev(soon_.end());
      known_before_ = *last;
      soon_.erase(last);
    }
  }
  if (first) {
    host_.wake_agenda();
  }
}

/// Brings into memory a page of what is due at `until` or before. True: there is more.
bool timer_service::read_until(time_point until, status& read) {
  std::string from;
  const std::string to = persistence::timer_key_behind(until.time_since_epoch().count());
  {
    const std::lock_guard lock(mutex_);
    to_be_read_ = to_be_read_ && known_before_ < to;
    if (stopped_ || to <= known_before_ || soon_.size() > bounds_.soon_max / 2) {
      return false;
    }
    from = std::exchange(known_before_, to); // who commits meanwhile brings theirs
    if (from.empty()) {
      from = persistence::first_timer_key(INT64_MIN);
    }
  }
  std::vector<std::string> keys;
  read = host_.journal().agenda(from, to, [&](std::string_view key) {
    keys.emplace_back(key);
    return keys.size() < timers_read_at_once;
  });
  if (!read.ok()) {
    {
      const std::lock_guard lock(mutex_);
      read_again_from(from);
    }
    failed(read);
    return false;
  }
  const std::lock_guard lock(mutex_);
  unreadable_ = false;
  failed_reads_ = 0;
  const bool more = keys.size() == timers_read_at_once;
  if (more) {
    read_again_from(keys.back() + '\0');
  }
  for (auto& key : keys) {
    if (!passes_over(key)) {
      soon_.insert(std::move(key));
    }
  }
  to_be_read_ = to_be_read_ && known_before_ < to;
  return known_before_ < to;
}

/// After a failure the next attempt comes later and later; it is told once.
void timer_service::failed(const status& read) {
  bool told = true;
  {
    const std::lock_guard lock(mutex_);
    told = std::exchange(unreadable_, true);
    const unsigned doublings = std::min(failed_reads_++, failed_timers_doublings_max);
    next_read_ = clock::now() + failed_timers_pause * (1U << doublings);
  }
  if (!told) {
    host_.agenda_unreadable(read);
  }
}

/// True: it cannot fire now, and is read again when it can.
bool timer_service::passes_over(const std::string& key) {
  persistence::timer_row row;
  if (!persistence::decode_timer_key(key, row)) {
    return true;
  }
  if (find_type(row.entity) == nullptr) {
    auto& first = parked_.try_emplace(std::string(type_of(row.entity)), key).first->second;
    first = std::min(first, key);
    return true;
  }
  const auto stuck = stuck_.find(row.entity);
  if (stuck != stuck_.end()) {
    stuck->second.first = std::min(stuck->second.first, key);
    return true;
  }
  return false;
}

std::optional<std::chrono::steady_clock::time_point> timer_service::work() {
  const time_point now = time_();
  std::vector<attempt> again;
  {
    const std::lock_guard lock(mutex_);
    const auto due = retries_.upper_bound(clock::now());
    for (auto each = retries_.begin(); each != due; ++each) {
      again.push_back(std::move(each->second));
    }
    retries_.erase(retries_.begin(), due);
    outstanding_ += again.size();
  }
  for (const auto& each : again) {
    send(each.key, each.give_up, each.made);
  }
  try_stuck();
  bool more = false;
  if (!time_.is_stepped()) {
    status read;
    bool may_read = true;
    {
      const std::lock_guard lock(mutex_);
      may_read = clock::now() >= next_read_;
    }
    more = may_read && read_until(detail::later(now, soon_span), read);
    fire_due(now);
  }
  const std::lock_guard lock(mutex_);
  std::optional<clock::time_point> next;
  const auto sooner = [&](clock::time_point when) { next = std::min(next.value_or(when), when); };
  if (!retries_.empty()) {
    sooner(retries_.begin()->first);
  }
  if (!stuck_next_.empty()) {
    sooner(stuck_next_.begin()->first);
  }
  if (time_.is_stepped() || stopped_) {
    return next;
  }
  if (more || unreadable_) {
    sooner(std::max(clock::now(), next_read_));
  }
  persistence::timer_row row;
  if (!soon_.empty() && persistence::decode_timer_key(*soon_.begin(), row) &&
      outstanding_ < bounds_.outstanding_max) {
    const auto left = time_.until(time_point(std::chrono::microseconds(row.at_us)));
    sooner(clock::now() +
           std::min<std::chrono::microseconds>(left.value_or(look_again), look_again));
  }
  if (const auto left = time_.until(detail::later(now, soon_span / 2))) {
    sooner(detail::later(clock::now(), *left)); // the next ones are read
  }
  return next;
}

std::optional<time_point> timer_service::next_due(time_point until, status& read) {
  for (bool more = true; more;) {
    more = read_until(until, read);
    const std::lock_guard lock(mutex_);
    persistence::timer_row row;
    if (stopped_ || soon_.empty() || !persistence::decode_timer_key(*soon_.begin(), row)) {
      continue;
    }
    const time_point at{std::chrono::microseconds(row.at_us)};
    return at <= until ? std::optional(at) : std::nullopt;
  }
  return std::nullopt;
}

void timer_service::fire_due(time_point now) {
  const std::string end = persistence::timer_key_behind(now.time_since_epoch().count());
  const std::size_t most = time_.is_stepped() ? 1 : bounds_.outstanding_max;
  for (;;) {
    std::string key;
    {
      const std::lock_guard lock(mutex_);
      // Those that are to be tried again stand in nobody's way, but for the order of a clock that is stepped.
      const std::size_t under_way = outstanding_ + (time_.is_stepped() ? retries_.size() : 0);
      if (stopped_ || under_way >= most || soon_.empty() || *soon_.begin() >= end) {
        return;
      }
      key = std::move(soon_.extract(soon_.begin()).value());
      if (passes_over(key)) {
        continue;
      }
      ++outstanding_;
    }
    send(key, {}, 0);
  }
}

/// Tries entities again, each with its first timer, whose time for it has come.
void timer_service::try_stuck() {
  std::vector<std::string> keys;
  {
    const std::lock_guard lock(mutex_);
    const auto now = clock::now();
    while (!stopped_ && !stuck_next_.empty() && stuck_next_.begin()->first <= now &&
           outstanding_ < bounds_.outstanding_max) {
      const auto next = stuck_next_.begin();
      const auto found = stuck_.find(next->second);
      if (found != stuck_.end() && found->second.next == next->first && !found->second.trying) {
        found->second.trying = true;
        ++outstanding_;
        keys.push_back(found->second.first);
      }
      stuck_next_.erase(next);
    }
  }
  for (const auto& key : keys) {
    send(key, {}, 0);
  }
}

/// Counted as on its way already.
void timer_service::send(const std::string& key, const std::string& give_up, unsigned attempts) {
  persistence::timer_row row;
  persistence::decode_timer_key(key, row);
  const entity_type* type = nullptr;
  {
    const std::lock_guard lock(mutex_);
    type = find_type(row.entity);
  }
  pass(crash_point::dispatched);
  host_.submit_own({row.entity, *type},
                   new fire_request(row.timer, row.at_us, give_up,
                                    [this, key, give_up, attempts](fire_request& done) {
                                      fired(key, give_up, attempts, done);
                                    }));
}

void timer_service::fired(const std::string& key, const std::string& give_up, unsigned attempts,
                          const fire_request& done) {
  std::optional<stuck_item> news;
  {
    const std::lock_guard lock(mutex_);
    --outstanding_;
    judge(key, give_up, attempts, done);
    news.swap(untold_);
  }
  if (news) {
    host_.agenda_stuck(*news);
  }
  host_.wake_agenda();
}

void timer_service::judge(const std::string& key, const std::string& give_up, unsigned attempts,
                          const fire_request& done) {
  persistence::timer_row row;
  persistence::decode_timer_key(key, row);
  const auto again = [&](std::string why) {
    retries_.emplace(clock::now() + agenda_pause(attempts),
                     attempt{key, std::move(why), attempts + 1});
  };
  switch (judge_answer(done)) {
    case agenda_verdict::stopped:
      stopped_ = true;
      return;
    case agenda_verdict::stuck:
      return set_aside(key, done.answer.text);
    case agenda_verdict::done:
      pass(crash_point::acknowledged);
      break;
    case agenda_verdict::later:
    case agenda_verdict::leased:
      if (const auto found = stuck_.find(row.entity); found != stuck_.end()) {
        return set_aside(key, std::string(found->second.why)); // nobody knows better yet
      }
      again(give_up);
      return;
    case agenda_verdict::refused:
    case agenda_verdict::threw:
      // What its entity refuses is noted with the timer; when that cannot be written either, somebody must look.
      if (attempts >= attempts_before_stuck) {
        return set_aside(key, done.answer.text);
      }
      const bool is_about_itself = judge_answer(done) == agenda_verdict::refused &&
                                   done.answer.what == answer::kind::failed &&
                                   done.answer.error != journal_errc::too_large;
      again(is_about_itself ? give_up : done.answer.text.empty() ? "refused" : done.answer.text);
      break;
  }
  go_on(row.entity);
}

/// The timers of its entity wait in the agenda from now on.
void timer_service::set_aside(const std::string& key, std::string why) {
  persistence::timer_row row;
  persistence::decode_timer_key(key, row);
  const auto [at, made] = stuck_.try_emplace(row.entity);
  any_stuck_ = true;
  auto& here = at->second;
  here.first = made ? key : std::min(here.first, key);
  here.why = std::move(why);
  if (made) {
    here.since_us = time_().time_since_epoch().count();
    untold_ = item_of(here);
  } else if (!std::exchange(here.trying, false)) {
    return; // it was under way already when the entity was set aside
  }
  here.next = clock::now() + stuck_pause(here.attempts++);
  stuck_next_.emplace(here.next, row.entity);
}

/// An entity that was stuck is so no more.
void timer_service::go_on(const std::string& entity) {
  const auto found = stuck_.find(entity);
  if (found != stuck_.end()) {
    to_be_read_ = true;
    read_again_from(found->second.first);
    stuck_.erase(found);
    any_stuck_ = !stuck_.empty();
  }
}

void timer_service::loaded(const std::string& entity) {
  if (!any_stuck_.load(std::memory_order_relaxed)) {
    return;
  }
  bool goes_on = false;
  {
    const std::lock_guard lock(mutex_);
    goes_on = stuck_.count(entity) > 0;
    go_on(entity);
  }
  if (goes_on) {
    host_.wake_agenda();
  }
}

stuck_item timer_service::item_of(const stuck_entity& stuck) {
  persistence::timer_row row;
  persistence::decode_timer_key(stuck.first, row);
  return {persistence::describe_agenda(stuck.first), row.entity, stuck.why, stuck.attempts,
          stuck.since_us};
}

std::size_t timer_service::stuck() const {
  const std::lock_guard lock(mutex_);
  return stuck_.size();
}

void timer_service::list_stuck(std::size_t limit, std::vector<stuck_item>& found) const {
  const std::lock_guard lock(mutex_);
  std::map<std::string_view, const stuck_entity*> first;
  for (const auto& [entity, stuck] : stuck_) {
    first.emplace(stuck.first, &stuck);
    if (first.size() > limit) {
      first.erase(std::prev(first.end()));
    }
  }
  for (const auto& [key, stuck] : first) {
    found.push_back(item_of(*stuck));
  }
}

bool timer_service::is_quiet() const {
  const time_point now = time_();
  const std::lock_guard lock(mutex_);
  if (stopped_) {
    return true;
  }
  const std::string due = persistence::timer_key_behind(now.time_since_epoch().count());
  const bool waits = !time_.is_stepped() &&
                     ((!soon_.empty() && *soon_.begin() < due) || (!unreadable_ && to_be_read_));
  return outstanding_ == 0 && retries_.empty() && !waits;
}

std::size_t timer_service::soon() const {
  const std::lock_guard lock(mutex_);
  return soon_.size() + outstanding_ + retries_.size();
}

void timer_service::stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
}

} // namespace cairn::runtime
