#include "rounds.hpp"

namespace arena {

rounds::rounds(const grounds& shared, std::uint64_t seed) : world_(shared.world) {
  for (std::size_t number = 0; number < shared.size.bots; ++number) {
    bots_.emplace_back(shared, number, seed, [this](bot& /*tired*/) { rested_.release(); });
  }
}

void rounds::play_one(const std::function<bool()>& stop) {
  for (auto& one : bots_) {
    if (stop()) {
      return;
    }
    one.step();
    rested_.acquire();
    world_.settle();
  }
}

} // namespace arena
