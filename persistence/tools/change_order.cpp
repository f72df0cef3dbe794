#include "persistence/tools/change_order.hpp"

#include <cairn/detail/entity_type.hpp>
#include <cairn/json.hpp>

#include "entities/built_in.hpp"

#include <algorithm>
#include <set>

namespace cairn::persistence {

namespace {

std::string mismatch(std::uint64_t expected, std::uint64_t found) {
  return "expected " + std::to_string(expected) + ", found " + std::to_string(found);
}

std::string position_text(position_type position) {
  return position == no_position ? "null" : std::to_string(position);
}

/// A removal is one event, beside which only timers are taken back, and the flag says the same as its name. What is
/// removed stays so while the runtime alone makes changes of it.
std::optional<contradiction> check_removal(const change& next, const head& before) {
  bool removed = false;
  bool others = false;
  bool built_in = !next.events.empty();
  for (const auto& event : next.events) {
    const bool removes = event.name == removed_event;
    others = others || (removes ? removed : event.name != cancelled_event);
    removed = removed || removes;
    built_in = built_in && is_built_in(event.name);
  }
  const bool stays_removed = before.removed && !removed && built_in;
  if ((removed || stays_removed) != next.removes) {
    return contradiction{"removes", next.removes ? "is true without an event $removed"
                                                 : "is not true beside an event $removed"};
  }
  if (removed && others) return contradiction{"events", "$removed stands beside other events"};
  if (removed && (before.version == 0 || before.removed))
    return contradiction{"events", "$removed, but there is nothing to remove"};
  return std::nullopt;
}

} // namespace

bool concerns_agenda(const change& made) noexcept {
  return std::any_of(made.events.begin(), made.events.end(),
                     [](const auto& event) { return cairn::concerns_agenda(event.name); });
}

std::optional<contradiction> change_order::follow_place(const change& next) {
  if (next.position != next_) return contradiction{"position", mismatch(next_, next.position)};
  const std::uint32_t index = left_ == 0 ? 0 : unit_size_ - left_;
  if (next.unit_index != index || (left_ != 0 && next.unit_size != unit_size_)) {
    return contradiction{
        "unit",
        "found change " + std::to_string(next.unit_index) + " of a unit of " +
            std::to_string(next.unit_size) + ", expected change " + std::to_string(index) +
            (left_ == 0 ? " of a new unit" : " of a unit of " + std::to_string(unit_size_))};
  }
  if (next.time_us < time_us_) {
    return contradiction{"time", iso_time(next.time_us) +
                                     " is before the time of the change before it, " +
                                     iso_time(time_us_)};
  }
  return std::nullopt;
}

std::optional<contradiction> change_order::follow(const change& next, const head& before) {
  if (auto wrong = follow_place(next)) return wrong;
  if (next.version != before.version + 1)
    return contradiction{"version", mismatch(before.version + 1, next.version)};
  const position_type previous = before.version == 0 ? no_position : before.position;
  if (next.previous != previous) {
    return contradiction{"previous", "expected " + position_text(previous) + ", found " +
                                         position_text(next.previous)};
  }
  if (auto wrong = check_removal(next, before)) return wrong;
  ++next_;
  time_us_ = next.time_us;
  unit_size_ = next.unit_size;
  left_ = next.unit_size - next.unit_index - 1;
  return std::nullopt;
}

std::optional<contradiction> check_texts(const change& checked) {
  constexpr auto not_utf8 = "text is not valid UTF-8";
  if (auto problem = entity_key_problem(checked.entity); !problem.empty())
    return contradiction{"entity", std::move(problem)};
  if (!json::is_utf8(checked.cause.command)) return contradiction{"command", not_utf8};
  if (!json::is_utf8(checked.cause.id)) return contradiction{"id", not_utf8};
  for (const auto& event : checked.events)
    if (!json::is_utf8(event.name)) return contradiction{"events", not_utf8};
  for (const auto& aspect : checked.aspects)
    if (!json::is_utf8(aspect)) return contradiction{"aspects", not_utf8};
  std::set<std::string_view> names;
  for (const auto& [name, value] : checked.cause.meta) {
    if (!json::is_utf8(name) || !json::is_utf8(value)) return contradiction{"meta", not_utf8};
    if (!names.insert(name).second) return contradiction{"meta", name + " stands twice"};
  }
  return std::nullopt;
}

} // namespace cairn::persistence
