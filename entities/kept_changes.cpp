#include "entities/kept_changes.hpp"

#include <utility>

namespace cairn {

void kept_changes::add(version_type version, const command_type* command, aspect_set touched) {
  if (window_ == 0) {
    return;
  }
  append({version, command, touched, std::exchange(next_, {}), std::exchange(next_bytes_, 0)});
}

void kept_changes::add_stored(kept_change past) {
  append(std::move(past));
  dropped_.clear(); // it is never taken back
}

void kept_changes::append(kept_change made) {
  bytes_ += made.bytes;
  changes_.push_back(std::move(made));
  dropped_.clear();
  while (changes_.size() > window_ || (bytes_ > bytes_max && changes_.size() > 1)) {
    bytes_ -= changes_.front().bytes;
    dropped_.push_back(std::move(changes_.front()));
    changes_.pop_front();
  }
}

void kept_changes::take_back_after(version_type version) {
  if (changes_.empty() || changes_.back().version <= version) {
    return;
  }
  bytes_ -= changes_.back().bytes;
  changes_.pop_back();
  for (; !dropped_.empty(); dropped_.pop_back()) {
    bytes_ += dropped_.back().bytes;
    changes_.push_front(std::move(dropped_.back()));
  }
}

std::optional<std::vector<kept_change>> kept_changes::missed_since(version_type observed,
                                                                   aspect_set depends) const {
  if (observed == 0 || changes_.empty() || changes_.front().version > observed + 1) {
    return std::nullopt;
  }
  std::vector<kept_change> missed;
  for (auto at =
           changes_.begin() + static_cast<std::ptrdiff_t>(observed + 1 - changes_.front().version);
       at != changes_.end(); ++at) {
    if (at->command == nullptr) {
      return std::nullopt;
    }
    if ((at->touched & depends) != 0) {
      missed.push_back(*at);
    }
  }
  return missed;
}

} // namespace cairn
