#pragma once

#include <cairn/error.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

namespace cairn::runtime {

class world_log;

/// Counts failed answers by error, and has those logged that somebody should know of.
/// Thread: any.
class failure_counts {
public:
  explicit failure_counts(world_log& log) noexcept : log_(log) {}

  /// A request to `entity` (`type/id`; empty: to several) fails with `error`.
  void failed(std::string_view entity, const std::error_code& error,
              std::string_view text) noexcept;

  /// Calls `visit(word, failures)` for each error there is, and for "other".
  template <class Visitor>
  void visit(Visitor visit) const {
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      visit(word(i), counts_[i].load(std::memory_order_relaxed));
    }
  }

private:
  static constexpr std::size_t entity_errors =
      static_cast<std::size_t>(entity_errc::invalid_entity);
  static constexpr std::size_t journal_errors =
      static_cast<std::size_t>(journal_errc::exists_already);
  static constexpr std::size_t runtime_errors = static_cast<std::size_t>(runtime_errc::would_block);
  static constexpr std::size_t other = entity_errors + journal_errors + runtime_errors;

  static std::size_t index_of(const std::error_code& error) noexcept;
  static std::string word(std::size_t index);

  world_log& log_;
  std::array<std::atomic<std::uint64_t>, other + 1> counts_{};
};

} // namespace cairn::runtime
