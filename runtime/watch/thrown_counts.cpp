#include "runtime/watch/thrown_counts.hpp"

#include "runtime/watch/world_log.hpp"

namespace cairn::runtime {

namespace {

/// Names of events are stable: docs/operate.md lists them.
std::string_view event_of(user_code code) noexcept {
  switch (code) {
    case user_code::callback:
      return "callback_threw";
    case user_code::tick:
      return "tick_threw";
    case user_code::clock:
      return "clock_threw";
    default:
      return "code_threw";
  }
}

} // namespace

std::string_view to_string(user_code code) noexcept {
  switch (code) {
    case user_code::entity:
      return "entity";
    case user_code::callback:
      return "callback";
    case user_code::subscriber:
      return "subscriber";
    case user_code::tick:
      return "tick";
    case user_code::clock:
      return "clock";
    case user_code::log_sink:
      return "log_sink";
    case user_code::unknown:
      break;
  }
  return "unknown";
}

std::uint64_t thrown_counts::of(user_code code) const noexcept {
  return code == user_code::log_sink
             ? log_.sink_threw()
             : counts_[static_cast<std::size_t>(code)].load(std::memory_order_relaxed);
}

void thrown_counts::tell(user_code code, std::string_view entity, std::string_view text) noexcept {
  count(code);
  log_.write(log_level::error, event_of(code), {{"entity", entity}, {"message", text}});
}

} // namespace cairn::runtime
