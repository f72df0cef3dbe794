#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

namespace cairn {

/// How much a log says; each level includes those before it.
enum class log_level : std::uint8_t {
  off,
  error,   ///< What a person must see to: the store has stopped, an entity's code threw.
  warning, ///< What limits or damage others did: overloaded, fenced, a notice of the journal.
  info,    ///< Opened, closed.
  debug,   ///< Every failed answer.
};

std::string_view to_string(log_level level) noexcept;

/// What a world writes about itself: JSON Lines, described in docs/operate.md. Of each kind of event at most ten
/// lines a second are written; the next one says how many were left out.
struct log_options {
  log_level level = log_level::off;
  /// Gets each line, without its end; one call at a time, on the thread where it happened, so it must neither block
  /// nor use the world. Empty: standard error.
  std::function<void(std::string_view)> sink{};
};

} // namespace cairn
