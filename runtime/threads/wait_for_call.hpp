#pragma once

#include <thread>

namespace cairn::runtime {

/// The wait of a handle's end for a call into user code that runs on another thread. False: that call is the caller, or
/// waits itself, perhaps through others, for a call that is the caller: then nobody waits.
/// Thread: the one that waits; lives until it has waited.
class wait_for_call {
public:
  explicit wait_for_call(std::thread::id runner);
  ~wait_for_call();
  wait_for_call(const wait_for_call&) = delete;
  wait_for_call& operator=(const wait_for_call&) = delete;

  explicit operator bool() const noexcept { return waits_; }

private:
  bool waits_ = true;
};

} // namespace cairn::runtime
