#include "compare/real/timer.hpp"

#include <utility>

namespace cairn::compare {

timer::timer() : thread_([this] { run(); }) {}

timer::~timer() {
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
    hurries_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void timer::at(clock::time_point when, std::function<void()> call) {
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    first = hurries_ || waiting_.empty() || when < waiting_.top().when;
    waiting_.push({when, next_order_++, std::move(call)});
  }
  if (first) changed_.notify_all();
}

void timer::hurry() {
  {
    const std::lock_guard lock(mutex_);
    hurries_ = true;
  }
  changed_.notify_all();
}

void timer::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (waiting_.empty()) {
      if (ends_) return;
      changed_.wait(lock);
    } else if (!hurries_ && clock::now() < waiting_.top().when) {
      const auto when = waiting_.top().when;
      changed_.wait_until(lock, when);
    } else {
      const auto call = waiting_.top().call;
      waiting_.pop();
      lock.unlock();
      call();
      lock.lock();
    }
  }
}

} // namespace cairn::compare
