#pragma once

#include <cairn/compare.hpp>
#include <cairn/journal.hpp>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace cairn::compare {

/// Appends changes to a journal for threads that each know the version they read: takes all that waits, writes
/// it as one batch with one sync, and tells each whether its version still held. What a world does for its
/// entities, for clients that have none.
class store_commit {
public:
  struct change {
    std::string entity;
    version_type version = 0; ///< That it makes.
    std::string body;
    listener* to = nullptr;
  };

  explicit store_commit(cairn::journal& to);
  ~store_commit();
  store_commit(const store_commit&) = delete;
  store_commit& operator=(const store_commit&) = delete;

  /// Thread: any; the listener is called on the committing one.
  void append(change what);

  std::uint64_t batches() const noexcept { return batches_.load(); }

private:
  void run();
  void commit(std::vector<change>& taken);
  bool try_batch(std::vector<change>& batch, std::vector<change>& stale);

  cairn::journal* journal_;
  std::atomic<std::uint64_t> batches_{0};
  std::int64_t last_time_us_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<change> waiting_;
  bool ends_ = false;
  std::thread thread_;
};

} // namespace cairn::compare
