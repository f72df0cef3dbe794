#include "runtime/entity/slot.hpp"

#include <cairn/detail/request.hpp>

#include "runtime/agenda/agenda_requests.hpp"
#include "runtime/entity/byte_budget.hpp"
#include "runtime/entity/process.hpp"
#include "runtime/watch/thrown_counts.hpp"
#include "runtime/watch/type_counts.hpp"

namespace cairn::runtime {

namespace {

/// The change that notes a timer is accepted, whatever becomes of the timer's command.
type_counts::timer_end end_of_timer(const detail::request& done) noexcept {
  if (done.what != detail::request::verb::fire || done.answer.what != answer::kind::accepted) {
    return type_counts::timer_end::as_answered;
  }
  const auto& due = static_cast<const fire_request&>(done);
  if (due.reason.empty()) {
    return type_counts::timer_end::as_answered;
  }
  return due.gave_up() ? type_counts::timer_end::given_up : type_counts::timer_end::rejected;
}

} // namespace

void slot::answering(const detail::request& done) noexcept {
  if (counts_ != nullptr) {
    counts_->answered(done, end_of_timer(done));
  }
}

void slot::callback_threw(std::string_view text) noexcept {
  if (counts_ != nullptr) {
    counts_->thrown().tell(user_code::callback, key(), text);
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

} // namespace cairn::runtime
