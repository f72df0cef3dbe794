#pragma once

#include <atomic>

namespace cairn {

/// Between which steps a process may be killed, for tests that do so. A change goes through `decided`, `batched`
/// (handed to the journal), `synced` (durable, nobody knows), and what it sets off through `dispatched` (on its way to
/// its entity), `delivered` (decided there) and `acknowledged` (that change is durable, and the sender knows).
enum class crash_point : unsigned char {
  decided,
  batched,
  synced,
  dispatched,
  delivered,
  acknowledged,
};

/// What a test wants to be called at each point; null: nothing, which costs one load.
/// Thread: set before a world is made; called on any.
inline std::atomic<void (*)(crash_point)> crash_hook{nullptr};

inline void pass(crash_point point) {
  if (auto* const hook = crash_hook.load(std::memory_order_relaxed)) {
    hook(point);
  }
}

} // namespace cairn
