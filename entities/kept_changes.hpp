#pragma once

#include <cairn/detail/entity_type.hpp>
#include <cairn/detail/types.hpp>

#include <deque>
#include <optional>
#include <vector>

namespace cairn {

/// The last changes of an entity whose type merges stale commands: consecutive versions up to the current one.
/// Thread: the entity's own.
class kept_changes {
public:
  /// Bytes of the events that are kept for one entity; the newest change's are, however many.
  static constexpr std::size_t bytes_max = 1U << 20U;

  explicit kept_changes(std::uint32_t window) noexcept : window_(window) {}

  /// How many changes are kept at most.
  std::uint32_t window() const noexcept { return window_; }

  /// Where the events go of the change that is being made; begins empty.
  std::vector<kept_event>& begin() {
    next_.clear();
    next_bytes_ = 0;
    return next_;
  }
  std::vector<kept_event>& next() noexcept { return next_; }

  /// Its events have so many bytes more.
  void grow(std::size_t bytes) noexcept { next_bytes_ += bytes; }

  /// That change was made. `command` null: it begins or ends a life.
  void add(version_type version, const command_type* command, aspect_set touched);

  /// One from the journal, in front of the current state.
  void add_stored(kept_change past);

  /// The changes after `version` did not happen after all: at most the newest one.
  void take_back_after(version_type version);

  /// Drops all: what was missed before stays a conflict.
  void forget() noexcept {
    changes_.clear();
    bytes_ = 0;
  }

  /// What happened after `observed` and touched one of `depends`. Nothing: more was missed than is kept, or a
  /// life began or ended since.
  std::optional<std::vector<kept_change>> missed_since(version_type observed,
                                                       aspect_set depends) const;

private:
  void append(kept_change made);

  std::uint32_t window_;
  std::deque<kept_change> changes_;
  std::size_t bytes_ = 0;
  std::vector<kept_event> next_;
  std::size_t next_bytes_ = 0;
  std::vector<kept_change>
      dropped_; // by the newest one, for as long as that may be taken back; oldest first
};

} // namespace cairn
