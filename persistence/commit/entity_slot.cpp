#include "persistence/commit/entity_slot.hpp"

#include <cairn/detail/guard.hpp>
#include <cairn/detail/request.hpp>

namespace cairn {

namespace persistence {

void intrusive_ptr_add_ref(const entity_slot* counted) noexcept {
  counted->references_.fetch_add(1, std::memory_order_relaxed);
}

void intrusive_ptr_release(const entity_slot* counted) noexcept {
  if (counted->references_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    delete counted;
  }
}

} // namespace persistence

void detail::request::finish() noexcept {
  if (what >= verb::barrier) {
    return complete();
  }
  slot->answering(*this);
  guard([this] { complete(); },
        [this](const std::string& thrown) { slot->callback_threw(thrown); });
  slot->finished(counted_bytes);
}

} // namespace cairn
