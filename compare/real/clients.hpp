#pragma once

#include <cairn/compare.hpp>

#include "compare/plan/session.hpp"
#include "compare/real/timer.hpp"
#include "compare/real/venue.hpp"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <queue>
#include <string>
#include <thread>
#include <vector>

namespace cairn::compare {

/// How the clients of a run are started.
struct client_options {
  std::uint64_t attempts_max = 0;
  bool own_entities = false; ///< The n-th client works on the n-th entity alone.
};

/// The clients of one real run: each has one command under way, and goes on from its replies.
/// Thread: one; the clients run on the venue's threads and the timer's.
class clients {
public:
  using clock = std::chrono::steady_clock;

  clients(venue& at, const strategy& follow, const workload& load, const client_options& options);
  ~clients();
  clients(const clients&) = delete;
  clients& operator=(const clients&) = delete;

  void start();
  /// From now on counts into the measured figures, or no longer.
  void measure(bool on) { measuring_.store(on); }
  /// Lets each client end with the reply it waits for; nothing is under way when it returns.
  void stop();

  /// The first request that failed; empty: none. Thread: any.
  std::string problem() const;
  bool failed() const noexcept { return failed_.load(); }

  std::vector<const session*> sessions() const;
  const latency_histogram& latencies() const noexcept { return latencies_; }
  /// Accepted commands of the whole run, as the clients were told.
  std::uint64_t told_accepted() const;

private:
  class client;

  void pace();
  void begin_due(std::int64_t due);
  /// False: the client rests, or has ended.
  bool next_due(client& idle, std::int64_t& due);
  void fail(const std::string& why);
  void client_ended();
  std::int64_t now() const;

  venue* venue_;
  const strategy* strategy_;
  workload load_;
  client_options options_;
  zipf choice_;
  rules rules_;
  clock::time_point start_;
  latency_histogram latencies_;
  std::atomic<bool> measuring_{false};
  std::atomic<bool> ending_{false};
  std::atomic<bool> failed_{false};

  mutable std::mutex mutex_;
  std::condition_variable ended_;
  std::size_t active_ = 0;
  std::string problem_;
  std::vector<client*> resting_;     // open loop
  std::queue<std::int64_t> backlog_; // open loop: due, and no client was free
  bool paces_ = false;
  std::condition_variable pace_ends_;

  std::vector<std::unique_ptr<client>> all_;
  timer timer_; // ends before the clients
  std::thread pacer_;
};

} // namespace cairn::compare
