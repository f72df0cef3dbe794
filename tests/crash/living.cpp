#include "tests/crash/living.hpp"

#include <cairn/cairn.hpp>

#include "entities/crash_point.hpp"
#include "tests/support/living_entities.hpp"

#include <unistd.h>

#include <atomic>
#include <csignal>
#include <vector>

namespace {

using sample::bell;
using sample::till;

std::atomic<unsigned> left{0};
cairn::crash_point deadly{};

void die_at(cairn::crash_point point) {
  if (point == deadly && left.fetch_sub(1) == 1) {
    ::kill(::getpid(), SIGKILL);
  }
}

} // namespace

int run_living(const std::string& directory, unsigned point, unsigned times) {
  cairn::world_options options;
  options.journal = cairn::rocksdb(directory);
  cairn::world world(std::move(options));
  world.host<till>();
  world.host<bell>();
  if (times > 0) {
    deadly = static_cast<cairn::crash_point>(point);
    left = times;
    cairn::crash_hook = &die_at;
  }
  const auto bank = world.entity<till>("bank");
  const auto clock = world.entity<bell>("clock");
  std::vector<cairn::future<cairn::unchecked_outcome<>>> sent;
  sent.push_back(bank.send(till::mint{living_coins}, {.id = "mint"}));
  for (int i = 0; i < living_posts; ++i) {
    // Every fourth goes to one that has been removed, and comes back.
    const std::string to = i % 4 == 3 ? "gone" : "shop";
    if (i == 0) {
      std::ignore = world.entity<till>("gone").send(till::mint{1}, {.id = "mint"}).get();
      std::ignore = world.entity<till>("gone").remove({.id = "remove"}).get();
    }
    sent.push_back(bank.send(till::post{to, 1 + i % 3}, {.id = "post" + std::to_string(i)}));
  }
  for (int i = 0; i < living_timers; ++i) {
    const std::string name = "t" + std::to_string(i);
    sent.push_back(clock.send(bell::set{name, i % 5, i % 7 == 6 ? -1 : 1}, {.id = name}));
  }
  int refused = 0;
  for (auto& each : sent) {
    refused += each.get() ? 0 : 1;
  }
  while (clock.read().get().version < 2 * living_timers) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  world.settle();
  return world.close().ok() && refused == 0 ? 0 : 4;
}
