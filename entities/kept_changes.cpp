#include "entities/kept_changes.hpp"

#include <utility>

namespace cairn {

void kept_changes::add(version_type version, const command_type* command, aspect_set touched) {
  if (window_ == 0) {
    return;
  }
  changes_.push_back({version, command, touched, std::exchange(next_, {})});
  dropped_.reset();
  if (changes_.size() > window_) {
    dropped_ = std::move(changes_.front());
    changes_.pop_front();
  }
}

void kept_changes::take_back_after(version_type version) {
  if (changes_.empty() || changes_.back().version <= version) {
    return;
  }
  changes_.pop_back();
  if (dropped_) {
    changes_.push_front(std::move(*dropped_));
    dropped_.reset();
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
