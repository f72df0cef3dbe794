#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <ctime>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace cairn::bench {

/// Thrown to end a run that a person has interrupted.
struct interruption {};

/// What all benchmarks share.
struct conditions {
  double seconds = 1; ///< Of each sample.
  std::string data;   ///< A directory of the run's own.
  std::function<bool()> interrupted;

  /// Waits. Throws `interruption`.
  void pass(double for_seconds) const {
    using clock = std::chrono::steady_clock;
    constexpr std::chrono::milliseconds look{20}; // how long Ctrl-C may have to wait
    const auto end = clock::now() + std::chrono::duration_cast<clock::duration>(
                                        std::chrono::duration<double>(for_seconds));
    while (clock::now() < end) {
      if (interrupted && interrupted()) throw interruption{};
      std::this_thread::sleep_for(std::min<clock::duration>(look, end - clock::now()));
    }
  }
};

/// What was done in a while, and the CPU time and allocations that the whole process took for each.
struct rate {
  double per_s = 0;
  double cpu_us_each = 0;
  double allocations_each = 0; ///< 0: nobody counts them.
};

/// Allocations of the process so far; null: nobody counts them.
inline std::uint64_t (*allocations_so_far)() noexcept = nullptr;

/// Lets a load warm up, then counts what it does; longer than asked, a few minutes at most, where that is nothing and
/// nothing is `bad` either, since a rate of nothing says nothing. Throws `interruption`.
inline rate count_rate(const std::atomic<std::uint64_t>& done, const conditions& how,
                       const std::atomic<std::uint64_t>* bad = nullptr) {
  using clock = std::chrono::steady_clock;
  constexpr double look_s = 0.001;
  constexpr int looks_max = 60'000;
  const auto pass = [&](double for_seconds, std::uint64_t before) {
    how.pass(for_seconds);
    for (int looks = 0; looks < looks_max && done == before && (bad == nullptr || *bad == 0);
         ++looks)
      how.pass(look_s);
  };
  pass(how.seconds / 4, 0);
  const auto before = done.load();
  const auto allocated = allocations_so_far != nullptr ? allocations_so_far() : 0;
  const auto cpu = std::clock();
  const auto start = clock::now();
  pass(how.seconds, before);
  const auto count = static_cast<double>(done.load() - before);
  const double cpu_s = static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC;
  const auto allocations =
      static_cast<double>((allocations_so_far != nullptr ? allocations_so_far() : 0) - allocated);
  return {count / std::chrono::duration<double>(clock::now() - start).count(),
          count > 0 ? cpu_s * 1e6 / count : 0, count > 0 ? allocations / count : 0};
}

/// Clients that each keep one request under way, each with targets of its own: client c goes round the targets c,
/// c + clients, … `Way::send(target, ended)` sends one and has `ended(bool good)` called once.
/// Thread: `run` one; clients go on from their replies.
template <class Way>
class closed_loop {
public:
  /// How one request ended.
  struct ended {
    closed_loop* loop;
    std::uint32_t client;
    std::uint32_t target;
    void operator()(bool good) const { loop->answered(*this, good); }
  };

  closed_loop(Way& way, std::size_t clients, std::size_t targets)
      : way_(way), clients_(clients), targets_(targets) {}

  /// Throws `interruption`, or `std::runtime_error` when a request did not end as it should.
  rate run(const conditions& how) {
    under_way_ = clients_;
    for (std::size_t client = 0; client < clients_; ++client) {
      const auto number = static_cast<std::uint32_t>(client);
      send({this, number, static_cast<std::uint32_t>(client % targets_)});
    }
    rate found;
    try {
      found = count_rate(good_, how, &bad_);
    } catch (const interruption&) {
      stop();
      throw;
    }
    stop();
    if (bad_ > 0) {
      throw std::runtime_error(std::to_string(bad_) + " requests did not end as they should");
    }
    return found;
  }

  /// The next target of the same client.
  std::uint32_t after(std::uint32_t client, std::uint32_t target) const {
    const std::size_t next = target + clients_;
    return static_cast<std::uint32_t>(next < targets_ ? next : client % targets_);
  }

private:
  void send(const ended& one) { way_.send(one.target, one); }

  void answered(ended one, bool good) {
    (good ? good_ : bad_).fetch_add(1, std::memory_order_relaxed);
    if (!ending_.load(std::memory_order_relaxed)) {
      one.target = after(one.client, one.target);
      return send(one);
    }
    const std::lock_guard lock(mutex_);
    if (--under_way_ == 0) done_.notify_all();
  }

  void stop() {
    ending_ = true;
    std::unique_lock lock(mutex_);
    done_.wait(lock, [this] { return under_way_ == 0; });
  }

  Way& way_;
  std::size_t clients_;
  std::size_t targets_;
  std::atomic<std::uint64_t> good_{0};
  std::atomic<std::uint64_t> bad_{0};
  std::atomic<bool> ending_{false};
  std::mutex mutex_;
  std::condition_variable done_;
  std::size_t under_way_ = 0;
};

} // namespace cairn::bench
