#pragma once

#include <cairn/detail/context.hpp>
#include <cairn/detail/journal.hpp>
#include <cairn/detail/request.hpp>

#include "persistence/commit/commit_watch.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::persistence {

/// The persistence actor's inside: collects what entities hand over, writes all that waits in one batch,
/// and answers in journal order once that is durable. Requests without a change wait in the same line, so
/// that no reply tells of a change before it is durable (invariant 3).
/// Thread: one; the journal may call back on another, which then goes through `post`.
class group_commit {
public:
  struct settings {
    std::size_t batch_changes_max = 0;
    std::size_t batch_bytes_max = 0;
    /// Stamps changes; made non-decreasing here.
    std::function<time_point()> clock;
    /// Has a result of an asynchronous append brought to `resume` on this object's thread.
    std::function<void(append_result)> post;
    /// A write or sync failed: nothing will be written any more.
    std::function<void(const status&)> on_stopped;
    /// A change with effects is durable, and nobody knows yet: its entity, version and position. In journal order.
    std::function<void(const std::string&, version_type, position_type,
                       std::unique_ptr<detail::change_effects>)>
        on_effects;
    /// A batch is committed: so many changes, and the journal's next position.
    std::function<void(std::size_t, position_type)> on_committed;
    commit_watch* watch = nullptr; ///< Null: nobody does.
  };

  group_commit(journal& target, settings with);

  /// Puts `handed` in line.
  void add(detail::request_ptr handed);

  // Nothing that is thrown gets out of these: it is as if the store had failed (invariants 4 and 12).

  /// Writes batches until nothing waits any more or the journal is busy writing. Snapshots of entities at rest are in no
  /// hurry: a slice of them goes with each batch, or alone where nothing else waited.
  void flush() noexcept;

  /// Snapshots wait and nothing is being written: `flush` is to be called again, after what came meanwhile.
  bool wants_flush() const noexcept { return !writing_ && !resting_.empty(); }

  /// Has a relaxed journal sync; when that fails, everything stops (invariant 4).
  void sync() noexcept;

  /// Goes on after an asynchronous append.
  void resume(append_result result) noexcept;

  bool idle() const noexcept { return waiting_.empty() && resting_.empty() && !writing_; }

private:
  using requests = std::vector<detail::request_ptr>;

  void write_all();
  void give_up(const std::string& thrown);
  void collect();
  void collect_resting(std::size_t bytes);
  void write();
  void start_append();
  void settle(append_result& result);
  void settle_committed(const append_result& result);
  void settle_fenced(const append_result& result);
  void settle_failed(const append_result& result);
  void stop(const status& why);
  record& add_record(std::size_t index, std::int64_t now_us, std::string_view entity,
                     version_type version, bool removes, const detail::change_effects* effects,
                     const detail::body_bytes& body, const std::string* snapshot);
  bool has_too_large_part(const detail::request& handed) const;
  std::string refusal_of(const detail::request& handed) const;
  void refuse_unwritten(detail::request& handed, std::error_code error, std::string message);
  void add_unit(const unit_of_entities& unit, std::size_t index, std::int64_t now_us);
  void place(detail::request& done);
  void refuse(detail::request& refused, std::error_code error, fate what, std::string message);
  std::int64_t stamp();

  journal& journal_;
  settings settings_;
  std::size_t change_bytes_max_; // of the journal
  std::deque<detail::request_ptr> waiting_;
  std::deque<detail::request_ptr>
      resting_;    // snapshots of entities at rest; behind their changes in any case
  requests batch_; // in the order of the line
  std::vector<std::size_t> record_of_; // index in `batch_` of each record
  append_batch append_;
  std::optional<append_result> inline_result_;
  std::int64_t last_time_us_ = 0;
  position_type next_position_ = 0;
  status stopped_;
  bool writing_ = false;
  bool inside_append_ = false;
};

} // namespace cairn::persistence
