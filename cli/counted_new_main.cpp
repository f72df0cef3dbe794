#include "cli/counted_new.hpp"

#include <array>
#include <atomic>
#include <cstdlib>
#include <new>

/// Counts what the program `cairn` allocates, for `cairn bench`: one addition that threads do not share. No library of
/// Cairn replaces the operators, so that a user's program keeps its own.
namespace {

constexpr std::size_t shard_count = 64;

struct alignas(64) allocation_shard {
  std::atomic<std::uint64_t> count{0};
};

constinit std::array<allocation_shard, shard_count> shards{};
constinit std::atomic<std::size_t> threads_seen{0};
constinit thread_local allocation_shard* own_shard = nullptr;

void* counted(std::size_t size) noexcept {
  if (own_shard == nullptr) {
    own_shard = &shards[threads_seen.fetch_add(1, std::memory_order_relaxed) % shard_count];
  }
  own_shard->count.fetch_add(1, std::memory_order_relaxed);
  return std::malloc(size == 0 ? 1 : size); // NOLINT(cppcoreguidelines-no-malloc)
}

} // namespace

// The others, for arrays and without exceptions, call these.
void* operator new(std::size_t size) {
  for (;;) {
    if (void* const made = counted(size)) {
      return made;
    }
    const auto handler = std::get_new_handler();
    if (handler == nullptr) {
      throw std::bad_alloc();
    }
    handler();
  }
}

void operator delete(void* made) noexcept {
  std::free(made);
} // NOLINT(cppcoreguidelines-no-malloc)

void operator delete(void* made, std::size_t /*size*/) noexcept {
  std::free(made); // NOLINT(cppcoreguidelines-no-malloc)
}

namespace cairn::cli {

std::uint64_t counted_allocations() noexcept {
  std::uint64_t all = 0;
  for (const auto& shard : shards) {
    all += shard.count.load(std::memory_order_relaxed);
  }
  return all;
}

} // namespace cairn::cli
