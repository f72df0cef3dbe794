#pragma once

#include <cairn/detail/entity_type.hpp>
#include <cairn/detail/expectation.hpp>
#include <cairn/detail/outcome.hpp>
#include <cairn/detail/types.hpp>

#include "entities/id_window.hpp"
#include "entities/kept_changes.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cairn {

/// Where an entity stands, as far as expectations care.
struct standing {
  version_type version = 0;
  bool removed = false;

  bool exists() const noexcept { return version > 0 && !removed; }
};

/// Which checks an expectation goes through. The world-wide switch leaves out stale and ahead.
enum class version_checks : bool { off, on };

/// The first half of the conflict rules: does the entity live, as the command (or, `removes`, a removal) needs it?
/// Nothing: it does. A lease comes between the halves.
inline std::optional<conflict_kind> judge_life(const standing& actual, const expectation& expected,
                                               bool removes) noexcept {
  using kind = expectation::kind;
  if (actual.removed) {
    const bool creates_anew = expected.what() == kind::absent && !removes;
    return creates_anew ? std::nullopt : std::optional(conflict_kind::deleted);
  }
  if (actual.version == 0 && (removes || expected.what() == kind::exists)) {
    return conflict_kind::absent;
  }
  return std::nullopt;
}

/// The other half: does the expectation hold, whole state against whole state?
inline std::optional<conflict_kind> judge_expectation(const standing& actual,
                                                      const expectation& expected,
                                                      version_checks checks) noexcept {
  using kind = expectation::kind;
  if (expected.what() == kind::absent && actual.exists()) {
    return conflict_kind::exists;
  }
  if (expected.what() != kind::at || checks == version_checks::off ||
      expected.version() == actual.version) {
    return std::nullopt;
  }
  return expected.version() < actual.version ? conflict_kind::stale : conflict_kind::ahead;
}

/// The conflict rules, whole: may it go on to the business rules?
inline std::optional<conflict_kind> judge(const standing& actual, const expectation& expected,
                                          bool removes, version_checks checks) noexcept {
  const auto life = judge_life(actual, expected, removes);
  return life ? life : judge_expectation(actual, expected, checks);
}

/// Appends a state as JSON. False: it has none, or its own code threw; `wrong` says what.
bool encode_state_guarded(const entity_type& type, std::string& out, const void* state,
                          json::problem& wrong) noexcept;

/// May a command go on to the business rules, and as what?
struct admission {
  std::optional<conflict_kind> refused;
  aspect_set in_the_way = 0; ///< Stale: the aspects that it depends on and that changed since.
  bool merged = false;
  /// Merged: what to decide instead of the command; null: the command itself.
  any_pointer instead{nullptr, [](void* /*none*/) {}};
};

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

  /// Judges an expectation with everything that its type declares: aspects, commuting commands, `merge`.
  /// `command` null: a removal.
  /// After: `broken()` is unchanged; what `merge` throws comes through.
  admission admit(const command_type* command, const void* arguments, const expectation& expected,
                  version_checks checks) const {
    admission judged;
    judged.refused = judge_expectation(standing_, expected, checks);
    if (judged.refused == conflict_kind::stale && parts_) {
      judge_stale(command, arguments, expected.version(), judged);
    }
    return judged;
  }

  /// Everything that a command may change, to be brought back when it must not count after all.
  struct savepoint {
    any_pointer state{nullptr, [](void* /*none*/) {}};
    cairn::standing standing;
    std::vector<version_type> aspect_versions;
    std::unique_ptr<detail::timer_table> timers;
  };
  savepoint save() const;
  void go_back(savepoint&& saved) noexcept;

  /// Decides `command` and, when it is accepted with events, applies them and takes the next version.
  /// After:  `broken()` when the entity's code threw while applying: the state is worth nothing any more.
  void execute(const command_type& command, const void* arguments, const context& ctx,
               execution& done);

  /// Removes the entity, unless its type vetoes: a change with the event `$removed`.
  void remove(const context& ctx, execution& done);

  /// Decides on a message that came back; its type handles those.
  void execute(const undelivered& message, const context& ctx, execution& done);

  /// Takes the version of a change that is nothing but the runtime's own events, those in `done`.
  void note(const command_type* command, const execution& done);

  /// The timers that it waits for; null: none.
  const detail::timer_table* timers() const noexcept { return timers_.get(); }
  void restore_timers(detail::timer_table timers);

  /// Applies one journaled event of the change that makes `version`; replay runs only this.
  /// Errors: `unknown_event`, `invalid_event`; the message names event and reason, not the place.
  status apply(std::string_view event, std::uint32_t schema, std::string_view data_json);

  /// Makes room for a change: after a removal the state starts anew, unless it stays removed (`removes`). Call before
  /// its first `apply`.
  void begin_change(bool removes = false);

  /// Takes the version that a replayed change made, with the aspects that its record names.
  void end_change(version_type version, bool removes, std::string_view command = {},
                  const std::vector<std::string>& aspects = {});

  /// The aspects that the last change touched, as its record names them; empty: all.
  std::vector<std::string> touched() const {
    return parts_ ? type_->names_of(parts_->touched) : std::vector<std::string>();
  }

  /// Versions at which the type's aspects last changed, in their order; empty: it has none.
  const std::vector<version_type>& aspect_versions() const noexcept;
  void set_aspect_version(std::size_t aspect, version_type version) noexcept {
    parts_->versions[aspect] = version;
  }

  /// What a type that merges remembers of the past; null for others.
  kept_changes* kept() noexcept { return parts_ && parts_->kept ? &*parts_->kept : nullptr; }

  /// Keeps a stored change in front of the state, for merges. `command` empty: it begins a life.
  /// Shape: `kept()`; versions in order, up to the current one. False: it does not decode.
  bool keep_stored(version_type version, std::string_view command,
                   const std::vector<std::string>& aspects, const std::vector<stored_event>& events,
                   std::size_t bytes = 0);

  /// Takes over a snapshot's state. False: it does not decode, and nothing changed.
  bool restore(version_type version, bool removed, std::string_view state_json,
               json::problem& wrong);

  /// Appends the state as JSON.
  bool encode_state(std::string& out, json::problem& wrong) const {
    return type_->encode_state(out, state_.get(), wrong);
  }

  /// The same; what the state's own code throws is what is wrong.
  bool encode_state_guarded(std::string& out, json::problem& wrong) const noexcept {
    return cairn::encode_state_guarded(*type_, out, state_.get(), wrong);
  }

  bool broken() const noexcept { return broken_; }

private:
  template <class Decide>
  void change(const command_type* command, execution& done, Decide&& decide);
  status apply_built_in(std::string_view event, std::string_view data_json);
  void edit(const detail::change_effects& effects);
  void set_timer(std::string_view timer, std::optional<detail::pending_timer> next);
  status upcast_and_apply(stored_event event);
  status apply_known(const event_type& known, const boost::json::value& data);
  void note_change(const command_type* command, aspect_set touched);
  aspect_set in_the_way(const command_type* command, version_type observed) const noexcept;
  void judge_stale(const command_type* command, const void* arguments, version_type observed,
                   admission& judged) const;
  void try_merge(const command_type& command, const void* arguments, version_type observed,
                 admission& judged) const;

  /// What types with aspects or merges need; others pay a null pointer.
  struct stale_rules {
    std::vector<version_type> versions; // of the aspects
    aspect_set touched = 0;             // by the last change; 0: all, which is written as none
    std::optional<kept_changes> kept;
    bool fresh = false; // a replayed change begins a new life
  };

  const entity_type* type_;
  any_pointer state_;
  cairn::standing standing_;
  std::unique_ptr<stale_rules> parts_;
  std::unique_ptr<detail::timer_table> timers_;
  id_window ids_;
  bool broken_ = false;
};

} // namespace cairn
