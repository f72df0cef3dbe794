#include "runtime/watch/type_counts.hpp"

#include "persistence/commit/entity_slot.hpp"
#include "runtime/watch/failure_counts.hpp"

namespace cairn::runtime {

namespace {

using verb = detail::request::verb;

std::size_t by_kind(type_counts::what first, conflict_kind kind) noexcept {
  return first + static_cast<std::size_t>(kind);
}

std::size_t end_of_command(const detail::request& asked) noexcept {
  const auto& given = asked.answer;
  switch (given.what) {
    case answer::kind::accepted:
      return type_counts::accepted;
    case answer::kind::conflict:
      return by_kind(asked.expected.what() == expectation::kind::any ? type_counts::unavailables
                                                                     : type_counts::conflicts,
                     given.conflict);
    case answer::kind::rejected:
      return type_counts::rejected;
    case answer::kind::unmatched:
      return type_counts::unmatched;
    default:
      return type_counts::failed;
  }
}

std::size_t end_of_lease(const answer& given) noexcept {
  if (given.what == answer::kind::failed) {
    return type_counts::lease_failed;
  }
  return given.what == answer::kind::conflict
             ? by_kind(type_counts::lease_conflicts, given.conflict)
             : std::size_t{type_counts::leased};
}

} // namespace

type_counts::shard& type_counts::shard_of_thread() noexcept {
  static std::atomic<std::size_t> threads{0};
  static thread_local std::size_t mine = shard_count; // not yet known
  if (mine == shard_count) {
    mine = threads.fetch_add(1, std::memory_order_relaxed) % shard_count;
  }
  return shards_[mine];
}

void type_counts::answered(const detail::request& asked, timer_end timer) noexcept {
  const auto& given = asked.answer;
  std::size_t ended = 0;
  switch (asked.what) {
    case verb::command:
    case verb::remove:
      ended = end_of_command(asked);
      break;
    case verb::fire:
      if (timer == timer_end::given_up) {
        return;
      }
      ended = timer == timer_end::rejected ? std::size_t{rejected} : end_of_command(asked);
      break;
    case verb::read:
      ended = given.what == answer::kind::failed ? read_failed : read;
      break;
    case verb::lease:
    case verb::release:
      ended = end_of_lease(given);
      break;
    default:
      return;
  }
  shard& mine = shard_of_thread();
  mine.add(ended);
  if (given.what == answer::kind::failed) {
    failures_.failed(asked.slot->key(), given.error, given.text);
  }
  if (ended == accepted && given.duplicate) {
    mine.add(duplicate);
  }
  if (ended == accepted && given.merged) { // a merged command may be rejected all the same
    mine.add(merged);
  }
}

void type_counts::refused(const detail::request& asked, const std::string& key) noexcept {
  if (asked.what >= verb::hold) {
    return; // the runtime's own, which tries again
  }
  const bool is_command = asked.what == verb::command || asked.what == verb::remove;
  shard_of_thread().add(is_command                 ? failed
                        : asked.what == verb::read ? read_failed
                                                   : lease_failed);
  failures_.failed(key, asked.answer.error, asked.answer.text);
}

void type_counts::transacted(const detail::transaction_item& item, what ended,
                             const answer* given) noexcept {
  shard& mine = shard_of_thread();
  if (item.what != verb::read) {
    mine.add(ended);
  }
  if (given != nullptr && given->what == answer::kind::conflict) {
    mine.add(by_kind(item_conflicts, given->conflict));
  }
}

type_counts::totals type_counts::sum() const noexcept {
  totals all{};
  for (const auto& each : shards_) {
    for (std::size_t i = 0; i < count; ++i) {
      all[i] += each.counts[i].load(std::memory_order_relaxed);
    }
  }
  return all;
}

} // namespace cairn::runtime
