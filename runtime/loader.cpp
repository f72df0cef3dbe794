#include "runtime/loader.hpp"

#include "persistence/recovery.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace cairn {

loader::loader(const journal& source, unsigned threads,
               std::function<void(std::chrono::nanoseconds)> loaded)
    : source_(source), loaded_(std::move(loaded)) {
  for (unsigned i = 0; i < std::max(threads, 1U); ++i) {
    threads_.emplace_back([this] { work(); });
  }
}

void loader::finish() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  for (auto& thread : threads_) {
    thread.join();
  }
  threads_.clear();
}

void loader::run(std::function<void()> job) {
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  wake_.notify_one();
}

std::size_t loader::waiting() const {
  const std::lock_guard lock(mutex_);
  return jobs_.size();
}

void loader::load(slot_ptr place, std::uint64_t activation) {
  run([this, place = std::move(place), activation] {
    auto loaded = std::make_shared<loaded_entity>();
    loaded->activation = activation;
    const auto began = std::chrono::steady_clock::now();
    try {
      loaded->failure =
          recover_entity(source_, place->type(), place->key(), version_max, loaded->entity);
    } catch (const std::exception& thrown) {
      loaded->failure = {entity_errc::entity_error,
                         "rebuilding " + place->key() + " threw: " + thrown.what()};
    } catch (...) {
      loaded->failure = {
          entity_errc::entity_error,
          "rebuilding " + place->key() + " threw something that is no std::exception"};
    }
    if (!loaded->failure.ok()) {
      loaded->entity.reset();
    }
    if (loaded_) {
      loaded_(std::chrono::steady_clock::now() - began);
    }
    place->deliver(std::move(loaded));
  });
}

void loader::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return ending_ || !jobs_.empty(); });
    if (jobs_.empty()) {
      return;
    }
    auto job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    job();
    job = nullptr; // what it holds is let go without the lock
    lock.lock();
  }
}

} // namespace cairn
