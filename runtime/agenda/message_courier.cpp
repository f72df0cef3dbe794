#include "runtime/agenda/message_courier.hpp"

#include "entities/crash_point.hpp"
#include "entities/named_command.hpp"
#include "persistence/agenda/rows.hpp"

#include <algorithm>
#include <utility>

/// How messages are held, sent and answered; message_courier_reading.cpp has how they are read.
namespace cairn::runtime {

namespace {

/// Of what is stuck, so many are known to have been logged.
constexpr std::size_t told_max = 1'024;

/// Sent at once by a thread that has other things to do; the agenda's own goes on with the rest.
constexpr std::size_t sent_by_the_way = 64;

/// The longest time without a look whether a lease has ended, of a clock that may be set otherwise meanwhile.
constexpr std::chrono::milliseconds lease_look{10'000};

} // namespace

agenda_verdict judge_answer(const detail::request& answered) noexcept {
  const answer& given = answered.answer;
  switch (given.what) {
    case answer::kind::accepted:
    case answer::kind::unmatched:
      return agenda_verdict::done;
    case answer::kind::conflict:
      return given.conflict == conflict_kind::leased ? agenda_verdict::leased
                                                     : agenda_verdict::refused;
    case answer::kind::failed:
      break;
    default:
      return agenda_verdict::refused;
  }
  if (given.error == journal_errc::store_failed || given.error == runtime_errc::shutting_down ||
      given.fate == fate::in_doubt) {
    return agenda_verdict::stopped;
  }
  if (answered.not_loaded) {
    return agenda_verdict::stuck;
  }
  if (given.error == runtime_errc::overloaded || given.error == journal_errc::fenced) {
    return agenda_verdict::later;
  }
  return given.error == entity_errc::entity_error ? agenda_verdict::threw : agenda_verdict::refused;
}

std::chrono::milliseconds agenda_pause(unsigned attempts) noexcept {
  constexpr unsigned doublings_max = 7;
  return std::chrono::milliseconds(2U << std::min(attempts, doublings_max));
}

std::chrono::milliseconds stuck_pause(unsigned attempts) noexcept {
  constexpr unsigned doublings_max = 8; // about four minutes
  return std::chrono::seconds(1U << std::min(attempts, doublings_max));
}

void message_courier::host(const entity_type& type) {
  {
    const std::lock_guard lock(mutex_);
    types_.push_back(&type);
    lanes_.open_for(type.name);
  }
  host_.wake_agenda();
}

void message_courier::loaded(const std::string& entity) {
  if (any_waits_.load(std::memory_order_relaxed)) {
    open_for(entity);
  }
}

void message_courier::lease_ended(const std::string& entity) {
  {
    const std::lock_guard lock(mutex_);
    ++leases_ended_;
  }
  open_for(entity);
}

void message_courier::open_for(const std::string& entity) {
  bool opened = false;
  {
    const std::lock_guard lock(mutex_);
    opened = lanes_.open_for(entity);
  }
  if (opened) {
    host_.wake_agenda();
  }
}

const entity_type* message_courier::find_type(std::string_view key) const {
  const auto found = std::find_if(types_.begin(), types_.end(), [&](const entity_type* known) {
    return known->name == type_of(key);
  });
  return found == types_.end() ? nullptr : *found;
}

std::string message_courier::pair_of(const held_message& of) {
  return waiting_lanes::pair_of(of.sender, of.what.to);
}

std::size_t message_courier::bytes_of(const held_message& of) noexcept {
  return sizeof(held_message) + of.sender.size() + of.what.to.size() + of.what.command.size() +
         of.what.arguments.size();
}

bool message_courier::is_full() const noexcept {
  return held_ >= bounds_.held_max || held_bytes_ >= bounds_.held_bytes_max;
}

bool message_courier::is_half_full() const noexcept {
  return held_ > bounds_.held_max / 2 || held_bytes_ > bounds_.held_bytes_max / 2;
}

/// One that was not known before.
void message_courier::hold(message_ptr taken) {
  last_ = taken->place;
  if (!lanes_.has(taken->place, taken->sender, taken->what.to)) {
    enlist(std::move(taken));
  }
}

/// Behind the others of its pair.
void message_courier::enlist(message_ptr taken) {
  std::string pair = pair_of(*taken);
  if (taken->what.hop > bounds_.hops_max) {
    taken->refused = "it would be message " + std::to_string(taken->what.hop) +
                     " that follows from one command, and " + std::to_string(bounds_.hops_max) +
                     " are the most (limits::message_hops_max)";
    taken->may_decide = false;
  }
  ++held_;
  held_bytes_ += bytes_of(*taken);
  auto& line = pairs_[pair];
  line.push_back(std::move(taken));
  if (line.size() == 1) {
    ready_.push_back(std::move(pair));
  }
}

void message_courier::committed(const std::string& sender, version_type version,
                                position_type position,
                                std::vector<detail::change_effects::sent> messages) {
  {
    const std::lock_guard lock(mutex_);
    for (std::uint32_t index = 0; index < messages.size(); ++index) {
      const message_place place{position, index};
      const bool known = last_ && place <= *last_; // it was loaded since it became durable
      behind_ = behind_ || is_full();
      missed_ = missed_ || behind_;
      if (!behind_ && !known) {
        hold(std::make_shared<held_message>(
            held_message{place, sender, version, std::move(messages[index])}));
      }
    }
  }
  dispatch(sent_by_the_way);
  host_.wake_agenda();
}

/// What is in memory of a pair waits in the agenda alone from now on.
void message_courier::set_aside(const std::string& pair, const std::string& lane, obstacle why) {
  const auto line = pairs_.find(pair);
  const message_ptr first = line->second.front();
  forget(line);
  wait_in(lane, std::move(why), {first->place, first->sender, first->what.to});
  if (!first->tries.empty() && first->tries != lane) {
    lanes_.open(first->tries, first->place); // what it was to try stands in nobody's way any more
  }
}

void message_courier::wait_in(const std::string& lane, obstacle why, message_route first) {
  any_waits_ = true;
  const auto next = [this, why](unsigned attempts) { return next_attempt(why, attempts); };
  const auto now_us = time_().time_since_epoch().count();
  if (lanes_.wait(lane, std::move(why), std::move(first), now_us, next)) {
    auto item = item_of(*lanes_.find(lane));
    if (told_.size() >= told_max) {
      told_.clear();
    }
    if (told_.insert(item.what).second) { // its lane may have been open meanwhile, to try it again
      untold_.push_back(std::move(item));
    }
  }
}

message_courier::clock::time_point message_courier::next_attempt(const obstacle& of,
                                                                 unsigned attempts) const {
  const auto now = clock::now();
  switch (of.what) {
    case obstacle::kind::not_hosted:
      return clock::time_point::max();
    case obstacle::kind::leased: {
      if (time_.is_stepped()) {
        return clock::time_point::max();
      }
      const auto left = time_.until(*of.until).value_or(lease_look);
      return now + std::clamp<std::chrono::microseconds>(left, agenda_pause(0), lease_look);
    }
    case obstacle::kind::stuck:
      break;
  }
  return now + stuck_pause(attempts);
}

/// Sends what may go, one of each pair, `most` of them. What is refused at once comes back to `answered` before it is
/// sent: that leaves going on to the loop that is under way on this thread, so that refusals do not pile up on the
/// stack. True: others may go too.
bool message_courier::dispatch(std::size_t most) {
  static thread_local const message_courier* under_way = nullptr;
  if (under_way == this) {
    return true;
  }
  const auto* const outer = std::exchange(under_way, this);
  const bool more = dispatch_ready(most);
  under_way = outer;
  return more;
}

bool message_courier::dispatch_ready(std::size_t most) {
  std::unique_lock lock(mutex_);
  const auto may_go = [this] {
    return !stopped_ && outstanding_ < bounds_.outstanding_max && !ready_.empty();
  };
  for (; most > 0 && may_go(); --most) {
    std::string pair = std::move(ready_.front());
    ready_.pop_front();
    const message_ptr next = pairs_[pair].front();
    if (must_wait(pair, *next)) {
      continue;
    }
    const bool goes_back = !next->refused.empty();
    const entity_type* const type = find_type(goes_back ? next->sender : next->what.to);
    next->sent_at = leases_ended_;
    ++outstanding_;
    lock.unlock();
    if (goes_back) {
      send_back(next, *type);
    } else if (!send(next, *type)) {
      lock.lock();
      --outstanding_;
      ready_.push_front(std::move(pair));
      continue;
    }
    lock.lock();
  }
  return may_go();
}

/// True: it cannot go on now, and waits in the agenda.
bool message_courier::must_wait(const std::string& pair, const held_message& next) {
  const bool goes_back = !next.refused.empty();
  const std::string& key = goes_back ? next.sender : next.what.to;
  if (next.tries.empty() && lanes_.holds(next.place, next.sender, next.what.to)) {
    forget(pairs_.find(pair));
    return true;
  }
  if (find_type(key) == nullptr) {
    const std::string type(type_of(key));
    set_aside(pair, goes_back ? pair : type,
              {obstacle::kind::not_hosted, type, "the type \"" + type + "\" is not hosted", {}});
    return true;
  }
  return false;
}

/// False: it cannot be made into a command, and goes back.
bool message_courier::send(const message_ptr& next, const entity_type& to) {
  json::problem wrong;
  wrong.lenient = to.reads_leniently;
  const command_type* const command = to.find_command(next->what.command);
  any_pointer made(nullptr, [](void* /*none*/) {});
  if (command == nullptr) {
    next->refused = "the type " + to.name + " has no command \"" + next->what.command + "\"";
  } else if (!make_stored_command(*command, next->what.arguments, made, wrong)) {
    next->refused = wrong.text();
  }
  if (!next->refused.empty()) {
    return false;
  }
  const detail::request_ptr asked(
      new delivery_request(next->place, next->what.hop, *command, std::move(made),
                           [this, next](delivery_request& done) { answered(next, done); }));
  asked->options = std::make_unique<send_options>();
  asked->options->meta.emplace_back("causation",
                                    next->sender + '@' + std::to_string(next->version));
  pass(crash_point::dispatched);
  host_.submit_own({next->what.to, to}, asked);
  return true;
}

void message_courier::send_back(const message_ptr& next, const entity_type& sender) {
  host_.submit_own(
      {next->sender, sender},
      new undelivered_request(
          next->place, next->what.hop,
          {next->what.to, next->what.command, next->what.arguments, next->refused},
          next->may_decide, [this, next](undelivered_request& done) { answered(next, done); }));
}

void message_courier::answered(const message_ptr& about, const detail::request& given) {
  {
    const std::lock_guard lock(mutex_);
    --outstanding_;
    judge(about, given);
  }
  tell_stuck();
  dispatch(sent_by_the_way);
  host_.wake_agenda();
}

void message_courier::judge(const message_ptr& about, const detail::request& given) {
  const bool goes_back = !about->refused.empty();
  const std::string pair = pair_of(*about);
  const std::string& whom = goes_back ? about->sender : about->what.to;
  switch (judge_answer(given)) {
    case agenda_verdict::done:
      pass(crash_point::acknowledged);
      finish(*about);
      break;
    case agenda_verdict::stopped:
      stopped_ = true;
      break;
    case agenda_verdict::later:
      try_again(*about);
      break;
    case agenda_verdict::leased:
      if (about->sent_at != leases_ended_ || !given.answer.details) {
        try_again(*about); // it may have been given back meanwhile
      } else {
        set_aside(pair, goes_back ? pair : whom,
                  {obstacle::kind::leased, whom, whom + " is leased", given.answer.details->until});
      }
      break;
    case agenda_verdict::stuck:
      set_aside(pair, goes_back ? pair : whom,
                {obstacle::kind::stuck, whom, given.answer.text, {}});
      break;
    case agenda_verdict::refused:
    case agenda_verdict::threw:
      refused(about, given.answer);
      break;
  }
}

/// It goes back to its sender. When that does not take it either, without any code of its own, somebody must look.
void message_courier::refused(const message_ptr& about, const answer& given) {
  if (about->refused.empty()) {
    about->refused =
        given.what == answer::kind::conflict ? std::string(to_string(given.conflict)) : given.text;
    about->attempts = 0;
    ready_.push_back(pair_of(*about));
  } else if (std::exchange(about->may_decide, false)) {
    try_again(*about);
  } else {
    const std::string pair = pair_of(*about);
    set_aside(pair, pair,
              {obstacle::kind::stuck,
               about->sender,
               "it was refused (" + about->refused + "), and cannot come back: " + given.text,
               {}});
  }
}

void message_courier::try_again(held_message& about) {
  retries_.emplace(clock::now() + agenda_pause(about.attempts++), pair_of(about));
}

/// What is in memory of a pair leaves it.
void message_courier::forget(lines::iterator line) {
  held_ -= line->second.size();
  for (const auto& each : line->second) {
    held_bytes_ -= bytes_of(*each);
  }
  pairs_.erase(line);
}

void message_courier::finish(const held_message& about) {
  --held_;
  held_bytes_ -= bytes_of(about);
  if (reading_) {
    done_meanwhile_.insert(about.place);
  }
  if (!about.tries.empty()) {
    lanes_.open(about.tries, {about.place.position, about.place.index + 1});
  }
  const auto line = pairs_.find(pair_of(about));
  line->second.pop_front();
  if (line->second.empty()) {
    pairs_.erase(line);
  } else {
    ready_.push_back(line->first);
  }
}

void message_courier::tell_stuck() {
  std::vector<stuck_item> news;
  {
    const std::lock_guard lock(mutex_);
    news.swap(untold_);
  }
  for (const auto& each : news) {
    host_.agenda_stuck(each);
  }
}

stuck_item message_courier::item_of(const waiting_lanes::lane& lane) {
  return {persistence::describe_agenda(persistence::message_key(lane.first.place)),
          lane.why.waits_for.empty() ? lane.first.to : lane.why.waits_for, lane.why.reason,
          lane.attempts, lane.since_us};
}

std::optional<time_point> message_courier::next_due(time_point until) {
  const std::lock_guard lock(mutex_);
  const auto next = stopped_ ? std::nullopt : lanes_.next_lease_end();
  return next && *next <= until ? next : std::nullopt;
}

bool message_courier::begin_due(time_point now) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto end = lanes_.next_lease_end(); !end || *end > now) {
      return false;
    }
    lanes_.make_due(now);
  }
  host_.wake_agenda();
  return true;
}

bool message_courier::is_quiet() const {
  const std::lock_guard lock(mutex_);
  const bool to_read = !unreadable_ && (behind_ || lanes_.is_restless());
  const bool lease_ends = lanes_.count(obstacle::kind::leased) > 0 && !time_.is_stepped() &&
                          time_.until(time_()).has_value();
  return stopped_ ||
         (!to_read && !lease_ends && outstanding_ == 0 && ready_.empty() && retries_.empty());
}

std::size_t message_courier::pending() const {
  const std::lock_guard lock(mutex_);
  return held_;
}

std::size_t message_courier::stuck() const {
  const std::lock_guard lock(mutex_);
  return lanes_.count(obstacle::kind::stuck);
}

void message_courier::list_stuck(std::size_t limit, std::vector<stuck_item>& found) const {
  const std::lock_guard lock(mutex_);
  std::map<message_place, const waiting_lanes::lane*> first;
  for (const auto& [key, lane] : lanes_.all()) {
    if (lane.why.what != obstacle::kind::stuck) {
      continue;
    }
    first.emplace(lane.first.place, &lane);
    if (first.size() > limit) {
      first.erase(std::prev(first.end()));
    }
  }
  for (const auto& [place, lane] : first) {
    found.push_back(item_of(*lane));
  }
}

void message_courier::stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
}

} // namespace cairn::runtime
