#include "bench/suite/cold.hpp"

#include <cairn/journal.hpp>
#include <cairn/world.hpp>

#include "bench/suite/counter.hpp"
#include "bench/suite/journals.hpp"

#include <atomic>
#include <chrono>
#include <filesystem>
#include <latch>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace cairn::bench {

namespace {

using cold_clock = std::chrono::steady_clock;

std::unique_ptr<world> open_world(const std::filesystem::path& directory, durability how) {
  world_options options;
  options.journal = rocksdb(directory, {.durability = how});
  options.limits.idle_time = std::chrono::hours(1);
  auto opened = std::make_unique<world>(std::move(options));
  opened->host<counter>();
  return opened;
}

void close_world(world& open) {
  if (const auto closed = open.close(); !closed.ok()) throw std::runtime_error(closed.message);
}

std::vector<entity_ref<counter>> entities_of(world& in, std::size_t count) {
  std::vector<entity_ref<counter>> made;
  made.reserve(count);
  for (std::size_t i = 0; i < count; ++i) made.push_back(in.entity<counter>(std::to_string(i)));
  return made;
}

/// Changes each, round and round, all of a round under way at a time.
void change_all(world& in, std::size_t count, std::size_t rounds, const conditions& how) {
  auto entities = entities_of(in, count);
  std::atomic<std::size_t> bad{0};
  for (std::size_t round = 0; round < rounds; ++round) {
    if (how.interrupted && how.interrupted()) throw interruption{};
    std::latch left(static_cast<std::ptrdiff_t>(count));
    for (auto& entity : entities) {
      entity.post(counter::add{1}, [&](const auto& ended) {
        bad += ended ? 0 : 1;
        left.count_down();
      });
    }
    left.wait();
  }
  if (bad > 0) throw std::runtime_error("commands did not end as they should");
}

double per_s(std::size_t count, cold_clock::time_point start) {
  return static_cast<double>(count) /
         std::chrono::duration<double>(cold_clock::now() - start).count();
}

/// Reads each once, all at the same time.
double read_all(world& in, std::size_t count, std::size_t changes_each) {
  auto entities = entities_of(in, count);
  std::atomic<std::size_t> bad{0};
  std::latch left(static_cast<std::ptrdiff_t>(count));
  const auto start = cold_clock::now();
  for (auto& entity : entities) {
    entity.post_read([&](const reading<counter>& seen) {
      bad += seen.version == changes_each ? 0 : 1;
      left.count_down();
    });
  }
  left.wait();
  if (bad > 0) throw std::runtime_error("entities were not what they were");
  return per_s(count, start);
}

} // namespace

cold_rates load_cold(std::size_t entities, std::size_t changes_each, const conditions& how) {
  namespace fs = std::filesystem;
  const fs::path closed = fs::path(how.data) / "cold";
  const fs::path killed = fs::path(how.data) / "cold-killed";
  fs::remove_all(closed);
  fs::remove_all(killed);
  {
    const auto open = open_world(closed, durability::relaxed);
    change_all(*open, entities, changes_each, how);
    copy_as_killed(closed, killed, how);
    close_world(*open);
  }
  cold_rates found;
  {
    const auto open = open_world(closed, durability::durable);
    found.closed_per_s = read_all(*open, entities, changes_each);
    close_world(*open);
  }
  fs::remove_all(closed);
  fs::copy(killed, closed, fs::copy_options::recursive); // closing below would add to it
  {
    const auto open = open_world(killed, durability::durable);
    found.killed_per_s = read_all(*open, entities, changes_each);
    close_world(*open);
  }
  {
    const auto open = open_world(closed, durability::durable);
    const auto start = cold_clock::now();
    if (const auto loaded = open->preload<counter>(); !loaded.ok())
      throw std::runtime_error(loaded.message);
    found.preloaded_per_s = per_s(entities, start);
    if (open->counts().resident != entities) throw std::runtime_error("entities were not loaded");
    close_world(*open);
  }
  fs::remove_all(closed);
  fs::remove_all(killed);
  return found;
}

} // namespace cairn::bench
