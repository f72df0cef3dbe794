#pragma once

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#endif

namespace cairn::testing {

/// What the thread takes from the heap while it lives may be lost. For a `throw` of what throws again when it is let
/// go: the C++ runtime never frees such an exception.
class may_leak {
public:
#ifdef __SANITIZE_ADDRESS__
  may_leak() { __lsan_disable(); }
  ~may_leak() { __lsan_enable(); }
#else
  may_leak() {}
  ~may_leak() {}
#endif
  may_leak(const may_leak&) = delete;
  may_leak& operator=(const may_leak&) = delete;
};

} // namespace cairn::testing
