#pragma once

#include <cairn/detail/agenda.hpp>
#include <cairn/detail/journal.hpp>
#include <cairn/detail/request.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace cairn::runtime {

/// What those who do what changes lead to need of their world.
/// Thread: any.
class agenda_host {
public:
  virtual ~agenda_host() = default;

  /// Sends a request of the runtime's own. It is not refused for the requests in flight, of which there is a bound
  /// anyway, but for a full mailbox or directory, and when the world closes.
  virtual void submit_own(const detail::entity_address& to, detail::request_ptr sent) = 0;

  virtual const cairn::journal& journal() const noexcept = 0;

  /// Timers or messages that are due could not be read, and are read again until they can be. Told once until then.
  virtual void agenda_unreadable(const status& why) noexcept = 0;

  /// What only the last guard of the agenda's thread saw.
  virtual void agenda_threw(const std::string& thrown) noexcept = 0;

  /// Something has been set aside. Told once of each.
  virtual void agenda_stuck(const stuck_item& what) noexcept = 0;

  /// Something has been done, or there is something to do.
  virtual void wake_agenda() noexcept = 0;
};

/// What an answer means to the runtime that asked.
enum class agenda_verdict : std::uint8_t {
  done,
  refused, ///< The entity, or its type, will not have it.
  threw,   ///< The entity's code threw; its state is as before.
  later,   ///< Overloaded, or lost with its activation.
  leased,  ///< Not before the lease has ended.
  stuck,   ///< The entity could not be loaded.
  stopped, ///< Nothing can be written any more: what is pending goes on when the journal is opened again.
};

agenda_verdict judge_answer(const detail::request& answered) noexcept;

/// How long to wait before the next attempt, of which there were so many.
std::chrono::milliseconds agenda_pause(unsigned attempts) noexcept;

/// The same for what is stuck: growing to minutes.
std::chrono::milliseconds stuck_pause(unsigned attempts) noexcept;

/// Requests of one kind that are on their way at once.
inline constexpr std::size_t agenda_outstanding_max = 1'024;

} // namespace cairn::runtime
