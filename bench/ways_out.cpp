// What the other ways to send cost, as ratios to plain checked commands of the same run: transactions of two
// entities, stale commands that are merged, commands whose id is known, commands that conflict.
//
//   bench_ways_out [--seconds N] [--rounds N] [--data DIR] [--clients N] [--only WAY]
//
// Each client keeps one request in flight and has entities of its own, so that only the way itself is measured.
// Rounds are interleaved; medians are printed, with the lowest and highest round.

#include <cairn/cairn.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace {

struct purse {
  std::int64_t gold = 0;

  struct earn {
    std::int64_t n = 0;
  };
  struct earned {
    std::int64_t n = 0;
  };

  cairn::decision<earned> decide(const earn& command) const { return earned{command.n}; }
  void apply(const earned& event) { gold += event.n; }

  using entity = cairn::entity<"purse", cairn::commands<cairn::named<"earn", earn>>,
                               cairn::events<cairn::named<"earned", earned>>>;
};
BOOST_DESCRIBE_STRUCT(purse, (), (gold))
BOOST_DESCRIBE_STRUCT(purse::earn, (), (n))
BOOST_DESCRIBE_STRUCT(purse::earned, (), (n))

/// The same, and earning commutes with earning.
struct jar : purse {
  using entity = cairn::entity<"jar", cairn::commands<cairn::named<"earn", earn>>,
                               cairn::events<cairn::named<"earned", earned>>,
                               cairn::commutes<earn, earn>, cairn::merge_window<16>>;
};
BOOST_DESCRIBE_STRUCT(jar, (purse), ())

constexpr std::size_t entity_count = 10'000;

enum class way { single, transaction, merged, duplicate, conflict };
constexpr const char* names[] = {"single", "transaction of 2", "merged", "duplicate", "conflict"};

/// Clients that each keep one request in flight, over entities of their own.
class load {
public:
  load(cairn::world& world, way what, std::size_t clients)
      : world_(world), what_(what), clients_(clients) {
    for (std::size_t i = 0; i < entity_count; ++i) {
      const auto id = std::to_string(i);
      purses_.push_back(world.entity<purse>(id));
      jars_.push_back(world.entity<jar>(id));
    }
    seen_.resize(entity_count);
  }

  /// Requests that ended as they should, per second.
  double run(double seconds) {
    prepare();
    in_flight_ = clients_;
    for (std::size_t client = 0; client < clients_; ++client) {
      send(client, client);
    }
    using clock = std::chrono::steady_clock;
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds / 4));
    const auto before = good_.load();
    const auto start = clock::now();
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
    const auto count = static_cast<double>(good_.load() - before);
    const double elapsed = std::chrono::duration<double>(clock::now() - start).count();
    ending_ = true;
    std::unique_lock lock(mutex_);
    done_.wait(lock, [this] { return in_flight_ == 0; });
    if (bad_ != 0) {
      std::fprintf(stderr, "%s: %llu requests did not end as they should\n",
                   names[static_cast<int>(what_)], static_cast<unsigned long long>(bad_.load()));
      std::exit(1);
    }
    return count / elapsed;
  }

private:
  /// What duplicates repeat, merges come late to, and conflicts are stale for.
  void prepare() {
    for (std::size_t i = 0; i < entity_count;
         ++i) { // in memory, as after the first round of any client
      what_ == way::merged ? static_cast<void>(jars_[i].read().get())
                           : static_cast<void>(purses_[i].read().get());
    }
    std::vector<cairn::future<cairn::unchecked_outcome<>>> sent;
    for (std::size_t i = 0; i < entity_count; ++i) {
      if (what_ == way::merged) {
        sent.push_back(jars_[i].send(purse::earn{1}));
        sent.push_back(jars_[i].send(purse::earn{1}));
        seen_[i] = 1;
      } else if (what_ == way::duplicate || what_ == way::conflict) {
        sent.push_back(purses_[i].send(purse::earn{1}, {.id = "known"}));
      }
      if (sent.size() > 10'000) {
        for (auto& one : sent) one.get();
        sent.clear();
      }
    }
    for (auto& one : sent) one.get();
  }

  void send(std::size_t client, std::size_t index) {
    const auto ended = [this, client, index](bool good) { answered(client, index, good); };
    switch (what_) {
      case way::single:
        return purses_[index].post(purse::earn{1}, cairn::at(seen_[index]++),
                                   [ended](const auto& outcome) { ended(bool(outcome)); });
      case way::transaction: {
        const std::size_t other = other_of(client, index);
        cairn::transaction both(world_);
        both.send(purses_[index], purse::earn{1}, cairn::at(seen_[index]++))
            .send(purses_[other], purse::earn{1}, cairn::at(seen_[other]++));
        return both.commit([ended](const auto& outcome) { ended(bool(outcome)); });
      }
      case way::merged:
        return jars_[index].post(purse::earn{1}, cairn::at(seen_[index]++),
                                 [ended](const auto& outcome) {
                                   ended(outcome.accepted() && outcome.accepted()->merged);
                                 });
      case way::duplicate:
        return purses_[index].post(purse::earn{1},
                                   [ended](const auto& outcome) {
                                     ended(outcome.accepted() && outcome.accepted()->duplicate);
                                   },
                                   {.id = "known"});
      case way::conflict:
        return purses_[index].post(purse::earn{1}, cairn::at(0), [ended](const auto& outcome) {
          ended(outcome.conflict() != nullptr);
        });
    }
  }

  /// The next entity of the same client.
  std::size_t other_of(std::size_t client, std::size_t index) const {
    const std::size_t next = index + clients_;
    return next < entity_count ? next : client;
  }

  void answered(std::size_t client, std::size_t index, bool good) {
    (good ? good_ : bad_).fetch_add(1, std::memory_order_relaxed);
    if (!ending_.load(std::memory_order_relaxed)) {
      return send(client, other_of(client, index));
    }
    const std::lock_guard lock(mutex_);
    if (--in_flight_ == 0) {
      done_.notify_all();
    }
  }

  cairn::world& world_;
  way what_;
  std::size_t clients_;
  std::vector<cairn::entity_ref<purse>> purses_;
  std::vector<cairn::entity_ref<jar>> jars_;
  std::vector<cairn::version_type> seen_;
  std::atomic<std::uint64_t> good_{0};
  std::atomic<std::uint64_t> bad_{0};
  std::atomic<bool> ending_{false};
  std::mutex mutex_;
  std::condition_variable done_;
  std::size_t in_flight_ = 0;
};

double round_of(way what, const std::string& data, std::size_t clients, double seconds) {
  std::filesystem::remove_all(data);
  double rate = 0;
  {
    cairn::world_options options;
    options.journal = cairn::rocksdb(data);
    cairn::world world(std::move(options));
    world.host<purse>();
    world.host<jar>();
    load clients_of_it(world, what, clients);
    rate = clients_of_it.run(seconds);
    if (auto closed = world.close(); !closed.ok()) {
      std::fprintf(stderr, "%s\n", closed.message.c_str());
      std::exit(1);
    }
  }
  std::filesystem::remove_all(data);
  return rate;
}

} // namespace

int main(int argc, char** argv) {
  double seconds = 1;
  int rounds = 3;
  std::size_t clients = 4'096;
  std::string only;
  std::string data = (std::filesystem::temp_directory_path() / "cairn-bench-ways").string();
  for (int i = 1; i < argc; ++i) {
    const auto is = [&](const char* name) {
      return std::strcmp(argv[i], name) == 0 && i + 1 < argc;
    };
    if (is("--seconds")) {
      seconds = std::atof(argv[++i]);
    } else if (is("--rounds")) {
      rounds = std::atoi(argv[++i]);
    } else if (is("--clients")) {
      clients = static_cast<std::size_t>(std::atoi(argv[++i]));
    } else if (is("--data")) {
      data = argv[++i];
    } else if (is("--only")) {
      only = argv[++i];
    } else {
      std::fprintf(stderr,
                   "usage: %s [--seconds N] [--rounds N] [--data DIR] [--clients N] [--only WAY]\n",
                   argv[0]);
      return 2;
    }
  }
  if (rounds < 1 || clients < 1 || clients * 2 > entity_count) {
    std::fprintf(stderr, "1 round at least, and from 1 to %zu clients\n", entity_count / 2);
    return 2;
  }
  constexpr way ways[] = {way::single, way::transaction, way::merged, way::duplicate,
                          way::conflict};
  for (const way what : ways) {
    if (only == names[static_cast<int>(what)]) { // for a profiler
      std::printf("%s: %.0f/s\n", only.c_str(), round_of(what, data, clients, seconds));
      return 0;
    }
  }
  std::vector<std::vector<double>> rates(std::size(ways));
  std::printf("allocator: %s, %zu clients, %zu entities\n", CAIRN_ALLOCATOR, clients, entity_count);
  for (int round = 0; round < rounds; ++round) {
    for (const way what : ways) {
      rates[static_cast<std::size_t>(what)].push_back(round_of(what, data, clients, seconds));
    }
  }
  for (auto& of_way : rates) {
    std::sort(of_way.begin(), of_way.end());
  }
  const double single = rates[0][rates[0].size() / 2];
  for (std::size_t i = 0; i < rates.size(); ++i) {
    const double median = rates[i][rates[i].size() / 2];
    std::printf("%-17s %9.0f/s (%.0f to %.0f) = %.2f x single\n", names[i], median,
                rates[i].front(), rates[i].back(), median / single);
  }
}
