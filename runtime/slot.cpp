#include "runtime/slot.hpp"

#include "runtime/type_counts.hpp"

namespace cairn {

void slot::answering(const detail::request& asked) noexcept {
  if (counts_ != nullptr) {
    counts_->answered(asked);
  }
}

} // namespace cairn
