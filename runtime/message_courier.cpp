#include "runtime/message_courier.hpp"

#include <cairn/change.hpp>

#include "entities/crash_point.hpp"
#include "persistence/agenda_rows.hpp"
#include "runtime/named_command.hpp"

#include <algorithm>
#include <utility>

namespace cairn {

namespace {

/// Read from the journal at once.
constexpr std::size_t messages_loaded_at_once = 4'096;

/// Until the next look at what is not in memory, when nobody asks before.
constexpr std::chrono::milliseconds load_pause{100};

} // namespace

agenda_verdict judge_answer(const answer& given) noexcept {
  switch (given.what) {
    case answer::kind::accepted:
    case answer::kind::unmatched:
      return agenda_verdict::done;
    case answer::kind::conflict:
      return given.conflict == conflict_kind::leased ? agenda_verdict::later
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
  if (given.error == runtime_errc::overloaded || given.error == journal_errc::fenced) {
    return agenda_verdict::later;
  }
  return given.error == entity_errc::entity_error ? agenda_verdict::threw : agenda_verdict::refused;
}

std::chrono::milliseconds agenda_pause(unsigned attempts) noexcept {
  constexpr unsigned doublings_max = 7;
  return std::chrono::milliseconds(2U << std::min(attempts, doublings_max));
}

void message_courier::host(const entity_type& type) {
  {
    const std::lock_guard lock(mutex_);
    types_.push_back(&type);
    ready_.insert(ready_.end(), parked_.begin(), parked_.end());
    parked_.clear();
  }
  host_.wake_agenda();
}

const entity_type* message_courier::find_type(std::string_view key) const {
  const auto found = std::find_if(types_.begin(), types_.end(), [&](const entity_type* known) {
    return known->name == type_of(key);
  });
  return found == types_.end() ? nullptr : *found;
}

std::string message_courier::pair_of(const parcel& of) { return of.sender + '\0' + of.what.to; }

/// Behind the others of its pair.
void message_courier::hold(parcel_ptr taken) {
  last_ = taken->place;
  std::string pair = pair_of(*taken);
  if (taken->what.hop > bounds_.hops_max) {
    taken->refused = "it would be message " + std::to_string(taken->what.hop) +
                     " that follows from one command, and " + std::to_string(bounds_.hops_max) +
                     " are the most (limits::message_hops_max)";
    taken->may_decide = false;
  }
  auto& line = pairs_[pair];
  line.push_back(std::move(taken));
  ++held_;
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
      behind_ = behind_ || held_ >= bounds_.held_max;
      missed_ = missed_ || behind_;
      if (!behind_ && !known) {
        hold(std::make_shared<parcel>(parcel{place, sender, version, std::move(messages[index])}));
      }
    }
  }
  dispatch();
  host_.wake_agenda();
}

std::optional<std::chrono::steady_clock::time_point> message_courier::work() {
  while (load()) {
    dispatch();
  }
  std::optional<clock::time_point> next;
  {
    const std::lock_guard lock(mutex_);
    if (behind_ && !stopped_) {
      next = clock::now() + load_pause;
    }
    const auto due = retries_.upper_bound(clock::now());
    for (auto each = retries_.begin(); each != due; ++each) {
      ready_.push_back(std::move(each->second));
    }
    retries_.erase(retries_.begin(), due);
    if (!retries_.empty()) {
      next = std::min(next.value_or(retries_.begin()->first), retries_.begin()->first);
    }
  }
  dispatch();
  return next;
}

/// Takes the next page of the agenda into memory once most of the last one is done. Who commits meanwhile leaves
/// theirs to the journal, so that they keep their order. True: there may be more to take at once.
bool message_courier::load() {
  std::string from;
  {
    const std::lock_guard lock(mutex_);
    if (stopped_ || !behind_ || held_ > bounds_.held_max / 2) {
      return false;
    }
    missed_ = false;
    from = last_ ? persistence::message_key(*last_) + '\0' : persistence::message_key({0, 0});
  }
  page found = load_page(from);
  const bool good = found.read.ok();
  if (!good && !std::exchange(unreadable_, true)) {
    host_.agenda_unreadable(found.read);
  }
  unreadable_ = !good;
  const std::lock_guard lock(mutex_);
  for (auto& each : found.loaded) {
    hold(std::move(each));
  }
  behind_ = missed_ || !good || found.full || found.ends_open;
  return behind_ && good && !found.ends_open;
}

/// As far as it can be read. A batch that is being committed may show its rows already.
message_courier::page message_courier::load_page(const std::string& from) const {
  page made;
  const position_type end = host_.journal().end().next;
  std::vector<message_place> places;
  made.read =
      host_.journal().agenda(from, persistence::messages_end_key(), [&](std::string_view key) {
        message_place place;
        persistence::decode_message_key(key, place);
        made.ends_open = place.position >= end;
        if (!made.ends_open) {
          places.push_back(place);
        }
        return !made.ends_open && places.size() < messages_loaded_at_once;
      });
  made.full = places.size() >= messages_loaded_at_once;
  for (auto place = places.begin(); made.read.ok() && place != places.end(); ++place) {
    made.read = load_parcel(*place, made.loaded);
  }
  return made;
}

status message_courier::load_parcel(const message_place& place,
                                    std::vector<parcel_ptr>& loaded) const {
  bool found = false;
  auto read = host_.journal().scan(place.position, [&](const record& stored) {
    if (stored.position < place.position) {
      return true;
    }
    change made;
    if (stored.position != place.position || !decode_change(stored, made).ok()) {
      return false;
    }
    std::uint32_t index = 0;
    for (const auto& event : made.events) {
      built_in_event sent;
      json::problem wrong;
      if (event.name == emitted_event && index++ == place.index &&
          decode_built_in(event.name, event.data, sent, wrong)) {
        loaded.push_back(std::make_shared<parcel>(parcel{
            place,
            made.entity,
            made.version,
            {std::move(sent.to), std::move(sent.command), std::move(sent.arguments), sent.hop}}));
        found = true;
      }
    }
    return false;
  });
  if (read.ok() && !found) {
    read = {journal_errc::damaged, "damaged: message " + std::to_string(place.index) +
                                       " of the change at position " +
                                       std::to_string(place.position) + " cannot be read"};
  }
  return read;
}

/// Sends what may go, one of each pair. What is refused at once comes back to `answered` before it is sent: that
/// leaves going on to the loop that is under way on this thread, so that refusals do not pile up on the stack.
void message_courier::dispatch() {
  static thread_local const message_courier* under_way = nullptr;
  if (under_way == this) {
    return;
  }
  const auto* const outer = std::exchange(under_way, this);
  dispatch_ready();
  under_way = outer;
}

void message_courier::dispatch_ready() {
  std::unique_lock lock(mutex_);
  while (!stopped_ && outstanding_ < bounds_.outstanding_max && !ready_.empty()) {
    std::string pair = std::move(ready_.front());
    ready_.pop_front();
    const parcel_ptr next = pairs_[pair].front();
    const bool goes_back = !next->refused.empty();
    const entity_type* const type = find_type(goes_back ? next->sender : next->what.to);
    if (type == nullptr) {
      parked_.push_back(std::move(pair));
      continue;
    }
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
}

/// False: it cannot be made into a command, and goes back.
bool message_courier::send(const parcel_ptr& next, const entity_type& to) {
  json::problem wrong;
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
                           [this, next](delivery_request& done) { answered(next, done.answer); }));
  asked->options = std::make_unique<send_options>();
  asked->options->meta.emplace_back("causation",
                                    next->sender + '@' + std::to_string(next->version));
  pass(crash_point::dispatched);
  host_.submit_own({next->what.to, to}, asked);
  return true;
}

void message_courier::send_back(const parcel_ptr& next, const entity_type& sender) {
  host_.submit_own(
      {next->sender, sender},
      new letter_request(next->place, next->what.hop,
                         {next->what.to, next->what.command, next->what.arguments, next->refused},
                         next->may_decide,
                         [this, next](letter_request& done) { answered(next, done.answer); }));
}

void message_courier::answered(const parcel_ptr& about, const answer& given) {
  {
    const std::lock_guard lock(mutex_);
    --outstanding_;
    std::string pair = pair_of(*about);
    const bool goes_back = !about->refused.empty();
    switch (judge_answer(given)) {
      case agenda_verdict::done:
        pass(crash_point::acknowledged);
        finish(pair);
        break;
      case agenda_verdict::later:
        retries_.emplace(clock::now() + agenda_pause(about->attempts++), std::move(pair));
        break;
      case agenda_verdict::stopped:
        stopped_ = true;
        break;
      case agenda_verdict::refused:
      case agenda_verdict::threw:
        if (goes_back) { // nobody will have it: its sender's code throws on it
          about->may_decide = false;
          retries_.emplace(clock::now() + agenda_pause(about->attempts++), std::move(pair));
        } else {
          about->refused = given.what == answer::kind::conflict
                               ? std::string(to_string(given.conflict))
                               : given.text;
          about->attempts = 0;
          ready_.push_back(std::move(pair));
        }
        break;
    }
  }
  dispatch();
  host_.wake_agenda();
}

void message_courier::finish(const std::string& pair) {
  --held_;
  const auto line = pairs_.find(pair);
  line->second.pop_front();
  if (line->second.empty()) {
    pairs_.erase(line);
  } else {
    ready_.push_back(pair);
  }
}

bool message_courier::is_quiet() const {
  const std::lock_guard lock(mutex_);
  return stopped_ || (!behind_ && outstanding_ == 0 && ready_.empty() && retries_.empty());
}

std::size_t message_courier::pending() const {
  const std::lock_guard lock(mutex_);
  return held_;
}

void message_courier::stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
}

} // namespace cairn
