#include "tests/crash/transfers.hpp"

#include <cairn/cairn.hpp>

#include <unistd.h>

#include <cstdio>
#include <random>
#include <thread>
#include <vector>

namespace {

constexpr int clients = 8;

[[noreturn]] void give_up(const char* why) {
  std::fprintf(stderr, "transfers: %s\n", why);
  ::_exit(3);
}

cairn::entity_ref<purse> purse_of(cairn::world& world, int index) {
  return world.entity<purse>(std::to_string(index));
}

/// All purses or none: a kill in the middle must not leave half of the gold.
void fill(cairn::world& world) {
  if (purse_of(world, 0).read().get().exists) {
    return;
  }
  cairn::transaction all(world);
  for (int i = 0; i < purses; ++i) {
    all.send(purse_of(world, i), purse::earn{gold_each}, cairn::absent);
  }
  if (!all.commit().get()) {
    give_up("the purses could not be filled");
  }
}

class client {
public:
  client(cairn::world& world, std::uint64_t seed, int output)
      : world_(world), random_(seed), output_(output) {}

  void run() {
    for (std::uint64_t round = 0;; ++round) {
      move(round);
    }
  }

private:
  void move(std::uint64_t round) {
    const int from = below(purses);
    const int to = (from + 1 + below(purses - 1)) % purses;
    const auto seen = purse_of(world_, from).read().get();
    const std::int64_t amount = below(50) + 1;
    // One in four says that it saw an older version.
    const cairn::version_type observed = seen.version - (below(4) == 0 ? 1 : 0);
    cairn::transaction trade(world_);
    trade.send(purse_of(world_, from), purse::spend{amount}, cairn::at(observed))
        .send(purse_of(world_, to), purse::earn{amount});
    const int third = below(purses);
    if (third != from && third != to && below(3) == 0) {
      trade.require(purse_of(world_, third), cairn::exists);
    }
    if (below(2) == 0) {
      trade.id(std::to_string(random_()) + "-" + std::to_string(round));
    }
    const auto outcome = trade.commit().get();
    if (outcome.failed() != nullptr) {
      give_up(outcome.failed()->message.c_str());
    }
    if (outcome) {
      const std::uint64_t position = *outcome.accepted()->position;
      if (::write(output_, &position, sizeof position) != sizeof position) {
        ::_exit(4);
      }
    }
  }

  int below(int n) { return static_cast<int>(random_() % static_cast<std::uint64_t>(n)); }

  cairn::world& world_;
  std::mt19937_64 random_;
  int output_;
};

void read_over_and_over(cairn::world& world) {
  for (;;) {
    cairn::read_all all(world);
    std::vector<const cairn::reading<purse>*> read;
    for (int i = 0; i < purses; ++i) {
      read.push_back(&all.add(purse_of(world, i)));
    }
    if (!all.get().ok()) {
      give_up("the purses could not be read");
    }
    std::int64_t sum = 0;
    for (const auto* one : read) {
      sum += one->state.gold;
    }
    if (sum != gold_in_all) {
      give_up("a reader saw half of a transaction");
    }
  }
}

} // namespace

int run_transfers(const std::string& directory, std::uint64_t seed, int output) {
  cairn::rocksdb_options journal;
  journal.checkpoint_changes = 2'000;
  cairn::world_options options;
  options.journal = cairn::rocksdb(directory, journal);
  options.limits.idle_time = std::chrono::milliseconds(20);
  cairn::world world(std::move(options));
  world.host<purse>();
  fill(world);
  std::vector<std::thread> threads;
  for (int i = 0; i < clients; ++i) {
    threads.emplace_back([&world, seed, i, output] {
      client(world, seed + static_cast<std::uint64_t>(i), output).run();
    });
  }
  read_over_and_over(world);
  return 0;
}
