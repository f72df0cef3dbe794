#pragma once

#include "bot.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <semaphore>

namespace arena {

/// The same bots as in a crowd, but one after the other, in the order of their numbers: what one does is over, with all
/// that it leads to, before the next begins. So the same seed on the same journal makes the same changes.
/// Thread: one.
class rounds {
public:
  rounds(const grounds& shared, std::uint64_t seed);

  /// Each bot takes one step. `stop` is asked before each; true ends the round.
  void play_one(const std::function<bool()>& stop);

private:
  cairn::world& world_;
  std::deque<bot> bots_;
  std::binary_semaphore rested_{0};
};

} // namespace arena
