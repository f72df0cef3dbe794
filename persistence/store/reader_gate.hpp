#pragma once

#include <cairn/error.hpp>

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace cairn::persistence {

/// Lets readers into a store until it closes, and has closing wait for those inside, who look whether they are to leave.
/// Thread: any.
class reader_gate {
public:
  /// One reader's stay. Falsy: the store is closed, and nothing of it may be touched.
  /// Thread: the reader's; made and destroyed like a stack.
  class pass {
  public:
    explicit pass(const reader_gate& gate);
    ~pass();
    pass(const pass&) = delete;
    pass& operator=(const pass&) = delete;

    explicit operator bool() const noexcept { return gate_ != nullptr; }

  private:
    friend class reader_gate;
    const reader_gate* gate_;
    const pass* before_;
    static thread_local const pass* innermost;
  };

  /// Nobody is let in any more, and who is inside is to leave soon.
  bool is_closed() const noexcept { return closed_.load(std::memory_order_relaxed); }

  /// What readers say then.
  static status closed();

  /// Closes it and waits until all have left.
  /// Errors: `shutting_down` when it was closed before; `would_block`, and it stays open, inside a pass of the caller's.
  status close();

private:
  mutable std::mutex mutex_; // of what follows
  mutable std::condition_variable left_;
  mutable std::size_t inside_ = 0;
  std::atomic<bool> closed_{false};
};

} // namespace cairn::persistence
