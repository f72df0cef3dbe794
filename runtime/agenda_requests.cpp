#include "runtime/agenda_requests.hpp"

namespace cairn {

void fire_request::begin(execution& done) {
  built_in_event event;
  event.what = built_in_event::kind::fired;
  event.timer = timer_;
  event.was_us = at_us_;
  event.reason = reason;
  done.record(event);
}

void delivery_request::begin(execution& done) {
  built_in_event event;
  event.what = built_in_event::kind::delivered;
  event.of = sent_;
  done.set_hop(hop_);
  done.record(event);
}

void letter_request::begin(execution& done) {
  built_in_event event;
  event.what = built_in_event::kind::returned;
  event.of = sent_;
  event.to = letter_.to;
  event.command = letter_.command;
  event.arguments = letter_.arguments;
  event.hop = hop_;
  event.reason = letter_.reason;
  event.handled = handled;
  done.set_hop(hop_);
  done.record(event);
}

void resend_request::begin(execution& done) {
  built_in_event event;
  event.what = built_in_event::kind::resent;
  event.of = {returned_, 0};
  done.record(event);
  done.emit(detail::change_effects::sent{letter_.to, letter_.command, letter_.arguments, 1});
}

} // namespace cairn
