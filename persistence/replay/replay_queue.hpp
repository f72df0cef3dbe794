#pragma once

#include <cairn/detail/entity_type.hpp>
#include <cairn/detail/journal.hpp>

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace cairn::persistence {

/// Copies of consecutive changes of one partition.
class replay_block {
public:
  struct item {
    record change; ///< Its views are on the block's bytes.
    const entity_type* type;
  };

  replay_block() { bytes_.reserve(block_bytes); }
  replay_block(const replay_block&) = delete;
  replay_block& operator=(const replay_block&) = delete;

  /// False: there is no room; an empty block has room for any change.
  bool add(const record& change, const entity_type& type) {
    const std::size_t needed = bytes_.size() + change.entity.size() + change.body.size();
    if (needed > bytes_.capacity()) {
      if (!items_.empty()) return false;
      bytes_.reserve(needed);
    }
    items_.push_back({change, &type});
    items_.back().change.entity = keep(change.entity);
    items_.back().change.body = keep(change.body);
    return true;
  }

  void clear() noexcept {
    items_.clear();
    bytes_.clear();
  }

  const std::vector<item>& items() const noexcept { return items_; }

private:
  // Some hundred changes: handing over costs little for each, and little memory waits.
  static constexpr std::size_t block_bytes = 64 * 1024;

  std::string_view keep(std::string_view text) {
    bytes_ += text; // within the capacity: nothing moves
    return std::string_view(bytes_).substr(bytes_.size() - text.size());
  }

  std::string bytes_;
  std::vector<item> items_;
};

/// Blocks on their way from the thread that reads to one that applies; a few, used again and again.
/// Thread: one at each end.
class replay_queue {
public:
  /// An empty block; waits while too many are on their way.
  std::unique_ptr<replay_block> take_empty() {
    std::unique_lock lock(mutex_);
    if (made_ < blocks_max) {
      ++made_;
      return std::make_unique<replay_block>();
    }
    changed_.wait(lock, [this] { return !empty_.empty(); });
    return take_front(empty_);
  }

  void push(std::unique_ptr<replay_block> full) { put(full_, std::move(full)); }

  /// Null: nothing more will come.
  std::unique_ptr<replay_block> pop() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !full_.empty() || closed_; });
    return full_.empty() ? nullptr : take_front(full_);
  }

  void give_back(std::unique_ptr<replay_block> applied) {
    applied->clear();
    put(empty_, std::move(applied));
  }

  void close() {
    const std::scoped_lock lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }

private:
  using blocks = std::deque<std::unique_ptr<replay_block>>;

  static constexpr int blocks_max = 8;

  static std::unique_ptr<replay_block> take_front(blocks& from) {
    auto taken = std::move(from.front());
    from.pop_front();
    return taken;
  }

  void put(blocks& to, std::unique_ptr<replay_block> block) {
    const std::scoped_lock lock(mutex_);
    to.push_back(std::move(block));
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  blocks full_;
  blocks empty_;
  int made_ = 0;
  bool closed_ = false;
};

} // namespace cairn::persistence
