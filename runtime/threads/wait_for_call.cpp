#include "runtime/threads/wait_for_call.hpp"

#include <map>
#include <mutex>

namespace cairn::runtime {

namespace {

/// Which thread waits for which.
struct waiting_threads {
  std::mutex mutex;
  std::map<std::thread::id, std::thread::id> waits_for;
};

waiting_threads& all_waiting() {
  static auto& all = *new waiting_threads; // never destroyed: threads may outlive main
  return all;
}

} // namespace

wait_for_call::wait_for_call(std::thread::id runner) {
  const auto self = std::this_thread::get_id();
  auto& all = all_waiting();
  const std::lock_guard lock(all.mutex);
  for (auto at = runner; waits_;) {
    waits_ = at != self;
    const auto next = all.waits_for.find(at);
    if (next == all.waits_for.end()) {
      break;
    }
    at = next->second;
  }
  if (waits_) {
    all.waits_for[self] = runner;
  }
}

wait_for_call::~wait_for_call() {
  if (waits_) {
    auto& all = all_waiting();
    const std::lock_guard lock(all.mutex);
    all.waits_for.erase(std::this_thread::get_id());
  }
}

} // namespace cairn::runtime
