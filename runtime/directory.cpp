#include "runtime/directory.hpp"

#include <algorithm>

namespace cairn {

directory::directory(bounds bounds, slot_factory make)
    : bounds_(bounds),
      high_water_(bounds.resident_max - bounds.resident_max / 8),
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
  if (auto known = to.place().get()) {
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
      const slot_ptr made = make_(to.key(), to.type());
      found = insert(home, to.hash(), made);
      if (found != made && made->try_close()) {
        made->deliver_passivation(); // came too late: it ends itself
      }
    }
    if (const auto entered = try_enter(*found)) {
      to.place().set(found);
      return *entered;
    }
  }
}

/// Nothing: the entity has left, and a new slot is to be made.
std::optional<directory::entry> directory::try_enter(slot& place) {
  switch (place.enter(bounds_.mailbox_max)) {
    case slot::entry::entered:
      place.use(now_.load(std::memory_order_relaxed));
      return entry::entered;
    case slot::entry::full:
      return entry::mailbox_full;
    case slot::entry::closed:
      break;
  }
  return std::nullopt;
}

/// Asks a few idle entities to leave: more than one for each that comes, so that the directory, once nearly
/// full, shrinks while it is used.
void directory::relieve() {
  constexpr std::size_t wanted = 4;
  constexpr std::size_t buckets_max = 64;
  constexpr std::size_t shards_max = 8;
  std::vector<slot_ptr> leaving;
  for (std::size_t tries = 0; tries < shards_max && leaving.size() < wanted; ++tries) {
    const std::size_t hand = hand_.fetch_add(1, std::memory_order_relaxed);
    shard& home = shards_[hand % shard_count];
    const std::lock_guard lock(home.mutex);
    const std::size_t buckets = home.slots.bucket_count();
    const std::size_t first = hand / shard_count * buckets_max % buckets;
    for (std::size_t i = 0; i < std::min(buckets_max, buckets) && leaving.size() < wanted; ++i) {
      const std::size_t bucket = (first + i) % buckets;
      for (auto at = home.slots.begin(bucket); at != home.slots.end(bucket); ++at) {
        if (at->second->ask_to_leave()) {
          leaving.push_back(at->second);
        }
      }
    }
  }
  for (auto& idle : leaving) {
    idle->deliver_passivation();
  }
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

void directory::sweep(std::uint32_t ticks) {
  const std::uint32_t now = now_.load(std::memory_order_relaxed);
  std::vector<slot_ptr> leaving;
  for (auto& home : shards_) {
    {
      const std::lock_guard lock(home.mutex);
      for (const auto& [key, resident] : home.slots) {
        if (now - resident->last_used() >= ticks && resident->ask_to_leave()) {
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

} // namespace cairn
