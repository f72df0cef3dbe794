#include "crowd.hpp"

namespace arena {

crowd::crowd(const grounds& shared, std::uint64_t seed, std::chrono::microseconds think)
    : think_(think) {
  for (std::size_t number = 0; number < shared.size.bots; ++number) {
    bots_.emplace_back(shared, number, seed, [this](bot& tired) { rest(tired); });
  }
}

crowd::~crowd() { stop(); }

void crowd::start() {
  const auto now = clock::now();
  for (auto& one : bots_) {
    turns_.push({now + one.think(think_), &one});
  }
  driver_ = std::thread([this] { drive(); });
}

void crowd::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    changed_.notify_all();
  }
  if (driver_.joinable()) {
    driver_.join();
  }
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return acting_ == 0; });
}

void crowd::drive() {
  std::unique_lock lock(mutex_);
  while (!stopped_) {
    if (turns_.empty()) {
      changed_.wait(lock);
    } else if (const auto next = turns_.top(); next.at > clock::now()) {
      changed_.wait_until(lock, next.at);
    } else {
      turns_.pop();
      ++acting_;
      lock.unlock(); // the reply may come before `step` returns
      next.whose->step();
      lock.lock();
    }
  }
}

void crowd::rest(bot& tired) {
  const std::lock_guard lock(mutex_);
  --acting_;
  const turn next{clock::now() + tired.think(think_), &tired};
  const bool is_first = turns_.empty() || turns_.top() > next;
  turns_.push(next);
  if (is_first || stopped_) {
    changed_.notify_one();
  }
}

} // namespace arena
