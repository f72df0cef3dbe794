#pragma once

#include <optional>
#include <utility>

namespace cairn::runtime {

/// Says, while it lives, that this thread is one of a world's own, or runs a callback that others wait for: what waits
/// for a world must not be called here (`detail::may_wait`).
/// Thread: the one that it marks; made and destroyed like a stack.
class own_thread {
public:
  /// `doing` says in a word what runs here, and lives as long as the process.
  explicit own_thread(const char* doing) noexcept : before_(std::exchange(now, doing)) {}
  ~own_thread() { now = before_; }
  own_thread(const own_thread&) = delete;
  own_thread& operator=(const own_thread&) = delete;

  /// Null: it is none of a world's own.
  static const char* doing() noexcept { return now; }

private:
  const char* before_;
  static inline thread_local const char* now = nullptr;
};

/// The same for a handler that runs on threads which may be a world's own as a whole: there it costs one look.
class own_handler {
public:
  explicit own_handler(const char* doing) noexcept {
    if (own_thread::doing() == nullptr) {
      here_.emplace(doing);
    }
  }

private:
  std::optional<own_thread> here_;
};

} // namespace cairn::runtime
