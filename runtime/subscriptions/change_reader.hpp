#pragma once

#include <cairn/detail/change.hpp>
#include <cairn/detail/journal.hpp>

#include "runtime/subscriptions/commit_signal.hpp"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace cairn::runtime {

/// Whole units of the journal, decoded once for all who get them.
using change_block = std::vector<change>;

/// What the reader has read ahead for one subscriber, who takes it at its own pace.
/// Thread: `take` from the subscriber's only; everything else from any.
class change_feed {
public:
  /// A block, and in it the first change that is wanted. Null: it has ended, or `failure` says why nothing comes.
  struct piece {
    std::shared_ptr<const change_block> block;
    std::size_t first = 0;
    status failure;
  };

  /// Waits for the next piece.
  piece take();

  /// Ends it: `take` returns at once from now on, and nothing more is read for it.
  void end() noexcept;

private:
  friend class change_reader;

  struct waiting {
    std::shared_ptr<const change_block> block;
    std::size_t first;
    std::size_t bytes;
  };

  /// What feeds and their reader share. It outlives both.
  struct common {
    explicit common(std::shared_ptr<commit_signal> what) : signal(std::move(what)) {}

    const std::shared_ptr<commit_signal> signal;
    std::mutex mutex; // of all that follows, and of the feeds
    std::vector<std::shared_ptr<change_feed>> feeds;
    std::atomic<bool> asked{false}; // somebody came, or has room again: look at all of them
    std::atomic<bool> ending{false};
  };

  change_feed(std::shared_ptr<common> shared, position_type from, bool whole_unit)
      : shared_(std::move(shared)), wanted_(from), whole_unit_(whole_unit) {}

  bool has_room() const noexcept;

  const std::shared_ptr<common> shared_;
  std::condition_variable changed_;
  std::deque<waiting> waiting_;
  std::size_t changes_ = 0; // that wait
  std::size_t bytes_ = 0;
  position_type wanted_;     // the next change to read for it
  bool whole_unit_;          // the first change it gets is the first of its unit
  bool passed_over_ = false; // there was more to read for it, and no room
  bool ended_ = false;
  status failure_; // behind all that waits
};

/// Reads committed changes for all subscribers, on one thread: what several want is read and decoded once. Each gets
/// so much ahead and no more; who is slower is read for again from where it stands, so nobody waits for it, and nothing
/// is skipped.
class change_reader {
public:
  /// The journal is read until `stop` has returned; the signal may outlive everything.
  change_reader(const journal& source, std::shared_ptr<commit_signal> signal);
  ~change_reader();
  change_reader(const change_reader&) = delete;
  change_reader& operator=(const change_reader&) = delete;

  /// Exactly from `from` on, in the middle of a unit too; `whole_unit`: from the beginning of that unit on.
  std::shared_ptr<change_feed> open(position_type from, bool whole_unit);

  /// Ends all feeds, and waits for the thread.
  void stop() noexcept;

private:
  using feed_list = std::vector<std::shared_ptr<change_feed>>;

  void run();
  bool read_round();
  feed_list take_hungry(position_type end);
  status read_block(position_type from, position_type end, change_block& block,
                    std::size_t& bytes) const;
  void give(feed_list::iterator& next, const feed_list::iterator& end, change_block block,
            std::size_t bytes, const status& read);

  const journal& source_;
  const std::shared_ptr<change_feed::common> shared_;
  std::atomic<position_type> seen_{0}; // all who have room have been given what is before it
  std::mutex starting_;                // of the thread
  std::thread thread_;
};

} // namespace cairn::runtime
