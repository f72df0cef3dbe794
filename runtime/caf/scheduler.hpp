#pragma once

#include <cairn/caf.hpp>

#include "runtime/caf/support.hpp"
#include "runtime/threads/own_thread.hpp"

#if CAF_VERSION < 1800
#include <caf/detail/set_thread_name.hpp>
#include <caf/detail/thread_safe_actor_clock.hpp>
#include <caf/resumable.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>
#endif

/// What a world's own actor system runs on.
namespace cairn::runtime::caf_support {

/// Makes the messages of Cairn's actors, and those to the user's, known to CAF; needed before any actor system of CAF
/// 1.x.
inline void register_messages() {
#if CAF_VERSION >= 1800
  static const bool once = [] {
    caf::init_global_meta_objects<caf::id_block::cairn>();
    caf::init_global_meta_objects<caf::id_block::cairn_inside>();
    caf::core::init_global_meta_objects();
    return true;
  }();
  static_cast<void>(once);
#endif
}

#if CAF_VERSION < 1800

/// Runs a world's entities, in place of CAF 0.17's own scheduler. That one finds out the name of each actor for a
/// log that nobody reads, takes memory for each place in its queues, and looks again every 50 us while little is
/// to do; docs/performance.md has the figures. Here all workers share one queue: whatever they do ends at the one
/// thread that persists, so queues of their own would gain nothing.
class entity_scheduler final : public caf::scheduler::abstract_coordinator {
public:
  explicit entity_scheduler(caf::actor_system& system) : abstract_coordinator(system) {}

  /// Thread: the one that makes the system.
  void start() override {
    running_ = num_workers();
    for (std::size_t i = 0; i < num_workers(); ++i) {
      workers_.push_back(std::make_unique<worker>(*this));
    }
    for (const auto& each : workers_) {
      threads_.emplace_back([this, own = each.get()] {
        const own_thread here("an entity");
        run_as("entities", [own] { own->run(); });
      });
    }
    timer_ = std::thread([this] { run_as("caf.clock", [this] { clock_.run_dispatch_loop(); }); });
    abstract_coordinator::start();
  }

  /// Runs what is left to run. Thread: the one that ends the system.
  void stop() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    more_.notify_all();
    for (auto& thread : threads_) {
      thread.join();
    }
    stop_actors();
    std::for_each(jobs_.begin(), jobs_.end(), cleanup_and_release);
    jobs_.clear();
    clock_.cancel_dispatch_loop();
    timer_.join();
  }

  /// Thread: any.
  void enqueue(caf::resumable* job) override {
    bool wake = false;
    {
      const std::lock_guard lock(mutex_);
      jobs_.push_back(job);
      wake = must_wake();
    }
    if (wake) {
      more_.notify_one();
    }
  }

  caf::actor_clock& clock() noexcept override { return clock_; }

private:
  using jobs = std::vector<caf::resumable*>;

  /// What a worker takes from the queue at a time.
  static constexpr std::size_t at_once_max = 16;

  /// How many jobs in a row may come from what running actors send, before those in the queue have their turn.
  static constexpr std::size_t sent_in_a_row_max = 64;

  /// After which a sleeping worker looks whether the others, which are not asleep, are held up by something long.
  static constexpr std::chrono::microseconds watch_interval{200};

  class worker final : public caf::execution_unit {
  public:
    explicit worker(entity_scheduler& all) : execution_unit(&all.system()), all_(all) {}

    /// What a running actor sends: it is run next, and the latest first.
    void exec_later(caf::resumable* job) override {
      if (sent_.size() < at_once_max && in_a_row_ < sent_in_a_row_max) {
        sent_.push_back(job);
      } else {
        all_.enqueue(job);
      }
    }

    /// Any thread, with the lock: takes a job that this worker has not come to.
    caf::resumable* give_up_one() noexcept {
      const std::size_t index = next_.fetch_add(1, std::memory_order_relaxed);
      return index < taken_.size() ? taken_[index] : nullptr;
    }

    /// The worker's own thread, with the lock: takes the first `count` of `from`.
    void refill(std::deque<caf::resumable*>& from, std::size_t count) {
      const auto end = from.begin() + static_cast<std::ptrdiff_t>(count);
      taken_.assign(from.begin(), end);
      from.erase(from.begin(), end);
      next_.store(0, std::memory_order_relaxed);
    }

    void refill(caf::resumable* one) {
      taken_.assign(1, one);
      next_.store(0, std::memory_order_relaxed);
    }

    void run() {
      constexpr std::size_t ahead = 2;
      while (all_.take(*this)) {
        for (;;) {
          // Others may have claimed some; what is claimed is not touched before this thread refills.
          const std::size_t index = next_.fetch_add(1, std::memory_order_relaxed);
          if (index >= taken_.size()) {
            break;
          }
          if (index + ahead < taken_.size()) {
            fetch(taken_[index + ahead]);
          }
          resume(taken_[index]);
          run_sent();
        }
      }
    }

  private:
    void run_sent() {
      for (in_a_row_ = 0; !sent_.empty(); ++in_a_row_) {
        auto* const next = sent_.back();
        sent_.pop_back();
        if (in_a_row_ < sent_in_a_row_max) {
          resume(next);
        } else {
          all_.enqueue(next);
        }
      }
      in_a_row_ = 0;
    }

    void resume(caf::resumable* job) {
      if (job->resume(this, all_.max_throughput()) == caf::resumable::resume_later) {
        all_.enqueue(job);
      } else {
        intrusive_ptr_release(job);
      }
    }

    /// Has the whole of an actor brought into the cache: of thousands, none is there any more when its turn comes.
    static void fetch(const caf::resumable* job) noexcept {
      constexpr std::ptrdiff_t line = 64;
      constexpr std::ptrdiff_t around =
          4 * line; // its references and first bases; what an entity adds
      constexpr auto bytes =
          static_cast<std::ptrdiff_t>(sizeof(caf::event_based_actor)) + 2 * around;
      const auto* const at = reinterpret_cast<const char*>(job) - around;
      for (std::ptrdiff_t i = 0; i < bytes; i += line) {
        __builtin_prefetch(at + i);
      }
    }

    entity_scheduler& all_;
    jobs taken_;                       // changes with the lock, and only on the worker's own thread
    std::atomic<std::size_t> next_{0}; // of `taken_`: those before it are claimed
    jobs sent_;
    std::size_t in_a_row_ = 0;
  };

  /// No thread of this scheduler has a logger: CAF would note for it whom each message is for.
  template <class Work>
  void run_as(const char* name, Work work) {
    caf::detail::set_thread_name(name);
    system().thread_started();
    work();
    system().thread_terminates();
  }

  /// Shall a sleeping worker be woken for what waits? Not for a few jobs that those who run will soon come to, as
  /// long as somebody watches whether they do; and one at a time: who was woken wakes the next if there is enough
  /// for it. Holds the lock.
  bool must_wake() noexcept {
    const std::size_t few = running_ > 0 && watched_ ? at_once_max : 0;
    if (sleeping_ == 0 || woken_ > 0 || jobs_.size() <= few) {
      return false;
    }
    --sleeping_;
    ++running_;
    ++woken_;
    return true;
  }

  /// Waits until there is something to run; false: the system ends.
  bool take(worker& own) {
    bool wake = false;
    {
      std::unique_lock lock(mutex_);
      while (jobs_.empty()) {
        if (take_from_others(own)) {
          return true;
        }
        if (stopping_) {
          return false;
        }
        sleep(lock);
      }
      const auto fair = (jobs_.size() + num_workers() - 1) / num_workers();
      own.refill(jobs_, std::min(fair, at_once_max));
      wake = must_wake();
    }
    if (wake) {
      more_.notify_one();
    }
    return true;
  }

  /// Takes one that another worker has taken but is held up before. Holds the lock.
  bool take_from_others(worker& own) {
    for (const auto& other : workers_) {
      auto* const job = other.get() != &own ? other->give_up_one() : nullptr;
      if (job != nullptr) {
        own.refill(job);
        return true;
      }
    }
    return false;
  }

  /// Until somebody wakes this worker or, if it is the one that watches, until it is time to look.
  void sleep(std::unique_lock<std::mutex>& lock) {
    ++sleeping_;
    --running_;
    const auto is_woken = [this] { return woken_ > 0 || stopping_; };
    if (running_ > 0 && !watched_) {
      watched_ = true;
      more_.wait_for(lock, watch_interval, is_woken);
      watched_ = false;
    } else {
      more_.wait(lock, is_woken);
    }
    if (woken_ > 0) {
      --woken_; // who woke it has counted it as running
    } else {
      --sleeping_;
      ++running_;
    }
  }

  std::mutex mutex_;
  std::condition_variable more_;
  std::deque<caf::resumable*> jobs_;
  std::size_t sleeping_ = 0; // workers that nobody has woken yet
  std::size_t running_ = 0;  // all others
  std::size_t woken_ = 0;    // of these, those that have not looked yet
  bool watched_ = false;     // a sleeping worker looks from time to time
  bool stopping_ = false;
  std::vector<std::unique_ptr<worker>> workers_;
  std::vector<std::thread> threads_;
  caf::detail::thread_safe_actor_clock clock_;
  std::thread timer_;
};

/// Has systems of this configuration run their actors on `entity_scheduler`.
inline void use_entity_scheduler(caf::actor_system_config& config) {
  config.module_factories.emplace_back(
      [](caf::actor_system& system) -> caf::actor_system::module* { // the system owns it
        return new entity_scheduler(system);
      });
}

#else

/// CAF 1.x runs entities on its own scheduler.
inline void use_entity_scheduler(caf::actor_system_config& /*config*/) {}

#endif

} // namespace cairn::runtime::caf_support
