#include "bench/suite/ceiling_actor.hpp"

#include <cairn/caf.hpp>

#include <caf/all.hpp>
#include <unistd.h>

#include <fstream>
#include <vector>

namespace cairn::bench {

namespace {

/// What the ceiling's actors share.
struct shared_state {
  std::vector<caf::actor> entities;
  std::atomic<std::uint64_t> answered{0};
  std::atomic<bool> ending{false};
};

/// Keeps one request outstanding until the run ends.
class requester final : public caf::event_based_actor {
public:
  requester(caf::actor_config& config, shared_state& shared, std::size_t first)
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
          if (!shared_.ending.load(std::memory_order_relaxed)) ask();
        });
  }

  shared_state& shared_;
  std::size_t next_;
};

caf::behavior counting() {
  return {[value = std::int64_t{0}](std::int64_t n) mutable { return value += n; }};
}

void end_all(std::vector<caf::actor>& actors, caf::actor_system& system) {
  for (auto& one : actors) caf::anon_send_exit(one, caf::exit_reason::user_shutdown);
  actors.clear();
  system.await_all_actors_done();
}

} // namespace

rate caf_requests(std::size_t requesters, std::size_t entities, const conditions& how) {
  shared_state shared;
  init_caf_messages();
  caf::actor_system_config config;
  caf::actor_system system(config);
  for (std::size_t i = 0; i < entities; ++i) shared.entities.push_back(system.spawn(counting));
  for (std::size_t i = 0; i < requesters; ++i) {
    system.spawn<requester>(std::ref(shared), i);
  }
  const auto end = [&] {
    shared.ending = true;
    auto entities_of_it = shared.entities; // requesters look into the other ones
    end_all(entities_of_it, system);
  };
  try {
    const rate found = count_rate(shared.answered, how);
    end();
    return found;
  } catch (const interruption&) {
    end();
    throw;
  }
}

double bytes_per_bare_actor(std::size_t actors) {
  init_caf_messages();
  caf::actor_system_config config;
  caf::actor_system system(config);
  std::vector<caf::actor> all;
  all.reserve(actors);
  const double before = resident_bytes();
  for (std::size_t i = 0; i < actors; ++i) all.push_back(system.spawn(counting));
  {
    caf::scoped_actor asks(system);
    for (const auto& one : all) {
      asks->request(one, caf::infinite, std::int64_t{1})
          .receive([](std::int64_t /*value*/) {}, [](const caf::error& /*failed*/) {});
    }
  }
  const double taken = resident_bytes() - before;
  end_all(all, system);
  return taken / static_cast<double>(actors);
}

double resident_bytes() {
  std::ifstream pages("/proc/self/statm");
  double all = 0;
  double resident = 0;
  pages >> all >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

} // namespace cairn::bench
