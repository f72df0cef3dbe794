#pragma once

#include <cairn/entity_type.hpp>
#include <cairn/expectation.hpp>
#include <cairn/outcome.hpp>
#include <cairn/types.hpp>

#include "entities/id_window.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace cairn {

/// Where an entity stands, as far as expectations care.
struct standing {
  version_type version = 0;
  bool removed = false;

  bool exists() const noexcept { return version > 0 && !removed; }
};

/// Which checks an expectation goes through. The world-wide switch leaves out stale and ahead.
enum class version_checks : bool { off, on };

/// The conflict rules, whole: may a command (or, `removes`, a removal) with this expectation go on to the
/// business rules? Nothing: it may.
std::optional<conflict_kind> judge(const standing& actual, const expectation& expected,
                                   bool removes, version_checks checks) noexcept;

/// An entity in memory: its state, where it stands, and the command ids that it knows. It decides and
/// applies; it does no I/O.
/// Thread: one at a time.
class live_entity {
public:
  explicit live_entity(const entity_type& type);

  const entity_type& type() const noexcept { return *type_; }
  const cairn::standing& standing() const noexcept { return standing_; }
  const void* state() const noexcept { return state_.get(); }
  id_window& ids() noexcept { return ids_; }
  const id_window& ids() const noexcept { return ids_; }

  /// Decides `command` and, when it is accepted with events, applies them and takes the next version.
  /// After:  `broken()` when the entity's code threw while applying: the state is worth nothing any more.
  void execute(const command_type& command, const void* arguments, const context& ctx,
               execution& done);

  /// Removes the entity, unless its type vetoes: a change with the event `$removed`.
  void remove(const context& ctx, execution& done);

  /// Applies one journaled event of the change that makes `version`; replay runs only this.
  /// Errors: `unknown_event`, `invalid_event`; the message names event and reason, not the place.
  status apply(std::string_view event, std::uint32_t schema, std::string_view data_json);

  /// Makes room for a change: after a removal the state starts anew. Call before its first `apply`.
  void begin_change();

  /// Takes the version that a replayed change made.
  void end_change(version_type version, bool removes) noexcept { standing_ = {version, removes}; }

  /// Takes over a snapshot's state. False: it does not decode, and nothing changed.
  bool restore(version_type version, bool removed, std::string_view state_json,
               json::problem& wrong);

  /// Appends the state as JSON.
  bool encode_state(std::string& out, json::problem& wrong) const {
    return type_->encode_state(out, state_.get(), wrong);
  }

  bool broken() const noexcept { return broken_; }

private:
  status upcast_and_apply(stored_event event);

  const entity_type* type_;
  any_pointer state_;
  cairn::standing standing_;
  id_window ids_;
  bool broken_ = false;
};

} // namespace cairn
