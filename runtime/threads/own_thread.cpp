#include "runtime/threads/own_thread.hpp"

#include <cairn/detail/future.hpp>

#include <string>

namespace cairn::detail {

bool is_own_thread() noexcept { return runtime::own_thread::doing() != nullptr; }

status may_wait(const char* call) {
  const char* const doing = runtime::own_thread::doing();
  if (doing == nullptr) {
    return {};
  }
  return {runtime_errc::would_block,
          std::string(call) + " waits, and was called on a world's own thread, in " + doing +
              ", which could be what it waits for: post the request with a callback, send a "
              "message or set a timer "
              "in the decision, or call it from a thread of your own"};
}

void require_may_wait(const char* call) {
  if (const auto refused = may_wait(call); !refused.ok()) {
    throw std::system_error(refused.error, refused.message);
  }
}

} // namespace cairn::detail
