#pragma once

#include <cairn/compare.hpp>

#include <cstdint>
#include <string_view>
#include <vector>

namespace cairn::compare {

/// What has just happened to a client's command.
enum class moment : std::uint8_t {
  wanted,   ///< The client begins.
  granted,  ///< It holds the entity's lease.
  busy,     ///< Somebody else holds it.
  waited,   ///< A pause is over.
  seen,     ///< It has read the entity.
  thought,  ///< Its think time is over.
  accepted, ///< Its command was accepted.
  released, ///< Its lease is nobody's any more.
  conflict, ///< Its command was refused as stale.
};

/// What the client does next.
struct step {
  enum class kind : std::uint8_t { acquire, wait, read, think, send, release, finish };

  kind what = kind::finish;
  form how = form::relative;   ///< send
  check against = check::none; ///< send
};

inline constexpr step acquire_lease{step::kind::acquire};
inline constexpr step wait_a_while{step::kind::wait};
inline constexpr step read_entity{step::kind::read};
inline constexpr step think{step::kind::think};
inline constexpr step release_lease{step::kind::release};
inline constexpr step finish{step::kind::finish};

constexpr step send(form how, check against) noexcept { return {step::kind::send, how, against}; }

/// Where commands are decided.
enum class place : std::uint8_t {
  entities, ///< Each by its entity's actor.
  store,    ///< In threads of the clients, that append to the store themselves.
};

/// One way of protecting an entity: a pure function from what has just happened to what the client does
/// next. Real and simulated clients follow the same one.
class strategy {
public:
  virtual ~strategy() = default;

  virtual std::string_view name() const noexcept = 0;
  /// What it does, in one sentence.
  virtual std::string_view what() const noexcept = 0;
  virtual step next(moment now) const noexcept = 0;

  virtual place where() const noexcept { return place::entities; }
  /// Updates that nobody hears of may be lost: what the strategy is there to show.
  virtual bool loses_updates() const noexcept { return false; }
  /// The client decides on the state that it saw; otherwise the command must be good on any state.
  virtual bool decides_on_seen() const noexcept { return true; }
  /// A conflict brings the state to go on from.
  virtual bool informed() const noexcept { return false; }
  /// Of use only where an entity has several parts.
  virtual bool needs_parts() const noexcept { return false; }
};

/// All of them, in the order in which they are shown.
const std::vector<const strategy*>& all_strategies();

/// Null when there is none of this name.
const strategy* find_strategy(std::string_view name);

/// Do the settings name it, or none?
bool is_asked_for(const strategy& one, const settings& how);

} // namespace cairn::compare
