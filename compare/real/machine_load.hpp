#pragma once

#include <chrono>

namespace cairn::compare {

/// The share of the CPU time that it asks for which the process gets now: a thread for each core wants all of its core
/// for so long. Near 1 on a machine where nothing else runs.
double cpu_share(std::chrono::milliseconds for_so_long);

} // namespace cairn::compare
