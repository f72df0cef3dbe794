#include "runtime/agenda/agenda_requests.hpp"

#include <algorithm>
#include <utility>

namespace cairn::runtime {

void fire_request::arrive(const detail::pending_timer& pending, time_point now) {
  now_ = std::max(now,
                  due()); // the service's look at the clock was the later one, where it may go back
  missed_ = 0;
  again_.reset();
  if (pending.every_us > 0) {
    const auto next = detail::next_of(due(), std::chrono::microseconds(pending.every_us), now_);
    missed_ = next.missed;
    if (next.at > now_) { // else this was the last time that there is
      again_ = pending;
      again_->at_us = next.at.time_since_epoch().count();
    }
  }
}

void fire_request::begin(execution& done) {
  built_in_event event;
  event.what = built_in_event::kind::fired;
  event.timer = timer_;
  event.was_us = at_us_;
  event.reason = reason;
  if (done.record_note(std::move(event)) && again_) {
    done.schedule(timer_, *again_); // in front of what the command itself says of it
  }
}

void delivery_request::begin(execution& done) {
  built_in_event event;
  event.what = built_in_event::kind::delivered;
  event.of = sent_;
  done.set_hop(hop_);
  done.record(event);
}

void undelivered_request::begin(execution& done) {
  built_in_event event;
  event.what = built_in_event::kind::returned;
  event.of = sent_;
  event.to = message_.to;
  event.command = message_.command;
  event.arguments = message_.arguments;
  event.hop = hop_;
  event.reason = message_.reason;
  event.handled = handled;
  done.set_hop(hop_);
  done.record_note(std::move(event));
}

void resend_request::begin(execution& done) {
  built_in_event event;
  event.what = built_in_event::kind::resent;
  event.of = {returned_, 0};
  done.record(event);
  done.resend_message(
      detail::change_effects::sent{message_.to, message_.command, message_.arguments, 1});
}

} // namespace cairn::runtime
