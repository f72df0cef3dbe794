#pragma once

#include <cstddef>

namespace cairn::detail {
class request;
}

namespace cairn::persistence {

/// Sees what group commit does; the runtime's metrics are one.
/// Thread: the persistence actor's.
class commit_watch {
public:
  virtual ~commit_watch() = default;

  /// A sampled request goes into a write. Called again when the write is fenced and made anew.
  virtual void batching(detail::request& sampled) noexcept = 0;

  /// A batch that answers so many requests goes to the journal, and so many wait behind it.
  virtual void appending(std::size_t requests, std::size_t waiting) noexcept = 0;
};

} // namespace cairn::persistence
