#pragma once

#include <cairn/detail/entity_type.hpp>
#include <cairn/detail/model/deciding.hpp>
#include <cairn/detail/types.hpp>

#include <concepts>
#include <cstddef>
#include <optional>
#include <span>
#include <utility>

namespace cairn {

/// What happened since the version that a stale command observed, for a `merge`: the changes that touched
/// an aspect that the command depends on.
/// Thread: the entity's own, for the length of one `merge`.
template <class State>
class missed_changes {
public:
  explicit missed_changes(std::span<const kept_change> changes) noexcept : changes_(changes) {}

  std::size_t size() const noexcept { return changes_.size(); }

  /// Of the changes, oldest first.
  version_type version(std::size_t index) const noexcept { return changes_[index].version; }

  /// Calls `visit(event)`, or `visit(event, version)`, for each missed event, oldest first, that it can be
  /// called with; others are passed over.
  template <class Visitor>
  void for_each(Visitor&& visit) const {
    for (const auto& missed : changes_) {
      for (const auto& kept : missed.events) {
        entity_events<State>::visit_at(kept.index, [&]<class Named>(Named) {
          using event = typename Named::type;
          const auto& happened = *static_cast<const event*>(kept.event.get());
          if constexpr (std::invocable<Visitor&, const event&, version_type>) {
            visit(happened, missed.version);
          } else if constexpr (std::invocable<Visitor&, const event&>) {
            visit(happened);
          }
        });
      }
    }
  }

private:
  std::span<const kept_change> changes_;
};

namespace detail {

/// The state has `std::optional<Command> merge(const Command& stale, const missed_changes<State>&) const`:
/// the command to decide on the current state instead, or nothing, and it stays a conflict.
template <class State, class Command>
concept merges = requires(const State& state, const Command& stale,
                          const missed_changes<State>& missed) {
  { state.merge(stale, missed) } -> std::same_as<std::optional<Command>>;
};

template <class State, class Command>
any_pointer merge_command(const void* state, const void* stale,
                          std::span<const kept_change> missed) {
  auto merged = static_cast<const State*>(state)->merge(*static_cast<const Command*>(stale),
                                                        missed_changes<State>(missed));
  return {merged ? new Command(std::move(*merged)) : nullptr,
          [](void* command) { delete static_cast<Command*>(command); }};
}

} // namespace detail

} // namespace cairn
