#pragma once

#include <string>

namespace cairn::runtime {

class world_metrics;

/// A world's metrics in Prometheus' text format, with what they are called and what they mean. docs/operate.md
/// describes each.
std::string metrics_text(const world_metrics& metrics);

} // namespace cairn::runtime
