#pragma once

#include <cairn/detail/effects.hpp>
#include <cairn/detail/entity_type.hpp>
#include <cairn/detail/request.hpp>

#include "entities/built_in.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

/// The requests that the runtime itself sends, for what changes have yet to lead to.
namespace cairn::runtime {

/// What all of them do when they are answered.
template <class Request>
class agenda_request : public detail::request {
public:
  using callback = std::function<void(Request&)>;

  void complete() noexcept override { std::exchange(then_, nullptr)(static_cast<Request&>(*this)); }

protected:
  explicit agenda_request(callback then) : then_(std::move(then)) { begins = true; }

private:
  callback then_;
};

/// A timer is due: its entity executes the command, when the timer is still pending for that time, and the change
/// notes that it has fired.
class fire_request final : public agenda_request<fire_request> {
public:
  /// `give_up` not empty: the command's code throws this; the change is to note that and nothing else.
  fire_request(std::string timer, std::int64_t at_us, std::string give_up, callback then)
      : agenda_request(std::move(then)),
        reason(std::move(give_up)),
        timer_(std::move(timer)),
        at_us_(at_us),
        gave_up_(!reason.empty()) {
    what = verb::fire;
  }

  const std::string& timer() const noexcept { return timer_; }
  std::int64_t at_us() const noexcept { return at_us_; }
  bool gave_up() const noexcept { return gave_up_; }

  /// The time at which it comes to its entity, where it is `pending`. One that repeats is set again, in the change that
  /// notes that it has fired, for the next of its times behind `now`.
  void arrive(const detail::pending_timer& pending, time_point now);

  /// It is not set again.
  void end_here() noexcept { again_.reset(); }

  /// Tells `decide` about it.
  void tell(context& ctx) const noexcept { ctx.set_due(timer_, due(), now_, missed_); }

  const void* arguments() const noexcept override { return made.get(); }
  void begin(execution& done) override;
  std::string_view cause_name() const noexcept override { return name; }

  any_pointer made{nullptr, [](void* /*none*/) {}}; ///< The command.
  std::string name;                                 ///< Of the command.
  std::string reason;                               ///< Why it is not accepted; empty: it may be.

private:
  time_point due() const noexcept { return time_point(std::chrono::microseconds(at_us_)); }

  std::string timer_;
  std::int64_t at_us_;
  bool gave_up_;
  time_point now_{};
  std::uint64_t missed_ = 0;
  std::optional<detail::pending_timer> again_;
};

/// A message arrives at its receiver.
class delivery_request final : public agenda_request<delivery_request> {
public:
  delivery_request(message_place sent, std::uint32_t hop, const command_type& what_comes,
                   any_pointer arguments, callback then)
      : agenda_request(std::move(then)), sent_(sent), hop_(hop), made_(std::move(arguments)) {
    command = &what_comes;
  }

  const void* arguments() const noexcept override { return made_.get(); }
  void begin(execution& done) override;

private:
  message_place sent_;
  std::uint32_t hop_;
  any_pointer made_;
};

/// A message comes back to its sender, who decides on it, or has it put on the list.
class undelivered_request final : public agenda_request<undelivered_request> {
public:
  undelivered_request(message_place sent, std::uint32_t hop, undelivered message, bool may_decide,
                      callback then)
      : agenda_request(std::move(then)),
        sent_(sent),
        hop_(hop),
        message_(std::move(message)),
        handled(may_decide) {
    what = verb::undelivered;
  }

  const void* arguments() const noexcept override { return &message_; }
  void begin(execution& done) override;
  std::string_view cause_name() const noexcept override { return undelivered_command; }

private:
  message_place sent_;
  std::uint32_t hop_;
  undelivered message_;

public:
  bool handled; ///< The sender's code may decide on it.
};

/// A message from the list is sent again.
class resend_request final : public agenda_request<resend_request> {
public:
  resend_request(position_type returned, undelivered message, callback then)
      : agenda_request(std::move(then)), returned_(returned), message_(std::move(message)) {
    what = verb::resend;
  }

  void begin(execution& done) override;
  std::string_view cause_name() const noexcept override { return resend_command; }

private:
  position_type returned_;
  undelivered message_;
};

} // namespace cairn::runtime
