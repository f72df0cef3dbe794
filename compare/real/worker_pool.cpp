#include "compare/real/worker_pool.hpp"

#include <algorithm>
#include <utility>

namespace cairn::compare {

worker_pool::worker_pool() {
  // One core is left to the committing thread, as in a world.
  const unsigned count = std::max(2U, std::thread::hardware_concurrency()) - 1;
  for (std::size_t worker = 0; worker < count; ++worker) {
    threads_.emplace_back([this, worker] { serve(worker); });
  }
}

worker_pool::~worker_pool() {
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
  }
  changed_.notify_all();
  for (auto& thread : threads_) thread.join();
}

void worker_pool::run(std::function<void(std::size_t)> work) {
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(work));
  }
  changed_.notify_one();
}

void worker_pool::serve(std::size_t worker) {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return ends_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    const auto work = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    work(worker);
    lock.lock();
  }
}

} // namespace cairn::compare
