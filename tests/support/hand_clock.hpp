#pragma once

#include <cairn/clock.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>

/// A real clock whose wall and steady time a test moves by hand.
class hand_clock {
public:
  cairn::clock clock() const {
    return cairn::clock::real(
        {[at = hands_] { return cairn::time_point(std::chrono::microseconds(at->wall_us)); },
         [at = hands_] {
           return std::chrono::steady_clock::time_point(std::chrono::microseconds(at->steady_us));
         }});
  }

  /// Both go on.
  void pass(std::chrono::microseconds time) {
    hands_->wall_us += time.count();
    hands_->steady_us += time.count();
  }

  /// Somebody sets the wall clock.
  void set_wall(std::chrono::microseconds by) { hands_->wall_us += by.count(); }

  cairn::time_point wall() const {
    return cairn::time_point(std::chrono::microseconds(hands_->wall_us));
  }

private:
  struct hands {
    std::atomic<std::int64_t> wall_us{1'780'000'000'000'000};
    std::atomic<std::int64_t> steady_us{5'000'000};
  };
  std::shared_ptr<hands> hands_ = std::make_shared<hands>();
};
