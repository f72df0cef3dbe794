#pragma once

#include <cairn/detail/tools/verify.hpp>

namespace cairn::persistence {

/// Checks every snapshot of the changes that `report` counts, and counts the snapshots.
/// Errors: as `verify_journal`.
status verify_snapshots(const journal& checked, verify_report& report);

} // namespace cairn::persistence
