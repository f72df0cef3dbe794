// Durable, checked commands per second, as a ratio to bare CAF request/response in the same run.
//
//   bench_durable_commands [--seconds N] [--rounds N] [--data DIR] [--memory] [--only uniform|hot] [--batch N] [--threads N]
//
// The ceiling: 4,096 requester actors with one outstanding request each to 10,000 entities that only count,
// default scheduler, no persistence. The product: 4,096 commands in flight, each with the version that its
// client saw, to the same number of entities, answered when durable; then the same to a single entity, where
// a pipelined client knows the next version. Rounds are interleaved; medians are printed.

#include <cairn/cairn.hpp>

#include <caf/all.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace {

struct counter {
  std::int64_t value = 0;

  struct add {
    std::int64_t n = 0;
  };
  struct added {
    std::int64_t n = 0;
  };

  cairn::decision<added> decide(const add& command) const { return added{command.n}; }
  void apply(const added& event) { value += event.n; }

  using entity = cairn::entity<"counter", cairn::commands<cairn::named<"add", add>>,
                               cairn::events<cairn::named<"added", added>>>;
};
BOOST_DESCRIBE_STRUCT(counter, (), (value))
BOOST_DESCRIBE_STRUCT(counter::add, (), (n))
BOOST_DESCRIBE_STRUCT(counter::added, (), (n))

constexpr std::size_t entity_count = 10'000;
constexpr std::size_t in_flight = 4'096;

unsigned threads = 0;
std::size_t batch = cairn::limits{}.batch_changes_max;

/// What was done in a while, and what CPU time of the whole process it took.
struct measured {
  double per_s = 0;
  double cpu_us_each = 0;
};

/// Lets the load warm up, then counts.
measured measure(const std::atomic<std::uint64_t>& done, double seconds) {
  using clock = std::chrono::steady_clock;
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds / 4));
  const auto before = done.load();
  const auto cpu = std::clock();
  const auto start = clock::now();
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  const auto count = static_cast<double>(done.load() - before);
  const double cpu_s = static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC;
  const double elapsed = std::chrono::duration<double>(clock::now() - start).count();
  return {count / elapsed, cpu_s * 1e6 / count};
}

/// What the ceiling's actors share.
struct ceiling_state {
  std::vector<caf::actor> entities;
  std::atomic<std::uint64_t> answered{0};
  std::atomic<bool> ending{false};
};

/// Keeps one request outstanding until the round ends.
class requester final : public caf::event_based_actor {
public:
  requester(caf::actor_config& config, ceiling_state& shared, std::size_t first)
      : caf::event_based_actor(config), shared_(shared), next_(first) {}

  caf::behavior make_behavior() override {
    ask();
    return {};
  }

private:
  void ask() {
    next_ = (next_ * 2654435761U + 12345U) % shared_.entities.size();
    request(shared_.entities[next_], caf::infinite, std::int64_t{1})
        .then([this](std::int64_t /*value*/) {
          shared_.answered.fetch_add(1, std::memory_order_relaxed);
          if (!shared_.ending.load(std::memory_order_relaxed)) {
            ask();
          }
        });
  }

  ceiling_state& shared_;
  std::size_t next_;
};

/// One round of the ceiling: requests answered.
measured caf_requests_per_s(double seconds) {
  ceiling_state shared;
  caf::actor_system_config config;
  caf::actor_system system(config);
  for (std::size_t i = 0; i < entity_count; ++i) {
    shared.entities.push_back(system.spawn([]() -> caf::behavior {
      return {[value = std::int64_t{0}](std::int64_t n) mutable { return value += n; }};
    }));
  }
  for (std::size_t i = 0; i < in_flight; ++i) {
    system.spawn<requester>(std::ref(shared), i);
  }
  const measured rate = measure(shared.answered, seconds);
  shared.ending = true;
  for (auto& entity : shared.entities) {
    caf::anon_send_exit(entity, caf::exit_reason::user_shutdown);
  }
  system.await_all_actors_done();
  shared.entities.clear();
  return rate;
}

/// Clients that each keep one command in flight, at the version that they saw.
class load {
public:
  load(cairn::world& world, std::size_t entities, std::size_t clients) : clients_(clients) {
    for (std::size_t i = 0; i < entities; ++i) {
      targets_.push_back(std::make_unique<target>(world.entity<counter>("e" + std::to_string(i))));
    }
  }

  /// Accepted commands.
  measured run(double seconds) {
    in_flight_ = clients_;
    for (std::size_t client = 0; client < clients_; ++client) {
      send(client, client);
    }
    const measured rate = measure(accepted_, seconds);
    ending_ = true;
    std::unique_lock lock(mutex_);
    done_.wait(lock, [this] { return in_flight_ == 0; });
    if (refused_ != 0) {
      std::fprintf(stderr, "%llu commands were refused\n",
                   static_cast<unsigned long long>(refused_));
      std::exit(1);
    }
    return rate;
  }

private:
  struct target {
    explicit target(cairn::entity_ref<counter> to) : entity(std::move(to)) {}

    cairn::entity_ref<counter> entity;
    std::mutex order; // one entity shared by all clients: version and sending in one step
    cairn::version_type seen = 0;
  };

  /// Each client goes round entities of its own; a single entity is shared by all, which then send at the
  /// version that follows from what was sent before, as a pipelined client does.
  void send(std::size_t client, std::size_t index) {
    target& to = *targets_[index % targets_.size()];
    const auto callback = [this, client, index](const cairn::checked_outcome<>& outcome) {
      answered(client, index, outcome);
    };
    if (targets_.size() > 1) {
      return to.entity.post(counter::add{1}, cairn::at(to.seen++), callback);
    }
    const std::lock_guard lock(to.order);
    to.entity.post(counter::add{1}, cairn::at(to.seen++), callback);
  }

  void answered(std::size_t client, std::size_t index, const cairn::checked_outcome<>& outcome) {
    if (outcome) {
      accepted_.fetch_add(1, std::memory_order_relaxed);
    } else {
      ++refused_;
    }
    if (!ending_.load(std::memory_order_relaxed)) {
      const std::size_t next = index + clients_;
      return send(client, next < targets_.size() ? next : client);
    }
    const std::lock_guard lock(mutex_);
    if (--in_flight_ == 0) {
      done_.notify_all();
    }
  }

  std::vector<std::unique_ptr<target>> targets_;
  std::size_t clients_ = 0;
  std::atomic<std::uint64_t> accepted_{0};
  std::atomic<std::uint64_t> refused_{0};
  std::atomic<bool> ending_{false};
  std::mutex mutex_;
  std::condition_variable done_;
  std::size_t in_flight_ = 0;
};

measured commands_per_s(const std::string& data, bool memory, std::size_t entities,
                        double seconds) {
  std::filesystem::remove_all(data);
  measured rate;
  {
    cairn::world_options options;
    options.journal = memory ? cairn::memory() : cairn::rocksdb(data);
    options.limits.batch_changes_max = batch;
    options.entity_threads = threads;
    cairn::world world(std::move(options));
    world.host<counter>();
    {
      load clients(world, entities, in_flight);
      rate = clients.run(seconds);
    }
    const auto counts = world.counts();
    std::printf("    %zu entities: %.0f commands/s, %.2f us CPU each, %.0f changes a batch\n",
                entities, rate.per_s, rate.cpu_us_each,
                static_cast<double>(counts.changes) /
                    static_cast<double>(std::max<std::uint64_t>(counts.batches, 1)));
    if (auto closed = world.close(); !closed.ok()) {
      std::fprintf(stderr, "%s\n", closed.message.c_str());
      std::exit(1);
    }
  }
  std::filesystem::remove_all(data);
  return rate;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

} // namespace

int main(int argc, char** argv) {
  double seconds = 2;
  int rounds = 3;
  bool memory = false;
  std::string only;
  std::string data = (std::filesystem::temp_directory_path() / "cairn-bench").string();
  for (int i = 1; i < argc; ++i) {
    const auto is = [&](const char* name) {
      return std::strcmp(argv[i], name) == 0 && i + 1 < argc;
    };
    if (is("--seconds")) {
      seconds = std::atof(argv[++i]);
    } else if (is("--rounds")) {
      rounds = std::atoi(argv[++i]);
    } else if (is("--data")) {
      data = argv[++i];
    } else if (is("--threads")) {
      threads = static_cast<unsigned>(std::atoi(argv[++i]));
    } else if (is("--batch")) {
      batch = static_cast<std::size_t>(std::atoi(argv[++i]));
    } else if (is("--only")) {
      only = argv[++i];
    } else if (std::strcmp(argv[i], "--memory") == 0) {
      memory = true;
    } else {
      std::fprintf(stderr,
                   "usage: %s [--seconds N] [--rounds N] [--data DIR] [--memory] [--only "
                   "uniform|hot] [--batch N] [--threads N]\n",
                   argv[0]);
      return 2;
    }
  }
  if (!only.empty()) {
    commands_per_s(data, memory, only == "hot" ? 1 : entity_count, seconds); // for a profiler
    return 0;
  }
  std::printf("allocator: %s\n", CAIRN_ALLOCATOR);
  std::vector<double> ceiling;
  std::vector<double> uniform;
  std::vector<double> hot;
  for (int round = 0; round < rounds; ++round) {
    const measured bare = caf_requests_per_s(seconds);
    std::printf("round %d: bare CAF %.0f requests/s, %.2f us CPU each\n", round + 1, bare.per_s,
                bare.cpu_us_each);
    ceiling.push_back(bare.per_s);
    uniform.push_back(commands_per_s(data, memory, entity_count, seconds).per_s);
    hot.push_back(commands_per_s(data, memory, 1, seconds).per_s);
  }
  std::printf("median: bare CAF %.0f/s, uniform %.0f/s = %.2f x, hot %.0f/s = %.2f x uniform\n",
              median(ceiling), median(uniform), median(uniform) / median(ceiling), median(hot),
              median(hot) / median(uniform));
}
