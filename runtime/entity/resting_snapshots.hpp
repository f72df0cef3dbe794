#pragma once

#include <cairn/detail/request.hpp>

#include "runtime/entity/slot.hpp"

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>

namespace cairn::runtime {

/// Is a snapshot worth it when an entity rests, which leaves memory or whose world closes? Half of what makes one while
/// it changes: so there are at most twice as many, and what is loaded next replays less than that.
/// `stretch`: as `id_window::snapshot_stretch`.
inline bool is_worth_a_snapshot(const entity_type& type, version_type version,
                                version_type snapshotted, version_type stretch = 1) noexcept {
  const version_type every = type.snapshot_changes * stretch;
  return every > 0 && version >= snapshotted + (every + 1) / 2;
}

/// Snapshots of entities at rest that are on their way to the journal: bounded, and awaited when the world closes.
/// Thread: any.
class resting_snapshots {
public:
  /// More do not wait for the journal: what leaves meanwhile leaves without, and is loaded from its older one.
  static constexpr std::size_t bytes_max = std::size_t{16} << 20U;
  static constexpr std::size_t count_max = 16'384;

  bool has_room() const {
    const std::lock_guard lock(mutex_);
    return bytes_ < bytes_max && count_ < count_max;
  }

  void begin() {
    const std::lock_guard lock(mutex_);
    ++count_;
  }

  void add(std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    bytes_ += bytes;
  }

  void end(std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    --count_;
    bytes_ -= bytes;
    changed_.notify_all();
  }

  void await_fewer_than(std::size_t most) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return count_ < most; });
  }

private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t count_ = 0;
  std::size_t bytes_ = 0;
};

/// Takes a snapshot of an entity at rest to the journal, or finds that none is worth it. However it ends, it counts
/// itself out.
class rest_request final : public detail::request {
public:
  /// `entered`: it is counted into the slot, and goes to the entity by its mailbox.
  rest_request(resting_snapshots& among, slot_ptr of, bool entered)
      : among_(among), slot_(std::move(of)), entered_(entered) {
    what = verb::rest;
    slot = slot_;
    among_.begin();
  }

  ~rest_request() override {
    if (entered_) {
      slot_->leave();
    }
    among_.end(bytes_);
  }

  void take(std::unique_ptr<std::string> taken, version_type version) {
    bytes_ = taken->size();
    among_.add(bytes_);
    snapshot = std::move(taken);
    answer.version = version;
  }

  void complete() noexcept override {}

private:
  resting_snapshots& among_;
  slot_ptr slot_;
  const bool entered_;
  std::size_t bytes_ = 0;
};

} // namespace cairn::runtime
