#pragma once

#include <cstdint>
#include <ostream>

namespace chess {

/// Writes `games` made-up games in PGN, always the same ones. Each is a real opening, after which
/// both sides move pieces to and fro behind their own lines until somebody tires: legal, but
/// nobody's chess. One player is in nearly all of them, comments and annotations are strewn in, and
/// some games end in the opening.
void write_sample(std::ostream& out, std::uint64_t games);

} // namespace chess
