#include "runtime/agenda/agenda.hpp"

#include <cairn/detail/change.hpp>
#include <cairn/detail/guard.hpp>

#include "runtime/threads/own_thread.hpp"

#include <algorithm>
#include <utility>

namespace cairn::runtime {

namespace {

/// The longest wait, whatever is due when.
constexpr std::chrono::seconds rest{1};

/// How often ticks look at a clock that stands: it may go on.
constexpr std::chrono::milliseconds paused_look{50};

/// How often `settle` looks, when nobody tells.
constexpr std::chrono::milliseconds settle_poll{20};

status cannot_step(time_point from, std::chrono::microseconds by) {
  const auto invalid = std::make_error_code(std::errc::invalid_argument);
  const std::string length = std::to_string(by.count()) + " us";
  if (by.count() < 0) {
    return {invalid, "a step of " + length + " is refused: time does not go back"};
  }
  if (detail::between(from, time_point::max()) < by) {
    return {invalid, "a step of " + length + " from " + iso_time(from.time_since_epoch().count()) +
                         " is refused: it leads beyond the last time that there is, " +
                         iso_time(time_point::max().time_since_epoch().count())};
  }
  return {};
}

message_courier::bounds courier_bounds(const clock& time, message_courier::bounds bounds) {
  if (time.is_stepped()) {
    bounds.outstanding_max = 1; // one after the other, the same every time
  }
  return bounds;
}

} // namespace

agenda::agenda(agenda_host& host, clock time, message_courier::bounds messages)
    : host_(host),
      time_(time),
      messages_(host, time, courier_bounds(time, messages)),
      timers_(host, std::move(time), {}),
      thread_([this] { run(); }) {}

void agenda::host(const entity_type& type) {
  messages_.host(type);
  timers_.host(type);
}

void agenda::committed(const std::string& entity, version_type version, position_type position,
                       std::unique_ptr<detail::change_effects> effects) {
  if (!effects->timers.empty()) {
    timers_.committed(entity, effects->timers);
  }
  if (!effects->messages.empty()) {
    messages_.committed(entity, version, position, std::move(effects->messages));
  }
}

void agenda::loaded(const std::string& entity) {
  timers_.loaded(entity);
  messages_.loaded(entity);
}

void agenda::list_stuck(std::size_t limit, std::vector<stuck_item>& found) const {
  timers_.list_stuck(limit, found);
  if (found.size() < limit) {
    messages_.list_stuck(limit - found.size(), found);
  }
}

void agenda::wake() noexcept {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(woken_, true)) {
      return;
    }
  }
  changed_.notify_all();
}

void agenda::run() {
  const own_thread here("the agenda");
  std::unique_lock lock(mutex_);
  while (!ending_) {
    woken_ = false;
    lock.unlock();
    auto next = steady::now() + rest;
    detail::guard([&] { next = work(); },
                  [this](const std::string& thrown) { host_.agenda_threw(thrown); });
    lock.lock();
    changed_.wait_until(lock, next, [this] { return woken_ || ending_; });
  }
}

/// Does what is due. When there is more to do, as far as is known.
agenda::steady::time_point agenda::work() {
  auto next = steady::now() + rest;
  for (const auto wanted : {messages_.work(), timers_.work(), tick()}) {
    next = std::min(next, wanted.value_or(next));
  }
  return next;
}

void agenda::add(std::shared_ptr<tick_group> group) {
  {
    const std::lock_guard lock(groups_mutex_);
    groups_.push_back(std::move(group));
  }
  wake();
}

std::vector<std::shared_ptr<tick_group>> agenda::groups() {
  const std::lock_guard lock(groups_mutex_);
  std::erase_if(groups_, [](const auto& ended) { return ended.use_count() == 1; });
  return groups_;
}

/// Begins the ticks that are due by a clock that goes by itself; when the next one is.
std::optional<agenda::steady::time_point> agenda::tick() {
  std::optional<steady::time_point> next;
  for (const auto& group : groups()) {
    group->go_on();
    if (time_.is_stepped()) {
      continue;
    }
    group->begin_due();
    if (const auto due = group->next_due()) {
      const auto when = detail::later(steady::now(), time_.until(*due).value_or(paused_look));
      next = std::min(next.value_or(when), when);
    }
  }
  return next;
}

bool agenda::is_quiet() {
  const auto all = groups();
  const bool ticks =
      time_.is_stepped() &&
      std::any_of(all.begin(), all.end(), [](const auto& each) { return each->is_running(); });
  // In this order: a timer that fires may send a message, not the other way round without a change.
  return !ticks && timers_.is_quiet() && messages_.is_quiet() && timers_.is_quiet();
}

void agenda::settle() {
  std::unique_lock lock(mutex_);
  for (;;) {
    lock.unlock();
    const bool quiet = is_quiet();
    lock.lock();
    if (quiet || ending_) {
      return;
    }
    changed_.wait_for(lock, settle_poll);
  }
}

status agenda::step(std::chrono::microseconds by) {
  if (!time_.is_stepped()) {
    return {std::make_error_code(std::errc::operation_not_permitted),
            "the world's clock goes by itself; make it with cairn::clock::stepped to step it"};
  }
  clock time = time_;
  const time_point target = detail::later(time(), by);
  if (auto wrong = cannot_step(time(), by); !wrong.ok()) {
    return wrong;
  }
  status read;
  settle();
  for (;;) {
    std::optional<time_point> next = timers_.next_due(target, read);
    if (!read.ok()) {
      return read; // time stands still at what cannot be known
    }
    if (const auto lease_ends = messages_.next_due(target)) {
      next = std::min(next.value_or(*lease_ends), *lease_ends);
    }
    for (const auto& group : groups()) {
      const auto due = group->next_due();
      if (!due) {
        continue;
      }
      const time_point at(due->time_since_epoch()); // of a stepped clock both readings are the same
      if (at <= target) {
        next = std::min(next.value_or(at), at);
      }
    }
    if (!next) {
      break;
    }
    time.set(std::max(time(), *next));
    if (messages_.begin_due(time())) {
      settle();
    }
    while (timers_.next_due(time(), read)) {
      timers_.fire_due(time());
      settle();
    }
    for (const auto& group : groups()) {
      group->begin_due();
      settle();
    }
  }
  time.set(target);
  return {};
}

void agenda::stop() {
  timers_.stop();
  messages_.stop();
  for (const auto& group :
       groups()) { // without the lock, since what makes a tick may start another one
    group->stop();
  }
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) {
    thread_.join();
  }
}

} // namespace cairn::runtime
