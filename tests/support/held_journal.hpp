#pragma once

#include <cairn/journal.hpp>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

/// A journal in memory that outlives worlds, so that a test can restart one on it, and that can hold back,
/// fail or fence appends, so that a test can look at the time between handing over and durable.
class held_journal {
public:
  held_journal();

  /// For `world_options::journal`; each world gets a view of the same journal.
  cairn::journal_source source();

  cairn::journal& inside() noexcept { return *inside_; }

  /// Appends wait from now on.
  void hold();

  /// Lets all waiting appends go on, and later ones through.
  void release();

  /// Lets exactly one waiting append go on; waits until there is one.
  void release_one();

  /// Waits until so many appends wait.
  void await_held(std::size_t appends);

  /// Whoever loads this entity waits; empty: nobody does.
  void hold_reading(std::string entity);

  /// Loading an entity whose key begins so fails; empty: none does.
  void fail_reading(std::string prefix);

  /// Reading what waits, timers and messages, fails until it is told otherwise. How often it has since.
  void fail_agenda(bool fails);
  int failed_agenda_reads() const noexcept { return failed_agenda_reads_; }
  int agenda_reads() const noexcept { return agenda_reads_; } ///< Those that did not fail.

  /// Scanning, the change at this position shows other text of the same length in its body; empty: as it is.
  void spoil(cairn::position_type position, std::string text, std::string instead);

  /// The journal seems to end here, or where it does, but for what waits.
  void show_only(cairn::position_type end) noexcept { shown_end_ = end; }

  /// `before` runs in front of each append, and may throw. While no world is there.
  void call_before_append(std::function<void()> before) { before_append_ = std::move(before); }

  /// Changes that scans have visited.
  std::uint64_t scanned() const noexcept { return scanned_; }

  /// The next append that goes on fails.
  void fail_next(cairn::fate what);

private:
  class view;
  struct held {
    cairn::append_batch* batch;
    cairn::journal::append_callback done;
  };

  void append(cairn::append_batch& batch, cairn::journal::append_callback done);
  void go_on(held next);
  cairn::status await_reading(std::string_view entity);
  std::string body_of(const cairn::record& stored);

  std::shared_ptr<cairn::journal> inside_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<held> held_;
  std::function<void()> before_append_;
  std::string unreadable_;
  std::string failing_prefix_;
  cairn::position_type spoiled_ = cairn::no_position;
  std::string spoiled_text_;
  std::string spoiled_instead_;
  bool holding_ = false;
  bool failing_ = false;
  bool failed_ = false;
  std::atomic<bool> failing_agenda_{false};
  std::atomic<int> failed_agenda_reads_{0};
  std::atomic<int> agenda_reads_{0};
  std::atomic<std::uint64_t> scanned_{0};
  std::atomic<cairn::position_type> shown_end_{cairn::no_position};
  cairn::fate failing_fate_ = cairn::fate::in_doubt;
};
