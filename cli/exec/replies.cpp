#include "cli/exec/replies.hpp"

#include <algorithm>
#include <utility>

namespace cairn::cli {

namespace {

gravity gravity_of(const protocol::reply& given) {
  if (given.store_failed) return gravity::store_failed;
  return given.what == protocol::ending::invalid ? gravity::invalid : gravity::fine;
}

} // namespace

void reply_box::put(const protocol::reply& given) {
  const std::lock_guard lock(mutex_);
  protocol::write_reply(lines_, given);
  lines_ += '\n';
  worst_ = std::max(worst_, gravity_of(given));
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
