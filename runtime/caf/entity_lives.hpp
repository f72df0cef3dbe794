#pragma once

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>

namespace cairn::runtime {

/// Counts a world's entity actors, so that its end can wait for them on an actor system that goes on: also for those
/// that nobody sends to any more, or that are about to leave by themselves.
/// Thread: any.
class entity_lives {
public:
  /// An actor's share.
  class one {
  public:
    explicit one(std::shared_ptr<entity_lives> all);
    ~one();
    one(const one&) = delete;
    one& operator=(const one&) = delete;

    /// It takes nothing any more.
    void end() noexcept;

  private:
    std::shared_ptr<entity_lives> all_;
    bool ended_ = false;
  };

  /// Waits until none takes anything any more.
  void await_ended();

  /// Waits until nothing of them is left in memory.
  void await_gone();

private:
  std::mutex mutex_; // of what follows
  std::condition_variable changed_;
  std::size_t running_ = 0;
  std::size_t there_ = 0;
};

} // namespace cairn::runtime
