#include "runtime/world/loader.hpp"

#include <cairn/detail/guard.hpp>

#include "persistence/replay/group_recovery.hpp"
#include "runtime/threads/own_thread.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace cairn::runtime {

namespace {

/// More are not loaded together: the first of them are not to wait for ever more of the others.
constexpr std::size_t loaded_together_max = 8'192;

/// Fewer are not shared out among threads: each would read the same parts of the journal.
constexpr std::size_t loaded_together_min = 64;

} // namespace

loader::loader(const journal& source, unsigned threads,
               std::function<void(std::chrono::nanoseconds)> loaded,
               std::function<void(const std::string&)> threw)
    : source_(source),
      loaded_(std::move(loaded)),
      threw_(std::move(threw)),
      thread_count_(std::max(threads, 1U)) {
  for (std::size_t i = 0; i < thread_count_; ++i) {
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
    if (ending_) {
      return; // what it holds goes with it
    }
    jobs_.push_back(std::move(job));
  }
  wake_.notify_one();
}

std::size_t loader::waiting() const {
  const std::lock_guard lock(mutex_);
  return jobs_.size() + cold_.size();
}

void loader::load(slot_ptr slot, std::uint64_t activation) {
  {
    const std::lock_guard lock(mutex_);
    if (ending_) {
      return; // nobody waits for it any more, and its slot must not be kept
    }
    cold_.push_back({std::move(slot), activation});
  }
  wake_.notify_one();
}

/// A thread's share of those that wait; one, where there is a thread for each, so that none waits for another's slow
/// reading without need. Call it under the lock.
std::vector<loader::cold_entity> loader::take_cold() {
  const std::size_t share = (cold_.size() + thread_count_ - 1) / thread_count_;
  const std::size_t together =
      std::min({cold_.size(), std::max(share, loaded_together_min), loaded_together_max});
  const std::size_t count = cold_.size() <= thread_count_ ? 1 : together;
  const auto end = cold_.begin() + static_cast<std::ptrdiff_t>(count);
  std::vector<cold_entity> taken(std::make_move_iterator(cold_.begin()),
                                 std::make_move_iterator(end));
  cold_.erase(cold_.begin(), end);
  return taken;
}

void loader::load_all(const std::vector<cold_entity>& cold) const {
  std::vector<persistence::wanted_entity> wanted;
  wanted.reserve(cold.size());
  for (const auto& next : cold) {
    wanted.push_back({&next.slot->type(), next.slot->key()});
  }
  const auto began = clock::now();
  std::vector<bool> given(cold.size());
  const auto give = [&](std::size_t index, persistence::recovered_entity recovered) {
    auto loaded = std::make_shared<loaded_entity>();
    loaded->activation = cold[index].activation;
    loaded->entity = std::move(recovered.entity);
    loaded->failure = std::move(recovered.failure);
    loaded->snapshot = recovered.snapshot;
    if (loaded_) {
      loaded_(clock::now() - began);
    }
    given[index] = true;
    cold[index].slot->deliver(std::move(loaded));
  };
  const auto threw =
      [&](const std::string& thrown) { // what the entities' code throws, they fail with
        for (std::size_t i = 0; i < cold.size(); ++i) {
          if (!given[i]) {
            give(i,
                 {nullptr,
                  {entity_errc::entity_error, "loading " + cold[i].slot->key() + ": " + thrown}});
          }
        }
      };
  detail::guard([&] { persistence::recover_entities(source_, wanted, give); }, threw);
}

void loader::work() {
  const own_thread here("loading");
  bool job_next = true; // by turns, so that neither kind waits for all of the other
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return ending_ || !jobs_.empty() || !cold_.empty(); });
    if (!cold_.empty() && (jobs_.empty() || !job_next)) {
      job_next = true;
      auto cold = take_cold();
      lock.unlock();
      load_all(cold);
      cold.clear(); // without the lock
      lock.lock();
      continue;
    }
    if (jobs_.empty()) {
      return;
    }
    job_next = false;
    auto job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    detail::guard(job, [this](const std::string& thrown) {
      if (threw_) {
        threw_(thrown);
      }
    });
    job = nullptr; // what it holds is let go without the lock
    lock.lock();
  }
}

} // namespace cairn::runtime
