#pragma once

#include <cairn/detail/time.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace cairn::runtime {

/// What leases last by.
using lease_instant = moment;

/// The lease on an entity, if there is one. Kept by the entity's process, not by its state: an entity that is
/// rebuilt is still leased, and a world that is started again has no leases. It lasts by what passes on the world's
/// clock, whatever becomes of the time of day.
/// Thread: the entity's own.
class entity_lease {
public:
  /// How long it still lasts; zero: there is none.
  std::chrono::milliseconds left(moment now) noexcept;

  /// Is `token` the one of the lease that lasts?
  bool is_held_by(std::string_view token, moment now) noexcept {
    return left(now).count() > 0 && current_->token == token;
  }

  /// Takes a new lease, in place of any other; its token.
  const std::string& take(moment until);

  /// Has the lease last until then; its token.
  const std::string& extend(moment until) {
    current_->until = until;
    return current_->token;
  }

  /// When the one that lasts ends.
  moment until() const noexcept { return current_ ? current_->until : moment{}; }

  void end() noexcept { current_.reset(); }

private:
  struct lease {
    std::string token;
    moment until;
  };
  std::optional<lease> current_;
};

} // namespace cairn::runtime
