#include "runtime/subscriptions/change_reader.hpp"

#include <cairn/detail/guard.hpp>

#include <algorithm>
#include <utility>

namespace cairn::runtime {

namespace {

/// Read at a time, so that no iterator of the store stays open for long, and everybody gets a turn.
constexpr std::size_t block_changes_max = 256;
constexpr std::size_t block_bytes_max = 1U << 20U;

/// Read ahead of a subscriber, rounded up to a block. More would only be memory: a block is read in far less time than
/// it takes to deliver it.
constexpr std::size_t ahead_changes_max = 4 * block_changes_max;
constexpr std::size_t ahead_bytes_max = 4 * block_bytes_max;

/// Cuts the part of a unit that a failure has left.
void drop_partial_unit(change_block& block) {
  while (!block.empty() && block.back().unit_index + 1 < block.back().unit_size) {
    block.pop_back();
  }
}

} // namespace

bool change_feed::has_room() const noexcept {
  return changes_ < ahead_changes_max && bytes_ < ahead_bytes_max;
}

change_feed::piece change_feed::take() {
  std::unique_lock lock(shared_->mutex);
  changed_.wait(lock, [this] { return ended_ || !waiting_.empty() || !failure_.ok(); });
  if (ended_) {
    return {};
  }
  if (waiting_.empty()) {
    return {nullptr, 0, failure_};
  }
  auto next = std::move(waiting_.front());
  waiting_.pop_front();
  changes_ -= next.block->size() - next.first;
  bytes_ -= next.bytes;
  if (passed_over_ && has_room()) {
    passed_over_ = false;
    shared_->asked.store(true, std::memory_order_release);
    lock.unlock();
    shared_->signal->wake();
  }
  return {std::move(next.block), next.first, {}};
}

void change_feed::end() noexcept {
  const std::lock_guard lock(shared_->mutex);
  if (std::exchange(ended_, true)) {
    return;
  }
  waiting_.clear();
  std::erase_if(shared_->feeds, [this](const auto& feed) { return feed.get() == this; });
  shared_->signal->leave();
  changed_.notify_all();
}

change_reader::change_reader(const journal& source, std::shared_ptr<commit_signal> signal)
    : source_(source), shared_(std::make_shared<change_feed::common>(std::move(signal))) {}

change_reader::~change_reader() { stop(); }

std::shared_ptr<change_feed> change_reader::open(position_type from, bool whole_unit) {
  std::shared_ptr<change_feed> made(new change_feed(shared_, from, whole_unit));
  {
    const std::lock_guard lock(shared_->mutex);
    shared_->feeds.push_back(made);
    shared_->signal->join();
  }
  shared_->asked.store(true, std::memory_order_release);
  const std::lock_guard lock(starting_);
  if (!thread_.joinable() && !shared_->ending.load(std::memory_order_acquire)) {
    thread_ = std::thread([this] { run(); }); // a world without subscribers has none
  }
  shared_->signal->wake();
  return made;
}

void change_reader::stop() noexcept {
  feed_list left;
  {
    const std::lock_guard lock(shared_->mutex);
    left = shared_->feeds;
  }
  for (const auto& feed : left) {
    feed->end();
  }
  const std::lock_guard lock(starting_);
  shared_->ending.store(true, std::memory_order_release);
  shared_->signal->wake();
  if (thread_.joinable()) {
    thread_.join();
  }
}

void change_reader::run() {
  for (;;) {
    shared_->signal->wait([this] {
      return shared_->ending.load(std::memory_order_acquire) ||
             shared_->asked.load(std::memory_order_acquire) || source_.end().next > seen_;
    });
    shared_->asked.store(false, std::memory_order_release);
    while (!shared_->ending.load(std::memory_order_acquire) && read_round()) {
    }
    if (shared_->ending.load(std::memory_order_acquire)) {
      return;
    }
  }
}

/// One block for each who has room, one for all who want the same. False: there was nothing to read.
bool change_reader::read_round() {
  const auto end = source_.end().next;
  auto hungry = take_hungry(end);
  seen_ = end;
  for (auto next = hungry.begin(); next != hungry.end();) {
    change_block block;
    std::size_t bytes = 0;
    const auto read = read_block((*next)->wanted_, end, block, bytes);
    give(next, hungry.end(), std::move(block), bytes, read);
  }
  return !hungry.empty();
}

/// In order of what they want, which only this thread changes.
change_reader::feed_list change_reader::take_hungry(position_type end) {
  feed_list hungry;
  {
    const std::lock_guard lock(shared_->mutex);
    for (const auto& feed : shared_->feeds) {
      if (feed->wanted_ >= end || !feed->failure_.ok()) {
        continue;
      }
      feed->passed_over_ = !feed->has_room();
      if (!feed->passed_over_) {
        hungry.push_back(feed);
      }
    }
  }
  std::sort(hungry.begin(), hungry.end(),
            [](const auto& a, const auto& b) { return a->wanted_ < b->wanted_; });
  return hungry;
}

/// Whole units only: a unit is committed as one, so its end is there when its start is.
status change_reader::read_block(position_type from, position_type end, change_block& block,
                                 std::size_t& bytes) const {
  status decoded;
  status scanned;
  const auto read = [&] {
    scanned = source_.scan(from, [&](const record& stored) {
      decoded = decode_change(stored, block.emplace_back());
      if (!decoded.ok()) {
        block.pop_back();
        return false;
      }
      bytes += stored.entity.size() + stored.body.size();
      return stored.unit_index + 1 < stored.unit_size ||
             (block.size() < block_changes_max && bytes < block_bytes_max);
    });
  };
  detail::guard(read, [&](const std::string& thrown) { // memory
    scanned = {std::make_error_code(std::errc::not_enough_memory),
               "reading position " + std::to_string(from) + " on threw: " + thrown};
  });
  if (scanned.ok() && decoded.ok() && block.empty()) {
    return {journal_errc::damaged, "the journal ends at position " + std::to_string(end) +
                                       ", but has no change at position " + std::to_string(from)};
  }
  drop_partial_unit(block);
  return scanned.ok() ? decoded : scanned;
}

/// Gives a block to all who want some of it, beginning with `next`, and moves `next` behind them. What failed behind
/// the block meets who wants that.
void change_reader::give(feed_list::iterator& next, const feed_list::iterator& end,
                         change_block block, std::size_t bytes, const status& read) {
  const auto wanted = (*next)->wanted_;
  const bool has_some = !block.empty() && block.back().position >= wanted;
  const auto shared = std::make_shared<const change_block>(std::move(block));
  const std::lock_guard lock(shared_->mutex);
  do {
    auto& feed = **next;
    if (has_some && !feed.ended_) {
      auto first = static_cast<std::size_t>(feed.wanted_ - shared->front().position);
      if (std::exchange(feed.whole_unit_, false)) {
        first -= (*shared)[first].unit_index; // a block has whole units
      }
      feed.waiting_.push_back({shared, first, bytes});
      feed.changes_ += shared->size() - first;
      feed.bytes_ += bytes;
      feed.wanted_ = shared->back().position + 1;
    } else if (!has_some) {
      feed.failure_ = read;
    }
    feed.changed_.notify_all();
    ++next;
  } while (next != end && has_some && (*next)->wanted_ <= shared->back().position);
}

} // namespace cairn::runtime
