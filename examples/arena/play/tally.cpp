#include "tally.hpp"

namespace arena {

std::string_view name_of(way what) {
  switch (what) {
    case way::dig_seen:
      return "dig what was seen";
    case way::dig_unseen:
      return "dig without looking";
    case way::sell:
      return "offer for sale";
    case way::buy:
      return "buy";
    case way::take_back:
      return "take back";
    case way::build:
      return "build";
  }
  return "";
}

figures_of_way tallied::all() const {
  figures_of_way sum;
  for (const auto& one : ways) {
    sum.sent += one.sent;
    sum.accepted += one.accepted;
    sum.conflicts += one.conflicts;
    sum.rejected += one.rejected;
  }
  return sum;
}

void tally::fail(const cairn::failed& broken) {
  const std::lock_guard lock(mutex_);
  if (!has_failed_.exchange(true)) {
    failure_ = {broken.error, broken.message};
  }
}

cairn::status tally::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

tallied tally::now() const {
  tallied copied;
  for (std::size_t i = 0; i < way_count; ++i) {
    copied.ways[i] = {counts_[i].sent, counts_[i].accepted, counts_[i].conflicts,
                      counts_[i].rejected};
  }
  copied.reads = reads_;
  copied.taken = taken_.taken();
  return copied;
}

} // namespace arena
