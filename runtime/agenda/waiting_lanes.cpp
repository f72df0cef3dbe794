#include "runtime/agenda/waiting_lanes.hpp"

#include <cairn/detail/entity_type.hpp>

#include <algorithm>
#include <utility>

namespace cairn::runtime {

std::string waiting_lanes::pair_of(std::string_view sender, std::string_view to) {
  std::string pair(sender);
  return pair.append(1, '\0').append(to);
}

waiting_lanes::lane* waiting_lanes::find(const std::string& key) {
  const auto found = lanes_.find(key);
  return found == lanes_.end() ? nullptr : &found->second;
}

bool waiting_lanes::has(const message_place& place, std::string_view sender, std::string_view to) {
  return look(place, sender, to, {}).any;
}

bool waiting_lanes::holds(const message_place& place, std::string_view sender, std::string_view to,
                          std::string_view except) {
  return look(place, sender, to, except).closed;
}

/// Of its type, of its receiver, and of its pair.
waiting_lanes::two_lanes waiting_lanes::look(const message_place& place, std::string_view sender,
                                             std::string_view to, std::string_view except) {
  two_lanes lanes;
  if (lanes_.empty()) {
    return lanes;
  }
  for (const auto& key : {std::string(type_of(to)), std::string(to), pair_of(sender, to)}) {
    lane* const each = key == except ? nullptr : find(key);
    if (each == nullptr || (each->why.waits_for.empty() && place < each->from)) {
      continue; // what cannot be read holds up those behind it
    }
    lanes.any = true;
    if (each->at != lane::state::open) {
      lanes.closed = true;
      each->from = std::min(each->from, place);
    }
  }
  return lanes;
}

void waiting_lanes::set(lane& of, lane::state to) noexcept {
  restless_ -= of.at != lane::state::waiting ? 1 : 0;
  restless_ += to != lane::state::waiting ? 1 : 0;
  of.at = to;
}

bool waiting_lanes::wait(const std::string& key, obstacle why, message_route first,
                         std::int64_t now_us,
                         const std::function<steady::time_point(unsigned)>& next) {
  const auto [at, made] = lanes_.try_emplace(key);
  lane& here = at->second;
  if (made || first.place <= here.from) {
    here.from = first.place;
    here.first = std::move(first);
  }
  if (!made && here.at == lane::state::waiting) {
    return false; // it was under way already when the lane came to be
  }
  if (made) {
    here.since_us = now_us;
  } else {
    --counts_[static_cast<std::size_t>(here.why.what)];
    no_longer_waits(key, here);
    open_.erase(key);
  }
  ++counts_[static_cast<std::size_t>(why.what)];
  set(here, lane::state::waiting);
  here.why = std::move(why);
  if (!here.why.waits_for.empty()) {
    waiting_for_[here.why.waits_for].insert(key);
  }
  here.next = next(here.attempts++);
  if (here.next != steady::time_point::max()) {
    attempts_.emplace(here.next, key);
  } else if (here.why.until) {
    lease_ends_.emplace(*here.why.until, key);
  }
  return here.why.what == obstacle::kind::stuck && !std::exchange(here.told, true);
}

void waiting_lanes::no_longer_waits(const std::string& key, const lane& of) {
  const auto found = waiting_for_.find(of.why.waits_for);
  if (found != waiting_for_.end() && found->second.erase(key) > 0 && found->second.empty()) {
    waiting_for_.erase(found);
  }
}

bool waiting_lanes::open_for(const std::string& what) {
  bool opened = false;
  const auto waiting = waiting_for_.find(what);
  if (waiting != waiting_for_.end()) {
    for (const auto& key : waiting->second) {
      const lane& found = lanes_.at(key);
      if (found.at == lane::state::waiting || found.at == lane::state::due) {
        open(key, found.from);
        opened = true;
      }
    }
  }
  return opened;
}

void waiting_lanes::open(const std::string& key, const message_place& from) {
  if (lane* const found = find(key)) {
    set(*found, lane::state::open);
    found->from = from;
    open_.insert(key);
  }
}

void waiting_lanes::make_due(const std::string& key, lane& of) {
  set(of, lane::state::due);
  due_.push_back(key);
}

bool waiting_lanes::is_waiting(const std::string& key, steady::time_point next) {
  const lane* const found = find(key);
  return found != nullptr && found->at == lane::state::waiting && found->next == next;
}

bool waiting_lanes::is_leased(const std::string& key, time_point until) {
  const lane* const found = find(key);
  return found != nullptr && found->at == lane::state::waiting && found->why.until == until;
}

std::optional<waiting_lanes::steady::time_point> waiting_lanes::make_due(steady::time_point now) {
  while (!attempts_.empty()) {
    const auto first = attempts_.begin();
    if (is_waiting(first->second, first->first)) {
      if (first->first > now) {
        return first->first;
      }
      make_due(first->second, *find(first->second));
    }
    attempts_.erase(first);
  }
  return std::nullopt;
}

void waiting_lanes::make_due(time_point now) {
  for (auto end = next_lease_end(); end && *end <= now; end = next_lease_end()) {
    const std::string key = lease_ends_.begin()->second;
    make_due(key, *find(key));
  }
}

std::optional<time_point> waiting_lanes::next_lease_end() {
  while (!lease_ends_.empty()) {
    const auto first = lease_ends_.begin();
    if (is_leased(first->second, first->first)) {
      return first->first;
    }
    lease_ends_.erase(first);
  }
  return std::nullopt;
}

std::optional<std::string> waiting_lanes::take_due() {
  while (!due_.empty()) {
    std::string key = std::move(due_.front());
    due_.pop_front();
    lane* const found = find(key);
    if (found != nullptr && found->at == lane::state::due) {
      set(*found, lane::state::trying);
      return key;
    }
  }
  return std::nullopt;
}

std::optional<message_place> waiting_lanes::first_open() const {
  std::optional<message_place> first;
  for (const auto& key : open_) {
    const auto& from = lanes_.at(key).from;
    first = std::min(first.value_or(from), from);
  }
  return first;
}

void waiting_lanes::passed(const message_place& from, const message_place& to, bool last) {
  for (const auto& key : std::vector<std::string>(open_.begin(), open_.end())) {
    lane& open = lanes_.at(key);
    if (open.from < from) {
      continue; // opened meanwhile, and begins before
    }
    if (last) {
      forget(key);
    } else {
      open.from = std::max(open.from, to);
    }
  }
}

void waiting_lanes::forget(const std::string& key) {
  const auto found = lanes_.find(key);
  set(found->second, lane::state::waiting);
  --counts_[static_cast<std::size_t>(found->second.why.what)];
  open_.erase(key);
  no_longer_waits(key, found->second);
  lanes_.erase(found);
}

} // namespace cairn::runtime
