#include "cli/exec_replies.hpp"

#include <algorithm>
#include <utility>

namespace cairn::cli {

void reply_box::put(std::string_view reference, std::string_view members, gravity what) {
  const std::lock_guard lock(mutex_);
  lines_ += '{';
  if (!reference.empty()) lines_.append("\"ref\":").append(reference).append(",");
  lines_.append(members).append("}\n");
  worst_ = std::max(worst_, what);
  if (count_++ == 0) wake_.raise();
}

std::size_t reply_box::take(std::string& lines) {
  const std::lock_guard lock(mutex_);
  lines.clear();
  if (count_ > 0) wake_.clear();
  std::swap(lines, lines_);
  return std::exchange(count_, 0);
}

gravity reply_box::worst() const {
  const std::lock_guard lock(mutex_);
  return worst_;
}

} // namespace cairn::cli
