#include "runtime/entity/slot.hpp"

#include <cairn/detail/request.hpp>

#include "runtime/entity/byte_budget.hpp"
#include "runtime/entity/process.hpp"
#include "runtime/watch/thrown_counts.hpp"
#include "runtime/watch/type_counts.hpp"

namespace cairn {

void slot::answering(const detail::request& done) noexcept {
  if (counts_ != nullptr) {
    counts_->answered(done);
  }
}

void slot::callback_threw(std::string_view text) noexcept {
  if (thrown_ != nullptr) {
    thrown_->tell(user_code::callback, key(), text);
  }
}

void slot::take(detail::request& handled, std::size_t bytes, entity_host& host) noexcept {
  handled.counted_bytes += bytes;
  held_bytes_.fetch_add(bytes, std::memory_order_relaxed);
  host.rules_of_world().bytes->take(bytes);
}

void slot::give_back_counted(std::size_t bytes, entity_host& host) noexcept {
  held_bytes_.fetch_sub(bytes, std::memory_order_relaxed);
  host.rules_of_world().bytes->give_back(bytes);
}

} // namespace cairn
