#pragma once

#include <cstdint>
#include <memory>

namespace prometheus {
class Collectable; // NOLINT(readability-identifier-naming): prometheus-cpp calls them so
class Exposer;     // NOLINT(readability-identifier-naming)
} // namespace prometheus

namespace cairn {

class world_metrics;

/// Answers `GET /metrics` on 127.0.0.1 while it lives, on threads of its own.
class metrics_port {
public:
  /// 0: any port that is free. `metrics` must live as long.
  /// Errors: `startup_error` when the port cannot be had; it names the port and a way out.
  metrics_port(const world_metrics& metrics, std::uint16_t port);

  /// Finishes an answer that is under way.
  ~metrics_port();
  metrics_port(const metrics_port&) = delete;
  metrics_port& operator=(const metrics_port&) = delete;

  std::uint16_t number() const noexcept { return number_; }

private:
  std::shared_ptr<prometheus::Collectable> families_;
  std::unique_ptr<prometheus::Exposer> exposer_;
  std::uint16_t number_ = 0;
};

} // namespace cairn
