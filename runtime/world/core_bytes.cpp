#include "runtime/world/core.hpp"

#include <utility>

/// How a world counts the bytes of requests that come to its door.
namespace cairn::runtime {

namespace {

/// Says what is full.
bool no_room(status& wrong, std::string message) {
  wrong = {runtime_errc::overloaded, std::move(message)};
  return false;
}

/// What the options of a command own.
std::size_t bytes_of(const send_options& options) {
  std::size_t bytes = options.id.size() + options.lease.size();
  for (const auto& [name, value] : options.meta) {
    bytes += 2 * sizeof(std::string) + name.size() + value.size();
  }
  return bytes;
}

/// What a command owns; most types' own nothing, ever.
std::size_t bytes_of(const command_type* command, const void* arguments) {
  return command != nullptr && arguments != nullptr ? command->owned_bytes(arguments) : 0;
}

std::size_t bytes_of(const detail::transaction_plan& plan) {
  std::size_t bytes = bytes_of(plan.options);
  for (const auto& item : plan.items) {
    bytes += bytes_of(item.command, item.arguments.get()) + item.lease.size();
  }
  return bytes;
}

} // namespace

/// Counts what a large request holds. False: there is no room for it, and it has left its slot again.
bool world_core::fits(detail::request& sent, slot& slot, status& wrong) {
  const std::size_t bytes =
      bytes_of(sent.command, sent.arguments()) + (sent.options ? bytes_of(*sent.options) : 0);
  if (bytes < byte_budget::counted_from) {
    return true;
  }
  const std::size_t most = options_.limits.mailbox_bytes_max;
  if (!slot.try_take(bytes, most)) {
    no_room(wrong, "a request of " + std::to_string(bytes) +
                       " bytes does not fit beside those waiting at " + slot.key() +
                       ", which may have " + std::to_string(most) + " (limits::mailbox_bytes_max)");
    slot.leave();
    return false;
  }
  if (!try_take(bytes, wrong)) {
    slot.give_back(bytes);
    slot.leave();
    return false;
  }
  sent.counted_bytes = bytes;
  return true;
}

bool world_core::try_take(std::size_t bytes, status& wrong) {
  return bytes_.try_take(bytes) ||
         no_room(wrong, "a request of " + std::to_string(bytes) +
                            " bytes does not fit beside the " + std::to_string(bytes_.held()) +
                            " in flight, of " + std::to_string(bytes_.most()) +
                            " (limits::in_flight_bytes_max)");
}

std::size_t world_core::counted_bytes_of(const detail::transaction_plan& plan) {
  const std::size_t bytes = bytes_of(plan);
  return bytes >= byte_budget::counted_from ? bytes : 0;
}

} // namespace cairn::runtime
