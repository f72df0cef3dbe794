#include "runtime/subscription_pump.hpp"

#include <cairn/guard.hpp>

#include "persistence/own_thread.hpp"
#include "runtime/wait_for_call.hpp"

#include <utility>

namespace cairn {

namespace {

/// Read at a time, so that no iterator of the store stays open while a subscriber takes its time.
constexpr std::size_t changes_at_a_time = 256;

} // namespace

subscription_pump::subscription_pump(const journal& source, std::shared_ptr<commit_signal> signal,
                                     position_type from, handler on_change,
                                     failure_handler on_failure)
    : source_(source),
      signal_(std::move(signal)),
      on_change_(std::move(on_change)),
      on_failure_(std::move(on_failure)),
      next_(from) {}

std::shared_ptr<subscription_pump> subscription_pump::start(const journal& source,
                                                            std::shared_ptr<commit_signal> signal,
                                                            position_type from, handler on_change,
                                                            failure_handler on_failure) {
  const std::shared_ptr<subscription_pump> made(new subscription_pump(
      source, std::move(signal), from, std::move(on_change), std::move(on_failure)));
  made->signal_->join();
  const std::lock_guard lock(made->joining_);
  made->thread_ = std::thread([made] { made->run(); });
  made->runner_.store(made->thread_.get_id(), std::memory_order_release);
  return made;
}

std::shared_ptr<subscription_pump> subscription_pump::refused(const journal& source,
                                                              position_type from, status why) {
  std::shared_ptr<subscription_pump> made(new subscription_pump(source, nullptr, from, {}, {}));
  made->state_ = std::move(why);
  return made;
}

subscription_pump::~subscription_pump() {
  if (thread_.joinable()) {
    if (runner_.load(std::memory_order_acquire) == std::this_thread::get_id()) {
      thread_.detach(); // let go from inside a call: the thread ends right behind this
    } else {
      thread_.join(); // it has ended, or this would not be the last who keeps it
    }
  }
  if (signal_) {
    signal_->leave();
  }
}

void subscription_pump::stop() noexcept {
  ending_.store(true, std::memory_order_release);
  if (!signal_) {
    return;
  }
  signal_->wake();
  const wait_for_call waiting(runner_.load(std::memory_order_acquire));
  if (!waiting) {
    return;
  }
  const std::lock_guard lock(joining_);
  if (thread_.joinable()) {
    thread_.join();
  }
}

status subscription_pump::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

/// Nothing that is thrown leaves the thread.
void subscription_pump::run() {
  const own_thread here("a subscription");
  runner_.store(std::this_thread::get_id(), std::memory_order_release);
  guarded();
  // Whoever waits for this thread finds nothing of the subscriber's or the world's in use any more.
  on_change_ = nullptr;
  on_failure_ = nullptr;
}

void subscription_pump::guarded() {
  status went;
  detail::guard([&] { went = deliver_all(); },
                [&](const std::string& thrown) {
                  went = {entity_errc::entity_error, "reading the journal on at position " +
                                                         std::to_string(next()) +
                                                         " threw: " + thrown};
                });
  if (went.ok()) {
    return;
  }
  if (on_failure_) {
    on_failure_(went);
  }
  const std::lock_guard lock(mutex_);
  state_ = std::move(went);
}

/// Until somebody ends it, or something is wrong.
status subscription_pump::deliver_all() {
  std::vector<change> read;
  status went;
  while (went.ok()) {
    signal_->wait(
        [this] { return ending_.load(std::memory_order_acquire) || source_.end().next > next(); });
    if (ending_.load(std::memory_order_acquire)) {
      return {};
    }
    read.clear();
    went = read_some(read);
    if (went.ok()) {
      went = deliver(read);
    }
  }
  return went;
}

/// Whole units only: a unit is committed as one, so its end is there when its start is.
status subscription_pump::read_some(std::vector<change>& read) const {
  status decoded;
  auto scanned = source_.scan(next(), [&](const record& stored) {
    decoded = decode_change(stored, read.emplace_back());
    return decoded.ok() &&
           (read.size() < changes_at_a_time || stored.unit_index + 1 < stored.unit_size);
  });
  return scanned.ok() ? decoded : scanned;
}

status subscription_pump::deliver(const std::vector<change>& read) {
  for (const auto& committed : read) {
    if (ending_.load(std::memory_order_acquire)) {
      return {};
    }
    status went;
    detail::guard([&] { on_change_(committed); },
                  [&](const std::string& thrown) {
                    went = {entity_errc::entity_error, "the subscriber threw at position " +
                                                           std::to_string(committed.position) +
                                                           ": " + thrown};
                  });
    if (!went.ok()) {
      return went;
    }
    next_.store(committed.position + 1, std::memory_order_release);
  }
  return {};
}

} // namespace cairn
