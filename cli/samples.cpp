#include "cli/samples.hpp"

#include <limits>

namespace cairn::cli {

decision<counter::added> counter::decide(const add& command) const {
  std::int64_t sum = 0;
  if (__builtin_add_overflow(value, command.n, &sum)) {
    return reject("the value would be above 9223372036854775807"); // value is never negative
  }
  if (sum < 0) return reject("the value would be below 0");
  return added{command.n};
}

decision<counter::value_set> counter::decide(const set& command) const {
  if (command.value < 0) return reject("the value would be below 0");
  return value_set{command.value};
}

decision<address::state_changed> address::decide(const change_state& command) const {
  if (command.state.empty()) return reject("the state is empty");
  return state_changed{command.state};
}

decision<address::county_changed> address::decide(const change_county& command) const {
  if (command.county.empty()) return reject("the county is empty");
  return county_changed{command.county};
}

decision<address::moved> address::decide(const move& command) const {
  if (command.state.empty()) return reject("the state is empty");
  if (command.county.empty()) return reject("the county is empty");
  return moved{command.state, command.county};
}

void address::apply(const moved& event) {
  state = event.state;
  county = event.county;
}

} // namespace cairn::cli
