#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace cairn::compare {

/// As many threads as a world gives its entities, and a line of work for them.
/// Thread: any.
class worker_pool {
public:
  worker_pool();
  ~worker_pool();
  worker_pool(const worker_pool&) = delete;
  worker_pool& operator=(const worker_pool&) = delete;

  std::size_t size() const noexcept { return threads_.size(); }

  /// `work` gets the number of its thread, from 0.
  void run(std::function<void(std::size_t)> work);

private:
  void serve(std::size_t worker);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void(std::size_t)>> waiting_;
  bool ends_ = false;
  std::vector<std::thread> threads_;
};

} // namespace cairn::compare
