#pragma once

#include <cairn/detail/effects.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// The events that Cairn itself journals. Source: docs/journal-format.md, section "Built-in events".
namespace cairn {

struct built_in_event {
  enum class kind : std::uint8_t {
    scheduled, ///< timer, at, command, arguments, every, was
    cancelled, ///< timer, was
    fired,     ///< timer, was; reason when the command was not accepted
    emitted,   ///< to, command, arguments, hop
    delivered, ///< of
    returned,  ///< of, to, command, arguments, hop, reason, handled
    resent,    ///< of: where the message was returned
  };

  kind what = kind::scheduled;
  std::string timer;
  std::int64_t at_us = 0;
  std::int64_t every_us = 0; ///< 0: it comes once.
  std::optional<std::int64_t> was_us;
  std::string to;
  std::string command;
  std::string arguments = "{}";
  std::uint32_t hop = 1;
  message_place of;
  std::string reason;
  bool handled = false;
};

/// The arguments of a `$returned` that had no room for them: they are in the change that sent the message.
inline constexpr std::string_view no_arguments = "null";

inline constexpr std::string_view scheduled_event = "$scheduled";
inline constexpr std::string_view cancelled_event = "$cancelled";
inline constexpr std::string_view fired_event = "$fired";
inline constexpr std::string_view emitted_event = "$emitted";
inline constexpr std::string_view delivered_event = "$delivered";
inline constexpr std::string_view returned_event = "$returned";
inline constexpr std::string_view resent_event = "$resent";

/// The commands that Cairn itself sends, as the causes of changes name them.
inline constexpr std::string_view undelivered_command = "$undelivered";
inline constexpr std::string_view resend_command = "$resend";

/// Is it one of the runtime's own names?
inline bool is_built_in(std::string_view event) noexcept {
  return !event.empty() && event.front() == '$';
}

/// Events that the agenda is kept by: all built-in ones but `$removed`.
bool concerns_agenda(std::string_view event) noexcept;

/// Name of the event.
std::string_view name_of(const built_in_event& event) noexcept;

/// Appends its data as JSON. False: a text is not UTF-8, and `wrong` names it.
bool encode_built_in(std::string& out, const built_in_event& event, json::problem& wrong);

/// Reads what `encode_built_in` wrote.
bool decode_built_in(std::string_view name, std::string_view data, built_in_event& event,
                     json::problem& wrong);

} // namespace cairn
