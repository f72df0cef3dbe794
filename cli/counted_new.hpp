#pragma once

#include <cstdint>

namespace cairn::cli {

/// Calls of `operator new` in this process so far, where the program has replaced it (`main.cpp`).
/// Thread: any.
std::uint64_t counted_allocations() noexcept;

} // namespace cairn::cli
