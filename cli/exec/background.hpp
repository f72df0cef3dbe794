#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace cairn::cli {

/// Runs jobs that block, one after the other, on a thread of its own, so that lines behind them need not wait.
/// The thread begins with the first job.
class background_jobs {
public:
  background_jobs() = default;
  /// Waits for the jobs to end.
  ~background_jobs();
  background_jobs(const background_jobs&) = delete;
  background_jobs& operator=(const background_jobs&) = delete;

  void run(std::function<void()> job);

private:
  void work();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> jobs_;
  bool ends_ = false;
  std::thread worker_;
};

} // namespace cairn::cli
