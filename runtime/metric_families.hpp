#pragma once

#include <memory>
#include <string>

namespace prometheus {
class Collectable; // NOLINT(readability-identifier-naming): prometheus-cpp calls it so
}

namespace cairn {

class world_metrics;

/// A world's metrics as prometheus-cpp has them: what they are called and what they mean. docs/operate.md describes
/// each. `metrics` must live as long.
std::shared_ptr<prometheus::Collectable> make_metric_families(const world_metrics& metrics);

/// All of them in Prometheus' text format.
std::string metrics_text(const world_metrics& metrics);

} // namespace cairn
