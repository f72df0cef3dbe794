#pragma once

#include "runtime/entity/slot.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace cairn::runtime {

/// Finds entities in memory by key. No central actor: shards, each with a lock that is held for one look-up.
/// Thread: any.
class directory {
public:
  /// Makes the slot of an entity that is not in memory; runs without a lock.
  using slot_factory = std::function<slot_ptr(std::string_view key, const entity_type& type)>;

  enum class entry : std::uint8_t { entered, mailbox_full, directory_full };

  struct bounds {
    std::size_t resident_max = 0;
    std::size_t mailbox_max = 0;
  };

  directory(bounds most, slot_factory make);

  /// Finds or makes the entity's slot and counts one request in.
  entry enter(const detail::entity_address& to, slot_ptr& found);

  /// Takes a slot out that its entity has closed.
  void erase(const slot& closed);

  /// Entities in memory.
  std::size_t size() const noexcept { return size_.load(std::memory_order_relaxed); }

  /// Moves the coarse clock that idle time is measured by.
  /// Thread: one, the same as that of `sweep`.
  void tick();

  /// Asks entities to leave that were not used for `ticks`, `ticks_max` at most.
  void sweep(std::uint32_t ticks);
  static constexpr std::uint32_t ticks_max = 8;

  /// Requests at the entity that has the most of them.
  std::uint64_t deepest() const;

  /// Every slot there is now.
  std::vector<slot_ptr> slots() const;

private:
  /// The text is the slot's own. The hash lies beside it, so that walking a bucket touches no other slot.
  struct slot_key {
    std::size_t hash;
    std::string_view text;

    friend bool operator==(const slot_key& a, const slot_key& b) noexcept {
      return a.hash == b.hash && a.text == b.text;
    }
  };
  struct slot_key_hash {
    std::size_t operator()(const slot_key& key) const noexcept { return key.hash; }
  };
  using slot_map = std::unordered_map<slot_key, slot_ptr, slot_key_hash>;

  struct alignas(64) shard {
    mutable std::mutex mutex;
    slot_map slots;
  };

  static constexpr std::size_t shard_count = 64; // more than cores, so that two rarely meet

  shard& shard_of(std::size_t hash) noexcept { return shards_[(hash >> 48U) % shard_count]; }
  static slot_ptr look_up(const shard& home, const slot_key& key);
  std::optional<entry> try_enter(slot& slot);
  slot_ptr insert(shard& home, std::size_t hash, const slot_ptr& made);
  slot_ptr make(const detail::entity_address& to);
  void relieve();

  /// An idle entity, and for how long.
  struct candidate {
    std::uint32_t idle = 0;
    slot_ptr slot;
  };
  std::vector<candidate> look_for_idle();

  bounds bounds_;
  std::size_t high_water_;  // from here on entities are asked to leave
  std::size_t moves_every_; // so many new entities the clock of uses moves on
  slot_factory make_;
  std::array<shard, shard_count> shards_;
  std::atomic<std::size_t> size_{0};
  std::atomic<std::size_t> hand_{0}; // where the next look for idle entities begins
  std::atomic<std::size_t> made_{0};
  /// What uses are stamped with. It moves with time, and with the entities that come, so that it tells of two which
  /// was used longer ago also when many come in no time.
  std::atomic<std::uint32_t> now_{0};
  std::deque<std::uint32_t>
      ticks_; // when the last ones were, the oldest first; the sweeping thread's
};

} // namespace cairn::runtime
