#pragma once

#include <cairn/effects.hpp>
#include <cairn/journal.hpp>
#include <cairn/world.hpp>

#include <optional>
#include <vector>

namespace cairn {

/// Reads the list of messages that came back, `after` exclusive, oldest first.
/// Thread: any.
status read_undelivered(const journal& source, std::optional<position_type> after,
                        std::size_t limit, std::vector<undelivered_message>& found);

} // namespace cairn
