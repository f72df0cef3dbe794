#pragma once

#include <cairn/detail/request.hpp>

#include <atomic>
#include <utility>

namespace cairn::persistence {

/// Where entities leave what they have decided, for the persistence actor to collect. The requests themselves
/// are the links, so handing over allocates nothing; only who finds it empty has to wake the reader. What
/// that saves against an actor message each has not been measured by itself.
/// Thread: `push` any; `take` one.
class commit_inbox {
public:
  commit_inbox() = default;
  commit_inbox(const commit_inbox&) = delete;
  commit_inbox& operator=(const commit_inbox&) = delete;
  ~commit_inbox() {
    take([](const detail::request_ptr& /*dropped*/) {});
  }

  /// True: it was empty, and the reader is to be woken.
  bool push(detail::request_ptr handed) noexcept {
    detail::request* const link = handed.detach();
    detail::request* before = newest_.load(std::memory_order_relaxed);
    do {
      link->next_in_line = before;
    } while (!newest_.compare_exchange_weak(before, link, std::memory_order_release,
                                            std::memory_order_relaxed));
    return before == nullptr; // `link` belongs to the reader by now
  }

  /// Takes everything out, oldest first; what one thread pushed keeps its order.
  template <class Consumer>
  void take(Consumer&& consume) {
    detail::request* newest = newest_.exchange(nullptr, std::memory_order_acquire);
    detail::request* oldest = nullptr;
    while (newest != nullptr) { // the list is newest first: turn it round
      detail::request* const before = std::exchange(newest->next_in_line, oldest);
      oldest = std::exchange(newest, before);
    }
    while (oldest != nullptr) {
      detail::request* const next = std::exchange(oldest->next_in_line, nullptr);
      consume(detail::request_ptr(oldest, false));
      oldest = next;
    }
  }

private:
  std::atomic<detail::request*> newest_{nullptr};
};

} // namespace cairn::persistence
