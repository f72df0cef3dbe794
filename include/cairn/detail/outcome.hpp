#pragma once

#include <cairn/detail/change.hpp>
#include <cairn/detail/context.hpp>
#include <cairn/detail/expectation.hpp>
#include <cairn/detail/types.hpp>
#include <cairn/error.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace cairn {

struct entity_type;

/// Is `type` the descriptor of `State`?
template <class State>
bool is_type(const entity_type* type) noexcept;

/// What a conflict tells beside its versions, as far as it was asked for (`send_options::show`).
struct conflict_details {
  /// Stale: the aspects that the command depends on and that changed. Empty for a type without aspects.
  std::vector<std::string> aspects;
  std::vector<change> missed; ///< Asked for: the changes after the expected version, oldest first.
  bool truncated = false;     ///< There were more than `limits::missed_changes_max`.
  /// Asked for: JSON pointers at which the observed state and the current one differ. None: nothing existed
  /// at the expected version.
  std::optional<std::vector<std::string>> paths;
  /// Asked for: the current state; null when it does not exist. `type` says what it is.
  std::shared_ptr<const void> state;
  const entity_type* type = nullptr; ///< Set when the state was asked for.
  std::chrono::milliseconds left{};  ///< Leased: until the lease expires.
  time_point until{};                ///< Leased, or of a lease that was taken: when it expires.
};

/// The command's expectation does not hold; nothing was changed.
struct conflict {
  std::string entity; ///< `type/id`
  conflict_kind kind = conflict_kind::stale;
  expectation expected;
  version_type actual = 0;
  std::shared_ptr<const conflict_details> details{}; ///< Null: there is nothing to add.

  /// The aspects in the way.
  std::span<const std::string> aspects() const noexcept {
    return details ? std::span<const std::string>(details->aspects)
                   : std::span<const std::string>();
  }

  /// The current state, where `show_state` asked for it and the entity exists; else null. It lives as long
  /// as `details`.
  template <class State>
  const State* state() const noexcept {
    const bool fits = details && details->state && is_type<State>(details->type);
    return fits ? static_cast<const State*>(details->state.get()) : nullptr;
  }
};

/// A command without expectation met a removed or leased entity, or a removal one that never existed; nothing
/// was changed.
struct unavailable {
  std::string entity; ///< `type/id`
  conflict_kind kind =
      conflict_kind::deleted; ///< `deleted` or `leased`; of a removal also `absent`.
  version_type actual = 0;
  std::chrono::milliseconds left{}; ///< Leased: until the lease expires.
};

/// A longer reason of a rejection, or message of a failure, is cut to this and ends in an ellipsis.
inline constexpr std::size_t reason_bytes_max = 4096;

/// A business rule said no, judged on fresh state; nothing was changed.
struct rejected {
  /// A text for people: what is not UTF-8 in it arrives as U+FFFD, and `reason_bytes_max` bytes of it at most.
  std::string reason;

  friend bool operator==(const rejected&, const rejected&) = default;
};

/// The machinery could not do it.
struct failed {
  std::error_code error; ///< Its stable word is `error_word(error)`.
  cairn::fate fate =
      fate::not_written; ///< `in_doubt`: settle it by sending again with the same command id.
  std::string message;
};

/// The command was accepted, and its change, if it made one, is durable.
template <class Reply = void>
struct accepted {
  version_type version = 0;              ///< After the command.
  std::optional<position_type> position; ///< None when it recorded no event.
  bool duplicate = false;                ///< The first answer to this command id, given again.
  bool merged = false;                   ///< It was stale, and its entity merged it.
  Reply reply{};                         ///< What `decide` replied.
};

template <>
struct accepted<void> {
  version_type version = 0;
  std::optional<position_type> position;
  bool duplicate = false;
  bool merged = false;
};

/// One of several alternatives, asked by type.
template <class... Alternatives>
class outcome {
public:
  template <class T>
  requires(std::is_same_v<std::remove_cvref_t<T>, Alternatives> || ...) outcome(T&& alternative)
      : value_(std::forward<T>(alternative)) {}

  template <class T>
  bool is() const noexcept {
    return std::holds_alternative<T>(value_);
  }

  /// Null when it is another alternative.
  template <class T>
  const T* get_if() const noexcept {
    return std::get_if<T>(&value_);
  }

  /// Calls the overload that takes the alternative; leaving one out does not compile.
  template <class... Handlers>
  decltype(auto) match(Handlers&&... handlers) const {
    struct overloaded : std::remove_cvref_t<Handlers>... {
      using std::remove_cvref_t<Handlers>::operator()...;
    };
    return std::visit(overloaded{std::forward<Handlers>(handlers)...}, value_);
  }

  const std::variant<Alternatives...>& alternatives() const noexcept { return value_; }

protected:
  std::variant<Alternatives...> value_;
};

namespace detail {

/// The two outcome types share the questions that everybody asks.
template <class Reply, class Refusal>
class command_outcome
    : public outcome<cairn::accepted<Reply>, Refusal, cairn::rejected, cairn::failed> {
  using base = outcome<cairn::accepted<Reply>, Refusal, cairn::rejected, cairn::failed>;

public:
  using base::base;
  using reply_type = Reply;

  const cairn::accepted<Reply>* accepted() const noexcept {
    return this->template get_if<cairn::accepted<Reply>>();
  }
  const cairn::rejected* rejected() const noexcept {
    return this->template get_if<cairn::rejected>();
  }
  const cairn::failed* failed() const noexcept { return this->template get_if<cairn::failed>(); }

  /// True when the command was accepted.
  explicit operator bool() const noexcept { return accepted() != nullptr; }
};

} // namespace detail

/// What `send(command, observed)` ends in: accepted, conflict, rejected or failed.
template <class Reply = void>
class checked_outcome : public detail::command_outcome<Reply, cairn::conflict> {
public:
  using detail::command_outcome<Reply, cairn::conflict>::command_outcome;

  const cairn::conflict* conflict() const noexcept {
    return this->template get_if<cairn::conflict>();
  }
};

/// What `send(command)` ends in: accepted, unavailable, rejected or failed. It cannot conflict.
template <class Reply = void>
class unchecked_outcome : public detail::command_outcome<Reply, cairn::unavailable> {
public:
  using detail::command_outcome<Reply, cairn::unavailable>::command_outcome;

  const cairn::unavailable* unavailable() const noexcept {
    return this->template get_if<cairn::unavailable>();
  }
};

/// A lease that was taken, renewed or given back.
struct leased {
  std::string token;  ///< Commands carry it in `send_options::lease`.
  time_point until{}; ///< When it expires by itself, on the world's clock.
};

/// What asking for a lease ends in; a conflict is `leased`, `absent` or `deleted`.
class lease_outcome : public outcome<leased, conflict, failed> {
public:
  using outcome::outcome;

  const cairn::leased* leased() const noexcept { return get_if<cairn::leased>(); }
  const cairn::conflict* conflict() const noexcept { return get_if<cairn::conflict>(); }
  const cairn::failed* failed() const noexcept { return get_if<cairn::failed>(); }

  explicit operator bool() const noexcept { return leased() != nullptr; }
};

/// How `entity_ref::update` ended.
template <class Reply = void>
struct updated {
  /// None: the function gave no command, or the entity could not be read (`failure`).
  std::optional<checked_outcome<Reply>> outcome;
  unsigned attempts = 0; ///< Commands that were sent.
  std::optional<cairn::failed> failure;

  /// True when a command was accepted.
  explicit operator bool() const noexcept { return outcome && *outcome; }
};

/// An entity as it stood when it was read: never older than what its reader had been told before.
template <class State>
struct reading {
  State state{};            ///< The default state when it does not exist.
  version_type version = 0; ///< Goes on counting after a removal.
  bool exists = false;
  std::optional<cairn::failed> failure; ///< Set: nothing above has a meaning.

  explicit operator bool() const noexcept { return !failure; }
};

} // namespace cairn
