#include "runtime/slot.hpp"

#include "runtime/thrown_counts.hpp"
#include "runtime/type_counts.hpp"

namespace cairn {

void slot::answering(const detail::request& asked) noexcept {
  if (counts_ != nullptr) {
    counts_->answered(asked);
  }
}

void slot::callback_threw(std::string_view text) noexcept {
  if (thrown_ != nullptr) {
    thrown_->tell(user_code::callback, key(), text);
  }
}

} // namespace cairn
