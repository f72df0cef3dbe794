#include "cli/exec/background.hpp"

#include <utility>

namespace cairn::cli {

background_jobs::~background_jobs() {
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
  }
  changed_.notify_one();
  if (worker_.joinable()) worker_.join();
}

void background_jobs::run(std::function<void()> job) {
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  changed_.notify_one();
  if (!worker_.joinable()) worker_ = std::thread([this] { work(); });
}

void background_jobs::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return ends_ || !jobs_.empty(); });
    if (jobs_.empty()) return;
    const auto job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    job();
    lock.lock();
  }
}

} // namespace cairn::cli
