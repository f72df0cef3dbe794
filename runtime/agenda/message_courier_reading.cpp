#include "persistence/agenda/rows.hpp"
#include "runtime/agenda/message_courier.hpp"

#include <algorithm>
#include <utility>

/// How the courier reads messages from the journal that are not in memory.
namespace cairn::runtime {

namespace {

/// Read from the journal at once: so many, and no more when they have so many bytes.
constexpr std::size_t messages_loaded_at_once = 4'096;
constexpr std::size_t bytes_loaded_at_once = 8U << 20U;

/// Until the next look at what is not in memory, when nobody asks before.
constexpr std::chrono::milliseconds load_pause{100};

/// After reading failed, at first; doubled each time, to half a minute.
constexpr std::chrono::milliseconds failed_read_pause{20};
constexpr unsigned failed_read_doublings_max = 11;

/// Lanes that are tried before others get their turn.
constexpr std::size_t lanes_tried_at_once = 64;

message_place behind(const message_place& place) { return {place.position, place.index + 1}; }

} // namespace

std::optional<std::chrono::steady_clock::time_point> message_courier::work() {
  bool more = load();
  more = reread() || more;
  more = try_lanes() || more;
  std::optional<clock::time_point> next;
  const auto sooner = [&](clock::time_point when) { next = std::min(next.value_or(when), when); };
  {
    const std::lock_guard lock(mutex_);
    const auto now = clock::now();
    if (behind_ && !stopped_) {
      sooner(std::max(now + load_pause, next_read_));
    }
    const auto due = retries_.upper_bound(now);
    for (auto each = retries_.begin(); each != due; ++each) {
      ready_.push_back(std::move(each->second));
    }
    retries_.erase(retries_.begin(), due);
    if (!retries_.empty()) {
      sooner(retries_.begin()->first);
    }
    if (const auto attempt = lanes_.make_due(now)) {
      sooner(*attempt);
    }
    if (unreadable_ && lanes_.is_restless()) {
      sooner(next_read_);
    }
  }
  more = dispatch(bounds_.outstanding_max) || more;
  tell_stuck();
  return more ? clock::now() : next;
}

/// Takes the next page of the agenda into memory once most of the last one is done. Who commits meanwhile leaves
/// theirs to the journal, so that they keep their order. True: there may be more to take at once.
bool message_courier::load() {
  std::string from;
  {
    const std::lock_guard lock(mutex_);
    if (stopped_ || !behind_ || is_half_full() || clock::now() < next_read_) {
      return false;
    }
    missed_ = false;
    from = persistence::message_key(last_ ? behind(*last_) : message_place{});
  }
  page read = read_page(from, persistence::messages_end_key());
  may_read_again(read.read);
  const std::lock_guard lock(mutex_);
  for (auto& each : read.found) {
    if (each.failure.ok()) {
      hold(held_message_of(std::move(each)));
    } else {
      last_ = each.place;
      cannot_read(each, {});
    }
  }
  const bool good = read.read.ok();
  behind_ = missed_ || !good || read.next || read.ends_open;
  return behind_ && good && !read.ends_open;
}

/// Reads again what waits in lanes that are open, all of them at once. True: there may be more.
bool message_courier::reread() {
  message_place from;
  message_place to;
  {
    const std::lock_guard lock(mutex_);
    const auto first = lanes_.first_open();
    if (stopped_ || !first || is_half_full() || clock::now() < next_read_) {
      return false;
    }
    from = *first;
    to = behind(last_.value_or(message_place{})); // later ones come by `load` or `committed`
    reading_ = true;
  }
  page read =
      read_page(persistence::message_key(from), persistence::message_key(std::max(from, to)));
  may_read_again(read.read);
  const std::lock_guard lock(mutex_);
  for (auto& each : read.found) {
    if (each.failure.ok()) {
      hold_again(held_message_of(std::move(each)));
    } else {
      cannot_read(each, {});
    }
  }
  reading_ = false;
  done_meanwhile_.clear();
  if (!read.read.ok()) {
    return false;
  }
  const bool last = !read.next && (!last_ || *last_ < to); // what came meanwhile waits in the lanes
  lanes_.passed(from, read.next.value_or(to), last);
  any_waits_ = !lanes_.empty();
  return lanes_.first_open().has_value();
}

/// One that was known before: perhaps it is in memory, or has arrived since it was read.
void message_courier::hold_again(message_ptr read) {
  const auto line = pairs_.find(pair_of(*read));
  const bool known = (line != pairs_.end() && read->place <= line->second.back()->place) ||
                     done_meanwhile_.count(read->place) > 0;
  if (!known && lanes_.has(read->place, read->sender, read->what.to) &&
      !lanes_.holds(read->place, read->sender, read->what.to)) {
    enlist(std::move(read));
  }
}

/// It holds up those behind it of its own pair, as far as that is known.
void message_courier::cannot_read(const persistence::stored_message& lost,
                                  const std::string& tried) {
  const bool knows_pair = !lost.sender.empty() && !lost.what.to.empty();
  const std::string lane = knows_pair ? waiting_lanes::pair_of(lost.sender, lost.what.to)
                                      : std::string(1, '\0') + persistence::message_key(lost.place);
  wait_in(lane, {obstacle::kind::stuck, {}, lost.failure.message, {}},
          {lost.place, lost.sender, lost.what.to});
  if (!tried.empty() && tried != lane) {
    lanes_.open(tried, lost.place);
  }
}

/// True: there are others to try.
bool message_courier::try_lanes() {
  for (std::size_t tried = 0; tried < lanes_tried_at_once; ++tried) {
    std::optional<std::string> key;
    {
      const std::lock_guard lock(mutex_);
      if (!stopped_ && clock::now() >= next_read_) {
        key = lanes_.take_due();
      }
      reading_ = key.has_value();
    }
    if (!key) {
      return false;
    }
    try_lane(*key);
  }
  return true;
}

/// Tries a lane with its first message.
void message_courier::try_lane(const std::string& key) {
  message_place first;
  {
    const std::lock_guard lock(mutex_);
    first = lanes_.find(key)->from;
  }
  page read = read_page(persistence::message_key(first), persistence::message_key(behind(first)));
  may_read_again(read.read);
  const std::lock_guard lock(mutex_);
  reading_ = false;
  const bool gone = read.found.empty() || done_meanwhile_.count(first) > 0;
  done_meanwhile_.clear();
  auto* const lane = lanes_.find(key);
  if (lane == nullptr || lane->at != waiting_lanes::lane::state::trying) {
    return;
  }
  if (!gone && !read.found.front().failure.ok()) {
    return cannot_read(read.found.front(), key);
  }
  message_ptr found = gone ? nullptr : held_message_of(std::move(read.found.front()));
  if (!found || !is_tried_by(key, *found) || pairs_.count(pair_of(*found)) > 0 ||
      lanes_.holds(found->place, found->sender, found->what.to, key)) {
    return lanes_.open(key, first); // none to try it with: all of them are looked at
  }
  found->tries = key;
  enlist(std::move(found));
}

/// Is it a message of this lane?
bool message_courier::is_tried_by(const std::string& key, const held_message& found) const {
  return key == type_of(found.what.to) || key == found.what.to || key == pair_of(found) ||
         key == std::string(1, '\0') + persistence::message_key(found.place);
}

message_courier::message_ptr message_courier::held_message_of(
    persistence::stored_message&& stored) {
  return std::make_shared<held_message>(
      held_message{stored.place, std::move(stored.sender), stored.version, std::move(stored.what)});
}

/// As far as it can be read. A batch that is being committed may show its rows already.
message_courier::page message_courier::read_page(const std::string& from,
                                                 const std::string& to) const {
  page made;
  const position_type end = host_.journal().end().next;
  std::vector<message_place> places;
  made.read = host_.journal().agenda(from, to, [&](std::string_view key) {
    message_place place;
    persistence::decode_message_key(key, place);
    made.ends_open = place.position >= end;
    if (!made.ends_open) {
      places.push_back(place);
    }
    return !made.ends_open && places.size() < messages_loaded_at_once;
  });
  if (!made.read.ok() || places.empty()) {
    return made;
  }
  std::size_t bytes = 0;
  made.read =
      persistence::read_messages(host_.journal(), places, [&](persistence::stored_message&& each) {
        bytes += each.what.arguments.size();
        made.found.push_back(std::move(each));
        return bytes < std::min(bytes_loaded_at_once, bounds_.held_bytes_max / 2);
      });
  const bool whole = places.size() < messages_loaded_at_once && made.found.size() == places.size();
  if (!whole) {
    made.next = made.found.empty() ? places.front() : behind(made.found.back().place);
  }
  return made;
}

/// After a failure the next attempt comes later and later; it is told once.
void message_courier::may_read_again(const status& read) {
  bool told = true;
  {
    const std::lock_guard lock(mutex_);
    if (read.ok()) {
      unreadable_ = false;
      failed_reads_ = 0;
      return;
    }
    told = std::exchange(unreadable_, true);
    const unsigned doublings = std::min(failed_reads_++, failed_read_doublings_max);
    next_read_ = clock::now() + failed_read_pause * (1U << doublings);
  }
  if (!told) {
    host_.agenda_unreadable(read);
  }
}

} // namespace cairn::runtime
