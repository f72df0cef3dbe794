#include "runtime/subscriptions/subscription_pump.hpp"

#include <cairn/detail/guard.hpp>

#include "runtime/threads/own_thread.hpp"
#include "runtime/threads/wait_for_call.hpp"

#include <utility>

namespace cairn::runtime {

subscription_pump::subscription_pump(std::shared_ptr<change_feed> feed, const resume_token& from,
                                     handler on_change, failure_handler on_failure)
    : feed_(std::move(feed)),
      lineage_(from.lineage),
      on_change_(std::move(on_change)),
      on_failure_(std::move(on_failure)),
      next_(from.position) {}

std::shared_ptr<subscription_pump> subscription_pump::start(std::shared_ptr<change_feed> feed,
                                                            const resume_token& from,
                                                            handler on_change,
                                                            failure_handler on_failure) {
  std::shared_ptr<subscription_pump> made(
      new subscription_pump(std::move(feed), from, std::move(on_change), std::move(on_failure)));
  const std::lock_guard lock(made->joining_);
  made->thread_ = std::thread([made] { made->run(); });
  made->runner_.store(made->thread_.get_id(), std::memory_order_release);
  return made;
}

std::shared_ptr<subscription_pump> subscription_pump::refused(const resume_token& from,
                                                              status why) {
  std::shared_ptr<subscription_pump> made(new subscription_pump(nullptr, from, {}, {}));
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
  if (feed_) {
    feed_->end();
  }
}

void subscription_pump::stop() noexcept {
  ending_.store(true, std::memory_order_release);
  if (!feed_) {
    return;
  }
  feed_->end();
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

void subscription_pump::run() {
  const own_thread here("a subscription");
  runner_.store(std::this_thread::get_id(), std::memory_order_release);
  guarded();
  // Whoever waits for this thread finds nothing of the subscriber's or the world's in use any more.
  on_change_ = nullptr;
  on_failure_ = nullptr;
}

/// Nothing that is thrown leaves the thread.
void subscription_pump::guarded() {
  status went;
  detail::guard([&] { went = deliver_all(); },
                [&](const std::string& thrown) {
                  went = {entity_errc::entity_error,
                          "delivering position " + std::to_string(next()) + " threw: " + thrown};
                });
  if (went.ok()) {
    return;
  }
  feed_->end(); // nothing more is read for it
  if (on_failure_) {
    on_failure_(went);
  }
  const std::lock_guard lock(mutex_);
  state_ = std::move(went);
}

/// Until somebody ends it, or something is wrong.
status subscription_pump::deliver_all() {
  status went;
  while (went.ok() && !ending_.load(std::memory_order_acquire)) {
    auto next = feed_->take();
    if (!next.block && next.failure.ok()) {
      return {}; // ended
    }
    went = next.block ? deliver(*next.block, next.first) : std::move(next.failure);
  }
  return went;
}

status subscription_pump::deliver(const change_block& read, std::size_t first) {
  for (auto next = read.begin() + static_cast<std::ptrdiff_t>(first); next != read.end(); ++next) {
    if (ending_.load(std::memory_order_acquire)) {
      return {};
    }
    status went;
    detail::guard(
        [&] {
          on_change_(*next, {next->position + 1, lineage_});
        },
        [&](const std::string& thrown) {
          went = {entity_errc::entity_error, "the subscriber threw at position " +
                                                 std::to_string(next->position) + ": " + thrown};
        });
    if (!went.ok()) {
      return went;
    }
    next_.store(next->position + 1, std::memory_order_release);
  }
  return {};
}

} // namespace cairn::runtime
