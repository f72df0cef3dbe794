#include "runtime/timer_service.hpp"

#include "entities/crash_point.hpp"
#include "persistence/agenda_rows.hpp"

#include <algorithm>
#include <utility>

namespace cairn {

namespace {

/// Timers that are due within this are in memory.
constexpr std::chrono::seconds soon_span{10};

/// Read from the journal at once.
constexpr std::size_t timers_read_at_once = 4'096;

/// The longest time without a look at a clock that may be set otherwise meanwhile.
constexpr std::chrono::milliseconds look_again{50};

} // namespace

timer_service::timer_service(agenda_host& host, cairn::clock time, bounds bounds)
    : host_(host), time_(std::move(time)), bounds_(bounds) {}

void timer_service::host(const entity_type& type) {
  {
    const std::lock_guard lock(mutex_);
    types_.push_back(&type);
    soon_.merge(parked_);
    parked_.clear();
  }
  host_.wake_agenda();
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

/// Brings into memory what is due at `until` or before, a page at a time.
void timer_service::read_until(time_point until) {
  std::string from;
  const std::string to = persistence::timer_key_behind(until.time_since_epoch().count());
  {
    const std::lock_guard lock(mutex_);
    if (stopped_ || to <= known_before_ || soon_.size() > bounds_.soon_max / 2) {
      return;
    }
    from = std::exchange(known_before_, to); // who commits meanwhile brings theirs
    if (from.empty()) {
      from = persistence::first_timer_key(INT64_MIN);
    }
  }
  std::vector<std::string> keys;
  auto read = host_.journal().agenda(from, to, [&](std::string_view key) {
    keys.emplace_back(key);
    return keys.size() < timers_read_at_once;
  });
  if (!read.ok() && !unreadable_.exchange(true)) {
    host_.agenda_unreadable(read);
  }
  const std::lock_guard lock(mutex_);
  if (!read.ok()) {
    known_before_ = from;
    return;
  }
  unreadable_ = false;
  if (keys.size() == timers_read_at_once) {
    known_before_ = keys.back() + '\0';
  }
  soon_.insert(keys.begin(), keys.end());
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
  if (!time_.is_stepped()) {
    read_until(detail::later(now, soon_span));
    fire_due(now);
  }
  const std::lock_guard lock(mutex_);
  std::optional<clock::time_point> next;
  const auto sooner = [&](clock::time_point when) { next = std::min(next.value_or(when), when); };
  if (!retries_.empty()) {
    sooner(retries_.begin()->first);
  }
  if (time_.is_stepped() || stopped_) {
    return next;
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

std::optional<time_point> timer_service::next_due(time_point until) {
  read_until(until);
  const std::lock_guard lock(mutex_);
  persistence::timer_row row;
  if (stopped_ || soon_.empty() || !persistence::decode_timer_key(*soon_.begin(), row)) {
    return std::nullopt;
  }
  const time_point at{std::chrono::microseconds(row.at_us)};
  return at <= until ? std::optional(at) : std::nullopt;
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
      persistence::timer_row row;
      persistence::decode_timer_key(key, row);
      if (find_type(row.entity) == nullptr) {
        parked_.insert(std::move(key));
        continue;
      }
      ++outstanding_;
    }
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
  {
    const std::lock_guard lock(mutex_);
    --outstanding_;
    const auto again = [&](std::string why) {
      retries_.emplace(clock::now() + agenda_pause(attempts),
                       attempt{key, std::move(why), attempts + 1});
    };
    switch (judge_answer(done.answer)) {
      case agenda_verdict::done:
        pass(crash_point::acknowledged);
        break;
      case agenda_verdict::stopped:
        stopped_ = true;
        break;
      case agenda_verdict::later:
        again(give_up);
        break;
      case agenda_verdict::refused:
        // What its entity refuses is noted with the timer; so this is about reading or writing it.
        if (done.answer.what == answer::kind::failed &&
            done.answer.error != journal_errc::too_large) {
          again(give_up);
          break;
        }
        [[fallthrough]];
      case agenda_verdict::threw:
        again(done.answer.text.empty() ? "refused" : done.answer.text);
        break;
    }
  }
  host_.wake_agenda();
}

bool timer_service::is_quiet() const {
  const time_point now = time_();
  const std::lock_guard lock(mutex_);
  if (stopped_) {
    return true;
  }
  const bool due = !time_.is_stepped() && !soon_.empty() &&
                   *soon_.begin() < persistence::timer_key_behind(now.time_since_epoch().count());
  return outstanding_ == 0 && retries_.empty() && !due;
}

std::size_t timer_service::soon() const {
  const std::lock_guard lock(mutex_);
  return soon_.size() + outstanding_ + retries_.size();
}

void timer_service::stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
}

} // namespace cairn
