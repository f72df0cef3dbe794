#pragma once

#include <cairn/context.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace cairn {

/// The lease on an entity, if there is one. Kept by the entity's process, not by its state: an entity that is
/// rebuilt is still leased, and a world that is started again has no leases.
/// Thread: the entity's own.
class entity_lease {
public:
  /// How long it still lasts; zero: there is none.
  std::chrono::milliseconds left(time_point now) noexcept;

  /// Is `token` the one of the lease that lasts?
  bool is_held_by(std::string_view token, time_point now) noexcept {
    return left(now).count() > 0 && current_->token == token;
  }

  /// Takes a new lease, in place of any other; its token.
  const std::string& take(time_point until);

  /// Has the lease last until then; its token.
  const std::string& extend(time_point until) {
    current_->until = until;
    return current_->token;
  }

  void end() noexcept { current_.reset(); }

private:
  struct lease {
    std::string token;
    time_point until;
  };
  std::optional<lease> current_;
};

} // namespace cairn
