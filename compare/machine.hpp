#pragma once

#include <cairn/compare.hpp>

#include <string>

namespace cairn::compare {

/// Processor, cores, system and compiler, in one line.
std::string describe_machine();

/// What the journals of these settings are, and on which file system.
std::string describe_journal(const settings& how);

/// Now, as `2026-05-31T18:20:00Z`.
std::string current_time();

} // namespace cairn::compare
