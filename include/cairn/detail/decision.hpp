#pragma once

#include <cairn/detail/outcome.hpp>

#include <cstddef>
#include <new>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace cairn {

/// What `decide` returns to refuse: `return cairn::reject("not enough gold");`
rejected reject(std::string reason);
rejected reject(const char* reason); // most reasons: the text is made here, not in each `decide`

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

/// How the parts of one type are kept. One for each type, not for each decision: a decision is little code then.
struct part_type {
  std::size_t bytes = 0;
  std::size_t alignment = 1;
  void (*move)(void* to, void* from) = nullptr;   ///< Null: its bytes are copied.
  void (*destroy)(void* part) noexcept = nullptr; ///< Null: nothing to do.
};

template <class Part>
void move_part(void* to, void* from) {
  new (to) Part(std::move(*static_cast<Part*>(from)));
}

template <class Part>
void destroy_part(void* part) noexcept {
  static_cast<Part*>(part)->~Part();
}

template <class Part>
constexpr part_type describe_part() noexcept {
  part_type type{sizeof(Part), alignof(Part)};
  if constexpr (!std::is_trivially_copyable_v<Part>) {
    type.move = &move_part<Part>;
  }
  if constexpr (!std::is_trivially_destructible_v<Part>) {
    type.destroy = &destroy_part<Part>;
  }
  return type;
}

template <class Part>
inline constexpr part_type part_type_of = describe_part<Part>();

/// The parts of a decision in their order, without their types.
class part_list {
public:
  struct part {
    const part_type* type = nullptr;
    std::size_t index = 0; ///< Of its type among those that the decision declares.
    void* at = nullptr;
  };

  // NOLINTNEXTLINE(modernize-use-equals-default): leaves the place as it is
  part_list() noexcept {}
  // NOLINTNEXTLINE(performance-noexcept-move-constructor): an event's own move may throw
  part_list(part_list&& other);
  part_list& operator=(part_list&&) = delete;
  ~part_list();

  /// Moves the part at `from` behind the others.
  void add(const part_type& type, std::size_t index, void* from);

  std::size_t size() const noexcept { return first_.at == nullptr ? 0 : 1 + rest_.size(); }
  const part& operator[](std::size_t index) const noexcept {
    return index == 0 ? first_ : rest_[index - 1];
  }

  /// Visits the parts in their order, until `visit` says false: so does this then.
  template <class Visit>
  bool each(Visit visit) const {
    if (first_.at == nullptr || !visit(first_)) {
      return first_.at == nullptr;
    }
    for (const auto& next : rest_) {
      if (!visit(next)) {
        return false;
      }
    }
    return true;
  }

private:
  part make(const part_type& type, std::size_t index, void* from);
  void end(const part& each) noexcept;

  static constexpr std::size_t place_bytes = 128; // for the first: most decisions allocate nothing
  alignas(std::max_align_t) std::byte place_[place_bytes];
  part first_;
  std::vector<part> rest_;
};

/// What all decisions have. Its members are not inline: hundreds of `decide`s would have a copy each.
class decision_core {
public:
  decision_core() noexcept = default;
  explicit decision_core(rejected&& why);
  // NOLINTNEXTLINE(performance-noexcept-move-constructor): as its parts
  decision_core(decision_core&&);
  ~decision_core();

  const std::optional<cairn::rejected>& refusal() const noexcept { return rejected_; }
  const part_list& parts() const noexcept { return parts_; }

protected:
  part_list parts_;

private:
  std::optional<cairn::rejected> rejected_;
};

template <class... Parts>
struct part_types {};

template <class Reply>
struct declared_reply {
  std::optional<Reply> value;
};
template <>
struct declared_reply<void> {};

template <class Reply, class... Events>
class basic_decision : public decision_core {
  template <class Part>
  static constexpr bool is_event = (std::is_same_v<std::remove_cvref_t<Part>, Events> || ...);
  template <class Part>
  static constexpr bool is_part = is_event<Part> || is_reply<std::remove_cvref_t<Part>>;
  template <class... Parts>
  static constexpr bool replies_once = (0 + ... + (is_reply<std::remove_cvref_t<Parts>> ? 1 : 0)) ==
                                       (std::is_void_v<Reply> ? 0 : 1);

public:
  using reply_type = Reply;
  using declared_parts = part_types<Events...>;

  /// Accepted, and nothing happened.
  basic_decision() requires(std::is_void_v<Reply>) = default;

  basic_decision(rejected&& why) : decision_core(std::move(why)) {}
  basic_decision(const rejected& why) : decision_core(rejected(why)) {}

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

  std::size_t size() const noexcept { return parts_.size(); }

  /// Set unless rejected, where a reply is declared.
  const auto& replied() const noexcept { return reply_.value; }

private:
  template <class Part>
  static constexpr std::size_t index_of() {
    std::size_t index = 0;
    (void)((std::is_same_v<Part, Events> || (++index, false)) || ...);
    return index;
  }

  template <class Part>
  void take(Part&& part) {
    using type = std::remove_cvref_t<Part>;
    if constexpr (is_reply<type>) {
      reply_.value = Reply(std::forward<Part>(part).value);
    } else if constexpr (std::is_lvalue_reference_v<Part> || std::is_const_v<Part>) {
      take(type(part));
    } else {
      parts_.add(part_type_of<type>, index_of<type>(), &part);
    }
  }

  [[no_unique_address]] declared_reply<Reply> reply_;
};

} // namespace detail

/// What a command leads to: events in order (none is fine), with timers and messages among them where
/// `cairn/entity.hpp` is used, or a rejection. It can be moved, and not copied.
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
