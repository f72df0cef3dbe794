#include "runtime/world/directory.hpp"

#include <algorithm>
#include <utility>

namespace cairn::runtime {

namespace {

/// The clock of uses moves this often while as many entities come as fit into memory.
constexpr std::size_t moves_in_a_round = 64;

/// Was `stamp` before `other`? They wrap around.
bool is_before(std::uint32_t stamp, std::uint32_t other) noexcept {
  return static_cast<std::int32_t>(stamp - other) < 0;
}

} // namespace

directory::directory(bounds most, slot_factory make)
    : bounds_(most),
      high_water_(most.resident_max - most.resident_max / 8),
      moves_every_(std::max<std::size_t>(most.resident_max / moves_in_a_round, 1)),
      make_(std::move(make)) {}

slot_ptr directory::look_up(const shard& home, const slot_key& key) {
  const std::lock_guard lock(home.mutex);
  const auto found = home.slots.find(key);
  return found == home.slots.end() ? nullptr : found->second;
}

/// Another thread may have been faster: then its slot is the one that stays.
slot_ptr directory::insert(shard& home, std::size_t hash, const slot_ptr& made) {
  const slot_key key{hash, made->key()};
  slot_ptr replaced; // released without the lock
  const std::lock_guard lock(home.mutex);
  const auto [at, inserted] = home.slots.try_emplace(key, made);
  if (inserted) {
    return made;
  }
  size_.fetch_sub(1, std::memory_order_relaxed); // its place is there already
  if (!at->second->is_closed()) {
    return at->second;
  }
  replaced = at->second; // its entity is about to erase it
  home.slots.erase(at);
  home.slots.emplace(key, made); // anew, since the key must point into the slot that stays
  return made;
}

directory::entry directory::enter(const detail::entity_address& to, slot_ptr& found) {
  if (auto known = to.slot().get()) {
    found = boost::static_pointer_cast<slot>(std::move(known));
    if (const auto entered = try_enter(*found)) {
      return *entered;
    }
  }
  shard& home = shard_of(to.hash());
  found = look_up(home, {to.hash(), to.key()});
  for (;;) {
    if (!found || found->is_closed()) {
      if (size() >= high_water_) {
        relieve();
      }
      if (size_.fetch_add(1, std::memory_order_relaxed) >= bounds_.resident_max) { // takes a place
        size_.fetch_sub(1, std::memory_order_relaxed);
        return entry::directory_full;
      }
      const slot_ptr made = make(to);
      found = insert(home, to.hash(), made);
      if (found != made && made->try_close()) {
        made->deliver_passivation(); // came too late: it ends itself
      }
    }
    if (const auto entered = try_enter(*found)) {
      to.slot().set(found);
      return *entered;
    }
  }
}

/// Nothing: the entity has left, and a new slot is to be made.
std::optional<directory::entry> directory::try_enter(slot& slot) {
  switch (slot.enter(bounds_.mailbox_max)) {
    case slot::entry::entered:
      slot.use(now_.load(std::memory_order_relaxed));
      return entry::entered;
    case slot::entry::full:
      return entry::mailbox_full;
    case slot::entry::closed:
      break;
  }
  return std::nullopt;
}

slot_ptr directory::make(const detail::entity_address& to) {
  if (made_.fetch_add(1, std::memory_order_relaxed) % moves_every_ == 0) {
    now_.fetch_add(1, std::memory_order_relaxed);
  }
  return make_(to.key(), to.type());
}

/// Asks a few idle entities to leave: more than one for each that comes, so that the directory, once nearly
/// full, shrinks while it is used. Of those that it looks at, the ones that were not used for longest.
void directory::relieve() {
  constexpr std::size_t wanted = 4;
  auto idle = look_for_idle();
  std::stable_sort(idle.begin(), idle.end(),
                   [](const candidate& a, const candidate& b) { return a.idle > b.idle; });
  std::size_t asked = 0;
  for (auto at = idle.begin(); at != idle.end() && asked < wanted; ++at) {
    if (at->slot->ask_to_leave()) {
      at->slot->deliver_passivation();
      ++asked;
    }
  }
}

/// Some of them, from a place that moves on. A sample of so many is nearly as good as a list in order of use (Redis
/// evicts so), and that would be one more thing that every command writes to.
std::vector<directory::candidate> directory::look_for_idle() {
  constexpr std::size_t wanted = 64;
  constexpr std::size_t buckets_max = 64;        // of one shard, whose lock is held meanwhile
  constexpr std::size_t all_buckets_max = 1'024; // where everybody is busy
  std::vector<candidate> idle;
  std::size_t seen = 0;
  for (std::size_t tries = 0; tries < shard_count && idle.size() < wanted && seen < all_buckets_max;
       ++tries) {
    const std::size_t hand = hand_.fetch_add(1, std::memory_order_relaxed);
    const std::uint32_t now = now_.load(std::memory_order_relaxed);
    shard& home = shards_[hand % shard_count];
    const std::lock_guard lock(home.mutex);
    const std::size_t buckets = home.slots.bucket_count();
    const std::size_t first = hand / shard_count * buckets_max % buckets;
    const std::size_t looked_at = std::min(buckets_max, buckets);
    seen += looked_at;
    for (std::size_t i = 0; i < looked_at && idle.size() < wanted; ++i) {
      const std::size_t bucket = (first + i) % buckets;
      for (auto at = home.slots.begin(bucket); at != home.slots.end(bucket); ++at) {
        if (at->second->is_idle()) {
          idle.push_back({now - at->second->last_used(), at->second});
        }
      }
    }
  }
  return idle;
}

void directory::erase(const slot& closed) {
  const slot_key key{std::hash<std::string_view>{}(closed.key()), closed.key()};
  shard& home = shard_of(key.hash);
  slot_ptr last; // released without the lock
  const std::lock_guard lock(home.mutex);
  const auto found = home.slots.find(key);
  if (found != home.slots.end() && found->second.get() == &closed) {
    last = std::move(found->second);
    home.slots.erase(found);
    size_.fetch_sub(1, std::memory_order_relaxed);
  }
}

void directory::tick() {
  ticks_.push_back(now_.fetch_add(1, std::memory_order_relaxed) + 1);
  if (ticks_.size() > ticks_max) {
    ticks_.pop_front();
  }
}

void directory::sweep(std::uint32_t ticks) {
  if (ticks > ticks_.size()) {
    return; // nobody can have been idle for so long
  }
  // Uses of before the first of the last `ticks`.
  const std::uint32_t before =
      ticks == 0 ? now_.load(std::memory_order_relaxed) + 1 : ticks_[ticks_.size() - ticks];
  std::vector<slot_ptr> leaving;
  for (auto& home : shards_) {
    {
      const std::lock_guard lock(home.mutex);
      for (const auto& [key, resident] : home.slots) {
        if (is_before(resident->last_used(), before) && resident->ask_to_leave()) {
          leaving.push_back(resident);
        }
      }
    }
    for (auto& idle : leaving) {
      idle->deliver_passivation();
    }
    leaving.clear();
  }
}

/// Some buckets at a time, so that nobody who looks for an entity waits for all of a shard.
std::uint64_t directory::deepest() const {
  constexpr std::size_t buckets_at_once = 1'024;
  std::uint64_t most = 0;
  for (const auto& home : shards_) {
    for (std::size_t first = 0, buckets = 1; first < buckets; first += buckets_at_once) {
      const std::lock_guard lock(home.mutex);
      buckets = home.slots.bucket_count(); // may have changed meanwhile
      for (std::size_t at = first; at < std::min(first + buckets_at_once, buckets); ++at) {
        for (auto found = home.slots.begin(at); found != home.slots.end(at); ++found) {
          most = std::max(most, found->second->pending());
        }
      }
    }
  }
  return most;
}

std::vector<slot_ptr> directory::slots() const {
  std::vector<slot_ptr> all;
  for (const auto& home : shards_) {
    const std::lock_guard lock(home.mutex);
    for (const auto& [key, resident] : home.slots) {
      all.push_back(resident);
    }
  }
  return all;
}

} // namespace cairn::runtime
