#include "runtime/world/live_worlds.hpp"

#include "runtime/threads/own_thread.hpp"
#include "runtime/world/core.hpp"

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace cairn::runtime::live_worlds {

namespace {

/// What the end of the process waits for worlds: operators kill what takes longer than some seconds.
constexpr std::chrono::seconds exit_wait{3};

/// A hook takes 32 bytes for ever; so many are enough for all that a program makes when it starts.
constexpr std::size_t hooks_max = 65'536;

struct all_worlds {
  std::mutex mutex; // of what follows
  std::condition_variable changed;
  std::vector<world_core*> live;
  std::vector<world_core*> of_parent; // they stay as they were at `fork`
  std::size_t hooks = 0;
  std::size_t ending = 0; // deleted by a thread right now
  bool exiting = false;
};

all_worlds& worlds() {
  static auto& all = *new all_worlds; // never destroyed: it is there for the end
  return all;
}

/// Writes what the process has printed, unless somebody is stuck in printing, and ends it without any destructor.
[[noreturn]] void leave(int status) {
  for (auto* const file : {stdout, stderr}) {
    if (::ftrylockfile(file) == 0) {
      std::fflush(file);
      ::funlockfile(file);
    }
  }
  ::_exit(status);
}

/// How many of the worlds have not been closed yet. The threads that close them keep it.
struct open_worlds {
  std::mutex mutex;
  std::condition_variable changed;
  std::size_t count = 0;
};

bool close_within(const std::vector<world_core*>& live, std::chrono::steady_clock::time_point end) {
  const auto open = std::make_shared<open_worlds>();
  open->count = live.size();
  std::vector<std::thread> closing;
  closing.reserve(live.size());
  for (auto* const world : live) { // at once: one may need another
    closing.emplace_back([world, open] {
      static_cast<void>(world->close_in_haste()); // its outcome is in the world's log
      const std::lock_guard lock(open->mutex);
      --open->count;
      open->changed.notify_all();
    });
  }
  bool closed = false;
  {
    std::unique_lock lock(open->mutex);
    closed = open->changed.wait_until(lock, end, [&] { return open->count == 0; });
  }
  for (auto& thread : closing) {
    closed ? thread.join() : thread.detach();
  }
  return closed;
}

void close_all(int status, void* /*unused*/) {
  const auto end = std::chrono::steady_clock::now() + exit_wait;
  auto& all = worlds();
  std::unique_lock lock(all.mutex);
  all.exiting = true;
  auto live = all.live;
  std::erase_if(live, [](const world_core* world) { return world->is_closed(); });
  const bool is_child = !all.of_parent.empty();
  if (live.empty() && all.ending == 0) {
    // What others would join in their destructors, RocksDB for one, are threads that a child does not have.
    return is_child ? leave(status) : void();
  }
  lock.unlock();
  if (own_thread::doing() != nullptr) {
    leave(status);
  }
  bool closed = close_within(live, end);
  if (closed) {
    lock.lock();
    closed = all.changed.wait_until(lock, end, [&] { return all.ending == 0; });
  }
  if (!closed) {
    std::fprintf(stderr,
                 "cairn: the process ends while a world has work under way that did not finish "
                 "within %d s; what was "
                 "acknowledged is in its journal\n",
                 static_cast<int>(exit_wait.count()));
    leave(status);
  }
  if (is_child) {
    leave(status);
  }
}

void before_fork() { worlds().mutex.lock(); }
void after_fork() { worlds().mutex.unlock(); }

void in_child() {
  auto& all = worlds();
  all.of_parent.insert(all.of_parent.end(), all.live.begin(), all.live.end());
  all.live.clear();
  all.ending = 0;
  all.mutex.unlock();
}

bool register_hook() {
#ifdef __GLIBC__
  return ::on_exit(&close_all, nullptr) == 0;
#else // nobody tells with which status
  return std::atexit([] { close_all(EXIT_FAILURE, nullptr); }) == 0;
#endif
}

/// With the lock. Hooks run in the opposite order, so that this one comes before all that has been made until now goes.
void hook(all_worlds& all) {
  if (all.hooks == 0) {
    ::pthread_atfork(&before_fork, &after_fork, &in_child);
  }
  if (all.hooks < hooks_max && register_hook()) {
    ++all.hooks;
  }
}

} // namespace

void add(world_core& world) {
  auto& all = worlds();
  const std::lock_guard lock(all.mutex);
  all.live.push_back(&world);
  hook(all);
}

void hosted() {
  auto& all = worlds();
  const std::lock_guard lock(all.mutex);
  hook(all);
}

void end(world_core* world) noexcept {
  if (world == nullptr) {
    return;
  }
  auto& all = worlds();
  std::unique_lock lock(all.mutex);
  const auto is_of = [world](const auto& list) {
    return std::find(list.begin(), list.end(), world) != list.end();
  };
  if (is_of(all.of_parent)) {
    return;
  }
  if (all.exiting) {
    lock.unlock();
    static_cast<void>(world->close());
    return;
  }
  std::erase(all.live, world);
  ++all.ending;
  lock.unlock();
  delete world;
  lock.lock();
  --all.ending;
  all.changed.notify_all();
}

} // namespace cairn::runtime::live_worlds
