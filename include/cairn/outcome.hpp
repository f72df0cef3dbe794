#pragma once

#include <cairn/error.hpp>
#include <cairn/expectation.hpp>
#include <cairn/types.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

namespace cairn {

/// Why an expectation does not hold.
enum class conflict_kind : std::uint8_t {
  stale, ///< Somebody changed the entity since the expected version.
  ahead, ///< The entity has not got there: lost data or another lineage, not contention. Never retry.
  exists,  ///< Expected absent.
  absent,  ///< Expected to exist, but it never did.
  deleted, ///< Removed; only `absent` creates it anew.
};

std::string_view to_string(conflict_kind kind) noexcept;

/// The command's expectation does not hold; nothing was changed.
struct conflict {
  std::string entity; ///< `type/id`
  conflict_kind kind = conflict_kind::stale;
  expectation expected;
  version_type actual = 0;
};

/// A command without expectation met a removed entity, or a removal one that never existed; nothing was changed.
struct unavailable {
  std::string entity;                          ///< `type/id`
  conflict_kind kind = conflict_kind::deleted; ///< `deleted`; of a removal also `absent`.
  version_type actual = 0;
};

/// A business rule said no, judged on fresh state; nothing was changed.
struct rejected {
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
  Reply reply{};                         ///< What `decide` replied.
};

template <>
struct accepted<void> {
  version_type version = 0;
  std::optional<position_type> position;
  bool duplicate = false;
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
