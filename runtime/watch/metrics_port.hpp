#pragma once

#include "runtime/watch/metrics_connection.hpp"

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

namespace cairn::runtime {

class world_metrics;

/// Answers `GET /metrics` on 127.0.0.1 while it lives, on one thread that waits for all clients at once. A client
/// has two seconds for each step; of too many, the one that has been at it for longest has to go. So whoever
/// sends nothing, or reads nothing, holds up nobody.
class metrics_port {
public:
  /// 0: any port that is free. `metrics` must live as long.
  /// Errors: `startup_error` when the port cannot be had; it names the port and a way out.
  metrics_port(const world_metrics& metrics, std::uint16_t port);

  /// Finishes answers that are under way, unless their clients are slow to take them.
  ~metrics_port();
  metrics_port(const metrics_port&) = delete;
  metrics_port& operator=(const metrics_port&) = delete;

  std::uint16_t number() const noexcept { return number_; }

private:
  /// Closes itself.
  class owned_descriptor {
  public:
    explicit owned_descriptor(int descriptor) noexcept : descriptor_(descriptor) {}
    ~owned_descriptor();
    owned_descriptor(const owned_descriptor&) = delete;
    owned_descriptor& operator=(const owned_descriptor&) = delete;
    int get() const noexcept { return descriptor_; }

  private:
    int descriptor_;
  };

  using clock = metrics_connection::clock;

  static constexpr std::size_t clients_max = 64;

  void serve();
  bool wait();
  void let_in();
  void end_late(clock::time_point now);
  bool end_one();

  const world_metrics& metrics_;
  owned_descriptor listener_;
  owned_descriptor wake_;
  std::uint16_t number_ = 0;
  std::vector<metrics_connection> clients_; // as they came
  clock::time_point full_until_{};          // the process has no descriptors for more clients
  std::atomic<bool> ending_{false};
  std::thread thread_;
};

} // namespace cairn::runtime
