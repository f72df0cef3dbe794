#include "protocol/request_order.hpp"

namespace cairn::protocol {

bool request_order::enter(const request_ptr& entering) {
  for (const auto& key : entering->keys) {
    auto& queue = queues_[key];
    if (!queue.empty()) ++entering->waits_for;
    queue.push_back(entering);
  }
  return entering->waits_for == 0;
}

void request_order::leave(const ordered_request& leaving, std::deque<request_ptr>& ready) {
  for (const auto& key : leaving.keys) {
    const auto found = queues_.find(key);
    auto& queue = found->second;
    queue.pop_front(); // it is `leaving`: nobody else was started
    if (queue.empty()) {
      queues_.erase(found);
    } else if (--queue.front()->waits_for == 0) {
      ready.push_back(queue.front());
    }
  }
}

} // namespace cairn::protocol
