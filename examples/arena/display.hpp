#pragma once

#include <cairn/cairn.hpp>

#include "play/tally.hpp"

#include <chrono>
#include <cstdint>

namespace arena {

/// A line on standard error for each second: what happened in it.
/// Thread: one.
class display {
public:
  display(const cairn::world& world, const tally& counts, bool is_shown);

  /// Writes the line when a second has passed since the last.
  void show();

private:
  using clock = std::chrono::steady_clock;

  struct counted {
    clock::time_point at;
    tallied bots;
    cairn::world_counts world;
  };

  counted count() const;

  const cairn::world& world_;
  const tally& counts_;
  bool is_shown_;
  clock::time_point started_ = clock::now();
  counted last_;
  clock::time_point next_ = started_ + std::chrono::seconds(1);
  std::uint64_t lines_ = 0;
};

} // namespace arena
