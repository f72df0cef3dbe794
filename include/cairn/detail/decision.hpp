#pragma once

#include <cairn/detail/outcome.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace cairn {

/// What `decide` returns to refuse: `return cairn::reject("not enough gold");`
inline rejected reject(std::string reason) { return {std::move(reason)}; }

/// What `decide` returns beside its events to answer: `return {rolled{4}, cairn::reply{4}};`
template <class T>
struct reply {
  T value;
};
template <class T>
reply(T) -> reply<T>;

/// Declares the reply of a decision: `cairn::decision<cairn::replies<int>, rolled>`.
template <class T>
struct replies {};

namespace detail {

template <class T>
inline constexpr bool is_reply = false;
template <class T>
inline constexpr bool is_reply<reply<T>> = true;

template <class Reply, class... Events>
class basic_decision {
  template <class Part>
  static constexpr bool is_event = (std::is_same_v<std::remove_cvref_t<Part>, Events> || ...);
  template <class Part>
  static constexpr bool is_part = is_event<Part> || is_reply<std::remove_cvref_t<Part>>;
  template <class... Parts>
  static constexpr bool replies_once = (0 + ... + (is_reply<std::remove_cvref_t<Parts>> ? 1 : 0)) ==
                                       (std::is_void_v<Reply> ? 0 : 1);

public:
  using reply_type = Reply;
  using event = std::conditional_t<sizeof...(Events) == 0, std::monostate, std::variant<Events...>>;

  /// Accepted, and nothing happened.
  basic_decision() requires(std::is_void_v<Reply>) = default;

  basic_decision(rejected why) : rejected_(std::move(why)) {}

  /// Accepted, with these events in this order and, where one is declared, exactly one `reply`.
  template <class... Parts>
  requires(sizeof...(Parts) > 0 && (is_part<Parts> && ...) && replies_once<Parts...>)
      basic_decision(Parts&&... parts) {
    (take(std::forward<Parts>(parts)), ...);
  }

  /// One more event behind the others.
  template <class Event>
  requires(is_event<Event>) basic_decision& add(Event&& happened) {
    take(std::forward<Event>(happened));
    return *this;
  }

  const std::optional<cairn::rejected>& refusal() const noexcept { return rejected_; }

  std::size_t size() const noexcept { return (first_ ? 1 : 0) + rest_.size(); }

  const event& operator[](std::size_t index) const {
    return index == 0 ? *first_ : rest_[index - 1];
  }

  /// Set unless rejected, where a reply is declared.
  const auto& replied() const noexcept { return reply_; }

private:
  template <class Part>
  void take(Part&& part) {
    if constexpr (is_reply<std::remove_cvref_t<Part>>) {
      reply_ = Reply(std::forward<Part>(part).value);
    } else if (!first_) {
      first_.emplace(std::forward<Part>(part));
    } else {
      rest_.emplace_back(std::forward<Part>(part));
    }
  }

  std::optional<event> first_; // nearly always the only one: no allocation
  std::vector<event> rest_;
  std::optional<rejected> rejected_;
  std::optional<std::conditional_t<std::is_void_v<Reply>, std::monostate, Reply>> reply_;
};

} // namespace detail

/// What a command leads to: events in order (none is fine), with timers and messages among them where
/// `cairn/entity.hpp` is used, or a rejection.
template <class... Events>
class decision : public detail::basic_decision<void, Events...> {
public:
  // NOLINTNEXTLINE(modernize-use-equals-default): takes the inherited one for our own
  using detail::basic_decision<void, Events...>::basic_decision;
};

/// The same with a typed reply.
template <class Reply, class... Events>
class decision<replies<Reply>, Events...> : public detail::basic_decision<Reply, Events...> {
public:
  // NOLINTNEXTLINE(modernize-use-equals-default): takes the inherited one for our own
  using detail::basic_decision<Reply, Events...>::basic_decision;
};

} // namespace cairn
