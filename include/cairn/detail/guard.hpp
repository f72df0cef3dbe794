#pragma once

#include <cstddef>
#include <string>
#include <type_traits>
#include <utility>

/// What stands between users' code, which may throw anything, and those that must go on.
namespace cairn::detail {

/// More of what was thrown is cut off: it goes into replies, logs and, with a message that comes back, the journal.
inline constexpr std::size_t thrown_bytes_max = 1'024;

/// What is being handled, in words: `what()` of a `std::exception`, the value of a text or number, else that it is
/// something else.
/// Shape:  1..thrown_bytes_max bytes of UTF-8.
/// Thread: any, inside a `catch` block only.
std::string text_of_thrown() noexcept;

/// Runs `call`, which leads into users' code. Whatever that throws ends here, and so does what is thrown when that is
/// let go; `threw(std::string)`, which itself must not throw, gets it in words. Costs nothing while nothing is thrown.
/// True: it came back.
template <class Call, class Threw>
bool guard(Call&& call, Threw&& threw) noexcept {
  try {
    try {
      std::forward<Call>(call)();
      return true;
    } catch (...) {
      std::forward<Threw>(threw)(text_of_thrown());
    }
  } catch (...) { // from the destructor of what was thrown
  }
  return false;
}

/// Users' things are let go wherever the last one happens to hold them, where nobody could be told.
template <class T>
struct checked_destructor {
  static_assert(std::is_nothrow_destructible_v<T>,
                "the destructor of a state, command, event, reply or callback must not throw: take "
                "noexcept(false) from it, and from the members that it got that from");
  static constexpr bool value = true;
};

} // namespace cairn::detail
