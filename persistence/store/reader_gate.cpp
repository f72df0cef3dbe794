#include "persistence/store/reader_gate.hpp"

namespace cairn::persistence {

thread_local const reader_gate::pass* reader_gate::pass::innermost = nullptr;

reader_gate::pass::pass(const reader_gate& gate) : gate_(&gate), before_(innermost) {
  const std::lock_guard lock(gate.mutex_);
  if (gate.is_closed()) {
    gate_ = nullptr;
    return;
  }
  ++gate.inside_;
  innermost = this;
}

reader_gate::pass::~pass() {
  if (gate_ != nullptr) {
    innermost = before_;
    // Notified under the lock: who closes may destroy the gate as soon as it holds it.
    const std::lock_guard lock(gate_->mutex_);
    --gate_->inside_;
    gate_->left_.notify_all();
  }
}

status reader_gate::closed() { return {runtime_errc::shutting_down, "the journal is closed"}; }

status reader_gate::close() {
  for (const auto* each = pass::innermost; each != nullptr; each = each->before_) {
    if (each->gate_ == this) {
      return {
          runtime_errc::would_block,
          "a journal cannot be closed by who is reading it: close it when the reader has returned"};
    }
  }
  std::unique_lock lock(mutex_);
  if (closed_.exchange(true, std::memory_order_relaxed)) {
    return closed();
  }
  left_.wait(lock, [this] { return inside_ == 0; });
  return {};
}

} // namespace cairn::persistence
