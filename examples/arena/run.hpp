#pragma once

#include "options.hpp"
#include "report.hpp"

#include <atomic>

namespace arena {

/// Opens the arena, lets bots play in it until the time is over or `stop` is set, closes it, and proves from the journal
/// what happened. With `chosen.crash` it does not return.
/// Errors: those of the journal and of the world.
cairn::status run(const options& chosen, const std::atomic<bool>& stop, figures& told);

} // namespace arena
