#pragma once

#include <cairn/cairn.hpp>

#include "persistence/commit/group_commit.hpp"
#include "persistence/commit/inbox.hpp"
#include "runtime/entity/process.hpp"
#include "runtime/world/actor_runtime.hpp"
#include "runtime/world/core.hpp"

#include <array>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

/// A world without CAF, whose entities and persistence run on plain threads: the form in which ThreadSanitizer sees
/// everything.
namespace cairn::testing {

/// Runs jobs one after the other on a thread of its own: what an actor's mailbox is to CAF.
class job_thread {
public:
  job_thread() : thread_([this] { run(); }) {}
  ~job_thread() { stop(); }

  void post(std::function<void()> job) {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
    changed_.notify_one();
  }

  void stop() {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
      changed_.notify_one();
    }
    if (thread_.joinable()) {
      thread_.join();
    }
  }

private:
  void run() {
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [this] { return ending_ || !jobs_.empty(); });
      if (jobs_.empty()) {
        return;
      }
      auto job = std::move(jobs_.front());
      jobs_.pop_front();
      lock.unlock();
      job();
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> jobs_;
  bool ending_ = false;
  std::thread thread_;
};

/// A slot whose entity runs on one of a few plain threads.
class thread_slot final : public cairn::runtime::slot {
public:
  thread_slot(std::string key, const cairn::entity_type& type, cairn::runtime::entity_host& host,
              void (*then)(cairn::runtime::entity_host&), job_thread& thread)
      : slot(std::move(key), type),
        host_(host),
        finished_(then),
        thread_(thread),
        process_(*this, host) {}

  void deliver(cairn::detail::request_ptr sent) override {
    thread_.post([self = cairn::runtime::slot_ptr(this), this, sent = std::move(sent)] {
      process_.handle(sent);
    });
  }
  void deliver(std::shared_ptr<cairn::runtime::loaded_entity> loaded) override {
    thread_.post([self = cairn::runtime::slot_ptr(this), this, loaded = std::move(loaded)] {
      process_.handle(*loaded);
    });
  }
  void deliver_passivation() override {
    thread_.post([self = cairn::runtime::slot_ptr(this), this] { process_.try_passivate(); });
  }
  void deliver_exit() override {}
  void finished(std::size_t counted_bytes) noexcept override {
    cairn::runtime::entity_host& host = host_;
    const auto tell_host = finished_;
    give_back(counted_bytes, host);
    leave();
    tell_host(host);
  }

protected:
  void on_lost(std::uint64_t activation) override {
    thread_.post([self = cairn::runtime::slot_ptr(this), this, activation] {
      process_.handle_loss(activation);
    });
  }

private:
  cairn::runtime::entity_host& host_;
  void (*finished_)(cairn::runtime::entity_host&);
  job_thread& thread_;
  cairn::runtime::entity_process process_;
};

/// An actor runtime without actors.
class thread_runtime final : public cairn::runtime::actor_runtime {
public:
  explicit thread_runtime(cairn::runtime::actor_surroundings around) : around_(std::move(around)) {
    around_.commit.post = [this](cairn::append_result result) {
      persistence_.post([this, result = std::move(result)] {
        commit_->resume(result);
        go_on();
      });
    };
    commit_ = std::make_unique<cairn::persistence::group_commit>(*around_.journal, around_.commit);
  }

  cairn::runtime::slot_ptr spawn_entity(std::string_view key,
                                        const cairn::entity_type& type) override {
    auto& thread = entities_[next_.fetch_add(1) % entities_.size()];
    return new thread_slot(std::string(key), type, *around_.host, around_.finished, thread);
  }
  void hand_over(cairn::detail::request_ptr decided) override {
    if (inbox_.push(std::move(decided))) {
      persistence_.post([this] { flush(); });
    }
  }
  void sync() override {
    persistence_.post([this] { commit_->sync(); });
  }
  void stop(const std::vector<cairn::runtime::slot_ptr>& /*entities*/) override {
    for (auto& thread : entities_) {
      thread.stop();
    }
    persistence_.stop();
  }

private:
  void flush() {
    inbox_.take([this](cairn::detail::request_ptr handed) { commit_->add(std::move(handed)); });
    commit_->flush();
    go_on();
  }

  void go_on() {
    if (commit_->wants_flush()) {
      persistence_.post([this] { flush(); });
    }
  }

  cairn::runtime::actor_surroundings around_;
  std::unique_ptr<cairn::persistence::group_commit> commit_;
  cairn::persistence::commit_inbox inbox_;
  std::atomic<std::size_t> next_{0};
  job_thread persistence_;
  std::array<job_thread, 3> entities_;
};

inline cairn::world make_thread_world(cairn::world_options options) {
  return cairn::world(std::make_unique<cairn::runtime::world_core>(
      std::move(options),
      [](cairn::runtime::actor_surroundings around)
          -> std::unique_ptr<cairn::runtime::actor_runtime> {
        return std::make_unique<thread_runtime>(std::move(around));
      }));
}

} // namespace cairn::testing
