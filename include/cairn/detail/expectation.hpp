#pragma once

#include <cairn/detail/types.hpp>

#include <cstdint>
#include <string>

namespace cairn {

/// Why an expectation does not hold.
enum class conflict_kind : std::uint8_t {
  stale, ///< Somebody changed the entity since the expected version.
  ahead, ///< The entity has not got there: lost data or another lineage, not contention. Never retry.
  exists,  ///< Expected absent.
  absent,  ///< Expected to exist, but it never did.
  deleted, ///< Removed; only `absent` creates it anew.
  leased,  ///< Somebody else holds a lease on it.
};

std::string_view to_string(conflict_kind kind) noexcept;

/// What a command says that it observed of its entity.
class expectation {
public:
  enum class kind : std::uint8_t {
    any,    ///< Nothing: the actor's order is the only protection (single writer).
    at,     ///< This very version (optimistic); `at(0)` of one that never existed.
    absent, ///< That it does not exist: never did, or was removed.
    exists, ///< That it exists, in whatever version.
  };

  constexpr expectation() noexcept = default;
  constexpr expectation(kind what, version_type version = 0) noexcept
      : version_(version), kind_(what) {}

  constexpr kind what() const noexcept { return kind_; }

  /// Meaningful for `at` only.
  constexpr version_type version() const noexcept { return version_; }

  friend constexpr bool operator==(const expectation&, const expectation&) noexcept = default;

private:
  version_type version_ = 0;
  kind kind_ = kind::any;
};

/// Appends it as replies have it: a version, `"any"`, `"absent"` or `"exists"`.
void write_expectation_json(std::string& out, const expectation& expected);

/// An expectation that can fail: what `send(command, observed)` takes. A command without one is sent by
/// `send(command)`, whose outcome has no conflict.
class observed {
public:
  constexpr explicit observed(expectation what) noexcept : what_(what) {}
  constexpr operator expectation() const noexcept { return what_; }

private:
  expectation what_;
};

/// The command was decided on version `version`. Versions above `version_max` are `ahead` of any entity.
constexpr observed at(version_type version) noexcept {
  return observed{{expectation::kind::at, version}};
}

/// The command creates its entity.
inline constexpr observed absent{{expectation::kind::absent}};

/// The command must not create its entity.
inline constexpr observed exists{{expectation::kind::exists}};

} // namespace cairn
