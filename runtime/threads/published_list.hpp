#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace cairn::runtime {

/// A short list that grows rarely and is read all the time: whoever reads has it as it was when it looked, without
/// a lock. Every list there was lives as long as this, so it is for what is added a few times in all.
/// Thread: any.
template <class T>
class published_list {
public:
  published_list() { publish({}); }
  published_list(const published_list&) = delete;
  published_list& operator=(const published_list&) = delete;

  const std::vector<T>& get() const noexcept { return *latest_.load(std::memory_order_acquire); }

  /// Calls `edit` with a copy, which is then what is read; false: nothing was changed. What `edit` throws ends it.
  template <class Edit>
  bool change(Edit edit) {
    const std::lock_guard lock(mutex_);
    std::vector<T> next = get();
    if (!edit(next)) {
      return false;
    }
    publish(std::move(next));
    return true;
  }

private:
  void publish(std::vector<T> next) {
    all_.push_back(std::make_unique<const std::vector<T>>(std::move(next)));
    latest_.store(all_.back().get(), std::memory_order_release);
  }

  std::mutex mutex_; // of who changes it
  std::vector<std::unique_ptr<const std::vector<T>>> all_;
  std::atomic<const std::vector<T>*> latest_{nullptr};
};

} // namespace cairn::runtime
