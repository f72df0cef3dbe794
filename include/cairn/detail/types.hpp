#pragma once

#include <cstddef>
#include <cstdint>

namespace cairn {

/// Number of accepted changes of one entity; 0 means that it never existed. At most 2^63 - 1.
using version_type = std::uint64_t;

/// Place of a change in the whole journal: 0, 1, 2, … without gaps.
using position_type = std::uint64_t;

/// Stands where there is no position: an entity's first change has no previous one.
inline constexpr position_type no_position = ~position_type{0};

/// The largest version that a command may expect and that an entity can reach.
inline constexpr version_type version_max = (version_type{1} << 63) - 1;

/// Longest entity id, in bytes of UTF-8.
inline constexpr std::size_t entity_id_bytes_max = 1024;

} // namespace cairn
