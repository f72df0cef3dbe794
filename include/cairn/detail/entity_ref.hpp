#pragma once

#include <cairn/detail/future.hpp>
#include <cairn/detail/guard.hpp>
#include <cairn/detail/request.hpp>
#include <cairn/entity.hpp>

#include <chrono>
#include <concepts>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

// Sending to one entity, typed.
namespace cairn {

namespace runtime {
class world_core;
}

namespace detail {

/// Sends `sent` on its way to an entity. It completes in any case, perhaps before this returns.
void submit(runtime::world_core& world, const entity_address& to, request_ptr sent);

failed failure_of(const answer& given);
conflict conflict_of(const request& asked);
lease_outcome lease_outcome_of(request& asked);

/// What is accepted, with its typed reply, whose own code may throw.
template <class Outcome>
Outcome to_accepted(const answer& given) {
  using reply_type = typename Outcome::reply_type;
  const auto fill = [&given](accepted<reply_type>& done) {
    done.version = given.version;
    done.duplicate = given.duplicate;
    done.merged = given.merged;
    if (given.position != no_position) {
      done.position = given.position;
    }
  };
  if constexpr (std::is_void_v<reply_type>) {
    accepted<void> done;
    fill(done);
    return done;
  } else {
    static_assert(checked_destructor<reply_type>::value);
    std::optional<accepted<reply_type>> done;
    json::problem wrong;
    bool good = false;
    const auto decode = [&] {
      boost::json::value value;
      fill(done.emplace());
      good = json::parse(given.text, value, wrong) && json::decode(value, done->reply, wrong);
    };
    guard(decode, [&wrong](std::string thrown) {
      wrong = {"", "its code threw: " + std::move(thrown)};
    });
    if (!good) {
      return failed{entity_errc::entity_error, fate::in_doubt,
                    "the reply does not decode: " + wrong.text()};
    }
    return std::move(*done);
  }
}

/// Turns an answer into the outcome type of how it was asked.
template <class Outcome>
Outcome to_outcome(request& asked) {
  using reply_type = typename Outcome::reply_type;
  auto& given = asked.answer;
  switch (given.what) {
    case answer::kind::accepted:
      return to_accepted<Outcome>(given);
    case answer::kind::conflict: {
      auto met = conflict_of(asked);
      if constexpr (std::is_same_v<Outcome, checked_outcome<reply_type>>) {
        return met;
      } else {
        return unavailable{std::move(met.entity), met.kind, met.actual,
                           met.details ? met.details->left : std::chrono::milliseconds{}};
      }
    }
    case answer::kind::rejected:
      return rejected{std::move(given.text)};
    default:
      return failure_of(given);
  }
}

template <class Command, class Outcome>
class awaited_command final : public awaited_request<Outcome> {
public:
  explicit awaited_command(Command sent) : sent_(std::move(sent)) {}
  const void* arguments() const noexcept override { return &sent_; }
  Outcome take() override { return to_outcome<Outcome>(*this); }

private:
  Command sent_;
};

template <class Command, class Outcome, class Callback>
class posted_command final : public request {
public:
  static_assert(checked_destructor<Callback>::value);

  posted_command(Command sent, Callback callback)
      : sent_(std::move(sent)), callback_(std::move(callback)) {}
  const void* arguments() const noexcept override { return &sent_; }
  void complete() override { callback_(to_outcome<Outcome>(*this)); }

private:
  Command sent_;
  Callback callback_;
};

/// What a lease ends in.
class awaited_lease final : public awaited_request<lease_outcome> {
public:
  lease_outcome take() override { return lease_outcome_of(*this); }
};

template <class Callback>
class posted_lease final : public request {
public:
  static_assert(checked_destructor<Callback>::value);

  explicit posted_lease(Callback callback) : callback_(std::move(callback)) {}
  void complete() override { callback_(lease_outcome_of(*this)); }

private:
  Callback callback_;
};

template <class State>
void fill_reading(const request& asked, reading<State>& read) {
  if (asked.answer.what == answer::kind::state) {
    read.version = asked.answer.version;
    read.exists = asked.answer.exists;
  } else {
    // What was copied before its code threw is no state. Where it throws again, what it left is still a state.
    guard([&read] { read.state = State{}; }, [](const std::string& /*thrown*/) {});
    read.version = 0;
    read.exists = false;
    read.failure = failure_of(asked.answer);
  }
}

template <class State>
class awaited_read final : public awaited_request<reading<State>> {
public:
  void take_state(const entity_type& /*type*/, const void* state) override {
    read_.state = *static_cast<const State*>(state);
  }
  reading<State> take() override {
    fill_reading(*this, read_);
    return std::move(read_);
  }

private:
  reading<State> read_;
};

template <class State, class Callback>
class posted_read final : public request {
public:
  static_assert(checked_destructor<Callback>::value);

  explicit posted_read(Callback callback) : callback_(std::move(callback)) {}
  void take_state(const entity_type& /*type*/, const void* state) override {
    read_.state = *static_cast<const State*>(state);
  }
  void complete() override {
    fill_reading(*this, read_);
    callback_(std::move(read_));
  }

private:
  reading<State> read_;
  Callback callback_;
};

} // namespace detail

/// An entity to send to. Cheap to copy; must not outlive its world.
/// Thread: any; one caller's requests to one entity keep their order. A transaction takes its place when it gets
///         there: what must come after it is sent after its reply.
template <entity_state State>
class entity_ref {
  using declared = typename State::entity;

  template <class Command>
  static constexpr void check_command() {
    static_assert(detail::require < declared::command_list::template contains<Command> ||
                      std::is_same_v<Command, cairn::remove>,
                  cure::add_command_to_commands_of_entity < State, Command >> ());
  }
  template <class Command>
  static constexpr void check_unchecked() {
    check_command<Command>();
    static_assert(!declared::requires_expectation,
                  "this entity type requires an expectation: send(command, cairn::at(version))");
  }
  template <class Command>
  static constexpr void check_checked() {
    check_command<Command>();
    static_assert(!declared::refuses_expectation,
                  "this entity type refuses expectations: send(command)");
  }
  template <class Command>
  struct reply_of {
    using type = detail::reply_of<State, Command>;
  };
  template <class Command>
  requires(!declared::command_list::template contains<Command>) struct reply_of<Command> {
    using type = void;
  };

public:
  entity_ref(runtime::world_core& world, std::string key)
      : world_(&world), address_(std::move(key), type_descriptor<State>()) {}

  /// `type/id`
  const std::string& key() const noexcept { return address_.key(); }
  const detail::entity_address& address() const noexcept { return address_; }

  /// The stable name of one of its commands.
  template <class Command>
  static constexpr std::string_view command_name() {
    return std::is_same_v<Command, cairn::remove>
               ? remove_command
               : declared::command_list::template name_of<Command>();
  }

  template <class Command>
  using checked = checked_outcome<typename reply_of<Command>::type>;
  template <class Command>
  using unchecked = unchecked_outcome<typename reply_of<Command>::type>;

  /// Sends a command without expectation: accepted, unavailable, rejected or failed.
  template <class Command>
  future<unchecked<Command>> send(Command command, send_options options = {}) const {
    check_unchecked<Command>();
    return await<Command, unchecked<Command>>(std::move(command), {}, std::move(options));
  }

  /// Sends a command that saw the entity so: accepted, conflict, rejected or failed.
  template <class Command>
  future<checked<Command>> send(Command command, observed expected,
                                send_options options = {}) const {
    check_checked<Command>();
    return await<Command, checked<Command>>(std::move(command), expected, std::move(options));
  }

  /// Sends a command without expectation; `callback(unchecked<Command>)` runs once and must not block. What it throws
  /// goes to the world's log (`callback_threw`), and its request counts as answered.
  /// Thread: the callback's is one of the world, or, for a request that is refused at the door
  ///         (overloaded, closing, invalid), the caller's before `post` returns.
  template <class Command, std::invocable<unchecked<Command>> Callback>
  void post(Command command, Callback callback, send_options options = {}) const {
    check_unchecked<Command>();
    using posted = detail::posted_command<Command, unchecked<Command>, Callback>;
    submit(new posted(std::move(command), std::move(callback)), command_of<Command>(), {},
           std::move(options));
  }

  /// Sends a command that saw the entity so; `callback(checked<Command>)` runs as above.
  template <class Command, std::invocable<checked<Command>> Callback>
  void post(Command command, observed expected, Callback callback,
            send_options options = {}) const {
    check_checked<Command>();
    using posted = detail::posted_command<Command, checked<Command>, Callback>;
    submit(new posted(std::move(command), std::move(callback)), command_of<Command>(), expected,
           std::move(options));
  }

  /// Removes the entity; its versions go on counting if `absent` creates it anew.
  future<unchecked<cairn::remove>> remove(send_options options = {}) const {
    return send(cairn::remove{}, std::move(options));
  }
  future<checked<cairn::remove>> remove(observed expected, send_options options = {}) const {
    return send(cairn::remove{}, expected, std::move(options));
  }

  /// Reads state and version, once they are durable.
  future<reading<State>> read() const {
    boost::intrusive_ptr<detail::awaited_request<reading<State>>> asked(
        new detail::awaited_read<State>());
    asked->what = detail::request::verb::read;
    detail::submit(*world_, address_, asked);
    return future<reading<State>>(std::move(asked));
  }

  /// Takes a lease for a while: until it expires or is released, commands without its token are refused. Kept in
  /// memory only, also while the entity is not: a restart ends it, and the version check still protects. The
  /// `principal` of `meta` is whose lease it is.
  /// It is counted by what passes on the world's clock (`clock::elapsed`), whatever becomes of the time of day.
  /// Errors: `invalid_command` beyond the type's longest lease; `overloaded` beyond the most leases of the world or
  ///         of the principal (`limits::leases_max`, `limits::leases_per_principal_max`).
  template <class Rep, class Period>
  future<lease_outcome> lease(std::chrono::duration<Rep, Period> for_so_long,
                              metadata meta = {}) const {
    return await_lease(detail::request::verb::lease, in_ms(for_so_long), {}, std::move(meta));
  }

  /// Has a lease last for so long from now on.
  /// Errors: `lease_lost` when it is no longer the entity's.
  template <class Rep, class Period>
  future<lease_outcome> renew(std::string token,
                              std::chrono::duration<Rep, Period> for_so_long) const {
    return await_lease(detail::request::verb::lease, in_ms(for_so_long), std::move(token));
  }

  /// Gives a lease back.
  /// Errors: `lease_lost` when it is no longer the entity's.
  future<lease_outcome> release(std::string token) const {
    return await_lease(detail::request::verb::release, {}, std::move(token));
  }

  /// Takes a lease, or with its token renews it, for a callback that takes a `lease_outcome`.
  template <class Rep, class Period, std::invocable<lease_outcome> Callback>
  void post_lease(std::chrono::duration<Rep, Period> for_so_long, Callback callback,
                  std::string token = {}, metadata meta = {}) const {
    submit_lease(new detail::posted_lease<Callback>(std::move(callback)),
                 detail::request::verb::lease, in_ms(for_so_long), std::move(token),
                 std::move(meta));
  }

  /// Gives a lease back; the callback takes a `lease_outcome`.
  template <std::invocable<lease_outcome> Callback>
  void post_release(std::string token, Callback callback) const {
    submit_lease(new detail::posted_lease<Callback>(std::move(callback)),
                 detail::request::verb::release, {}, std::move(token));
  }

  /// Reads, has `decide` make a command from state and version, and sends it at that version; when somebody was
  /// faster, does it again on the state that the conflict brought, after a random pause that grows.
  /// `decide(const State&, version_type)` gives a command, or an `std::optional` of one: none ends it unchanged.
  /// Only `stale` is tried again, up to `attempts_max` times in all.
  /// Thread: blocks; never on a thread that runs entities.
  template <class Decide>
  auto update(unsigned attempts_max, Decide decide, send_options options = {}) const;

  /// The same for a callback that takes a `reading<State>`.
  template <std::invocable<reading<State>> Callback>
  void post_read(Callback callback) const {
    detail::request_ptr asked(new detail::posted_read<State, Callback>(std::move(callback)));
    asked->what = detail::request::verb::read;
    detail::submit(*world_, address_, std::move(asked));
  }

private:
  template <class Command>
  static const command_type* command_of() {
    if constexpr (std::is_same_v<Command, cairn::remove>) {
      return nullptr;
    } else {
      return &detail::command_of<State, Command>();
    }
  }

  template <class Rep, class Period>
  static std::chrono::milliseconds in_ms(std::chrono::duration<Rep, Period> given) noexcept {
    return detail::bounded<std::chrono::milliseconds>(given);
  }

  future<lease_outcome> await_lease(detail::request::verb what,
                                    std::chrono::milliseconds for_so_long, std::string token,
                                    metadata meta = {}) const {
    boost::intrusive_ptr<detail::awaited_request<lease_outcome>> asked(new detail::awaited_lease());
    submit_lease(asked, what, for_so_long, std::move(token), std::move(meta));
    return future<lease_outcome>(std::move(asked));
  }

  void submit_lease(detail::request_ptr asked, detail::request::verb what,
                    std::chrono::milliseconds for_so_long, std::string token,
                    metadata meta = {}) const {
    asked->what = what;
    asked->options = std::make_unique<send_options>();
    asked->options->meta = std::move(meta);
    asked->options->lease = std::move(token);
    asked->options->lease_for = for_so_long;
    detail::submit(*world_, address_, std::move(asked));
  }

  template <class Command, class Outcome>
  future<Outcome> await(Command command, expectation expected, send_options&& options) const {
    using sent = detail::awaited_command<Command, Outcome>;
    boost::intrusive_ptr<detail::awaited_request<Outcome>> asked(new sent(std::move(command)));
    submit(asked, command_of<Command>(), expected, std::move(options));
    return future<Outcome>(std::move(asked));
  }

  void submit(detail::request_ptr sent, const command_type* command, expectation expected,
              send_options&& options) const {
    sent->what =
        command != nullptr ? detail::request::verb::command : detail::request::verb::remove;
    sent->command = command;
    sent->expected = expected;
    if (options.anything()) {
      sent->options = std::make_unique<send_options>(std::move(options));
    }
    detail::submit(*world_, address_, std::move(sent));
  }

  runtime::world_core* world_;
  detail::entity_address address_;
};

namespace detail {

/// Waits before attempt `attempts + 1`: up to twice as long each time, at random, so that those who collided do
/// not collide again.
void pause_before_retry(unsigned attempts);

template <class T>
struct decided_command {
  using type = T;
};
template <class T>
struct decided_command<std::optional<T>> {
  using type = T;
};

} // namespace detail

template <entity_state State>
template <class Decide>
auto entity_ref<State>::update(unsigned attempts_max, Decide decide, send_options options) const {
  using decided = std::remove_cvref_t<std::invoke_result_t<Decide&, const State&, version_type>>;
  using command = typename detail::decided_command<decided>::type;
  updated<typename reply_of<command>::type> ended;
  if (auto refused = detail::may_wait("entity_ref::update"); !refused.ok()) {
    ended.failure = failed{refused.error, fate::not_written, std::move(refused.message)};
    return ended;
  }
  auto seen = read().get();
  if (!seen) {
    ended.failure = std::move(seen.failure);
    return ended;
  }
  options.show.state = true;
  for (;;) {
    decided made = decide(std::as_const(seen.state), seen.version);
    if constexpr (!std::is_same_v<decided, command>) {
      if (!made) {
        ended.outcome.reset(); // of an attempt before
        return ended;
      }
      ended.outcome.emplace(send(std::move(*made), at(seen.version), options).get());
    } else {
      ended.outcome.emplace(send(std::move(made), at(seen.version), options).get());
    }
    ++ended.attempts;
    const auto* met = ended.outcome->conflict();
    if (met == nullptr || met->kind != conflict_kind::stale || ended.attempts >= attempts_max) {
      return ended;
    }
    const auto* fresh = met->template state<State>();
    seen.state = fresh != nullptr ? *fresh : State{};
    seen.version = met->actual;
    detail::pause_before_retry(ended.attempts);
  }
}

} // namespace cairn
