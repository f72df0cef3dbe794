#pragma once

#include <cairn/compare.hpp>

#include <cstdint>
#include <deque>
#include <vector>

namespace cairn::compare {

/// What a simulated client knows of an entity.
struct simulated_view {
  version_type version = 0;
  version_type aspect = 0; ///< Of the part that its command is about.
  std::int64_t value = 0;  ///< Of that part.
};

/// An entity of a simulation: its versions, how much of every part is left, who waits for it.
class simulated_entity {
public:
  explicit simulated_entity(std::uint32_t parts) : aspects_(parts), values_(parts) {}

  simulated_view view(std::uint32_t part) const noexcept {
    return {version_, aspects_[part], values_[part]};
  }

  /// Does what stands against the command let it pass?
  bool passes(check against, const simulated_view& seen, std::uint32_t part) const noexcept {
    if (against == check::version) return seen.version == version_;
    if (against == check::aspect) return seen.aspect == aspects_[part];
    return true;
  }

  void accept(form how, const simulated_view& seen, std::uint32_t part) noexcept {
    ++version_;
    aspects_[part] = version_;
    values_[part] = how == form::relative ? values_[part] + 1 : seen.value + 1;
  }

  std::int64_t tally() const noexcept {
    std::int64_t sum = 0;
    for (const auto value : values_) sum += value;
    return sum;
  }

  version_type version() const noexcept { return version_; }

  std::deque<std::uint32_t> queue;       ///< Clients whose requests wait.
  bool scheduled = false;                ///< It is on a core, or will be.
  version_type committed = 0;            ///< Up to where it is durable.
  version_type folded = 0;               ///< Up to where the store's clients have read it.
  bool leased = false;                   ///< Somebody holds its lease.
  std::deque<std::uint32_t> lease_queue; ///< Who waits for it.

private:
  version_type version_ = 0;
  std::vector<version_type> aspects_;
  std::vector<std::int64_t> values_;
};

} // namespace cairn::compare
