#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace cairn::protocol {

/// A request that stands in the order; what it is derived from.
struct ordered_request {
  std::vector<std::string> keys; ///< Its entities, each once.
  std::size_t waits_for = 0;     ///< Of its entities, those at which another request is first.
};

/// Keeps the order of requests to one entity where some are about several entities: those do not get to all of theirs
/// at once, so that what is sent later to one of them could get there first.
/// Thread: one at a time.
class request_order {
public:
  using request_ptr = std::shared_ptr<ordered_request>;

  /// Does a request to this entity have to enter, since another is there?
  bool has(const std::string& key) const { return !queues_.empty() && queues_.contains(key); }

  /// It comes behind all that entered before. True: it is first everywhere, and may start.
  bool enter(const request_ptr& entering);

  /// It has ended, or will not be overtaken any more. Adds those to `ready` that may start now.
  void leave(const ordered_request& leaving, std::deque<request_ptr>& ready);

private:
  std::unordered_map<std::string, std::deque<request_ptr>> queues_; // none is empty
};

} // namespace cairn::protocol
