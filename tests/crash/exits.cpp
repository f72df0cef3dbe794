#include "tests/crash/exits.hpp"

#include <cairn/cairn.hpp>

#include "tests/crash/child.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <semaphore>
#include <thread>

namespace {

constexpr std::uint64_t accepted_before_the_end = 300;

using exit_end = exit_way::ends;

const char* word_of(exit_end how) {
  switch (how) {
    case exit_end::returns:
      return "returns";
    case exit_end::exits:
      return "exits";
    case exit_end::exits_beside:
      return "exits_beside";
    case exit_end::exits_inside:
      return "exits_inside";
    case exit_end::exits_quickly:
      return "exits_quickly";
    case exit_end::exits_in_child:
      return "exits_in_child";
  }
  return "";
}

cairn::world_options exit_options(const std::string& directory) {
  cairn::world_options options;
  options.journal = cairn::rocksdb(directory);
  options.limits.idle_time = std::chrono::milliseconds(5); // so that entities come and go
  return options;
}

cairn::world& static_world(const std::string& directory) {
  static cairn::world world(exit_options(directory));
  return world;
}

cairn::world* leaked_world = nullptr;

/// What goes on in the world when the process ends.
class exit_load {
public:
  exit_load(cairn::world& world, exit_way way, int output)
      : world_(world), way_(way), output_(output) {}

  void start() {
    subscribed_ = world_.subscribe(0, [this](const cairn::change&) { ++delivered_; });
    for (std::uint64_t i = 0; i < 32; ++i) {
      deposit(i);
    }
    std::thread([this] {
      for (std::uint64_t i = 0;; ++i) { // also once the world is closed, and while statics go
        static_cast<void>(world_.entity<account>(std::to_string(i % 50)).read().get());
      }
    }).detach();
  }

  void await() {
    while (accepted_ < accepted_before_the_end) {
      std::this_thread::yield();
    }
  }

  void say() const { static_cast<void>(::write(output_, "!", 1) == 1); }

private:
  void deposit(std::uint64_t number) {
    world_.entity<account>(std::to_string(number % 40))
        .post(account::deposit{number}, [this, number](const auto& outcome) {
          if (outcome) {
            answered(number);
          }
        });
  }

  void answered(std::uint64_t number) {
    if (++accepted_ == accepted_before_the_end && way_.how == exit_end::exits_inside) {
      say();
      std::exit(exit_child_status);
    }
    deposit(number + 32);
  }

  cairn::world& world_;
  exit_way way_;
  int output_;
  std::atomic<std::uint64_t> accepted_{0};
  std::atomic<std::uint64_t> delivered_{0};
  cairn::subscription subscribed_;
};

/// A child has its parent's worlds as memory only.
void exit_in_child() {
  const pid_t child = ::fork();
  if (child == 0) {
    std::exit(exit_child_status);
  }
  int ended = 0;
  if (::waitpid(child, &ended, 0) != child || !WIFEXITED(ended) ||
      WEXITSTATUS(ended) != exit_child_status) {
    ::_exit(1);
  }
}

[[noreturn]] void wait_for_ever() {
  for (std::binary_semaphore never(0);;) {
    never.acquire();
  }
}

} // namespace

std::vector<exit_way> exit_ways() {
  std::vector<exit_way> all;
  for (const auto where : {exit_way::place::in_static, exit_way::place::behind_pointer}) {
    for (const bool busy : {true, false}) {
      for (const auto how :
           {exit_end::returns, exit_end::exits, exit_end::exits_beside, exit_end::exits_inside,
            exit_end::exits_quickly, exit_end::exits_in_child}) {
        if (busy || how != exit_end::exits_inside) {
          all.push_back({where, how, busy});
        }
      }
    }
  }
  return all;
}

std::string name_of(const exit_way& way) {
  return std::string(way.where == exit_way::place::in_static ? "static" : "pointer") +
         (way.busy ? "-busy-" : "-idle-") + word_of(way.how);
}

int run_exit_child(const std::string& directory, const std::string& name, int output) {
  exit_way way;
  for (const auto& each : exit_ways()) {
    if (name_of(each) == name) {
      way = each;
    }
  }
  if (way.where == exit_way::place::behind_pointer) {
    leaked_world = new cairn::world(exit_options(directory));
  }
  auto& world = leaked_world != nullptr ? *leaked_world : static_world(directory);
  world.host<account>();
  static auto& load = *new exit_load(world, way, output);
  if (way.busy) {
    load.start();
    if (way.how == exit_end::exits_inside) {
      wait_for_ever();
    }
    load.await();
  } else if (!world.entity<account>("1").send(account::deposit{1}).get()) {
    return 1;
  }
  if (way.how == exit_end::exits_in_child) {
    exit_in_child();
  }
  load.say();
  switch (way.how) {
    case exit_end::returns:
      return exit_child_status;
    case exit_end::exits_beside:
      std::thread([] { std::exit(exit_child_status); }).detach();
      wait_for_ever();
    case exit_end::exits_quickly:
      std::quick_exit(exit_child_status);
    default:
      std::exit(exit_child_status);
  }
}
