#pragma once

#include <functional>

namespace cairn::bench {

/// What `measure` finds in a process of its own, a copy of this one, which must not have started threads by then.
/// Throws what `measure` throws: `interruption`, `std::runtime_error`.
/// Thread: the only one.
double apart(const std::function<double()>& measure);

} // namespace cairn::bench
