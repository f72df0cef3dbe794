#pragma once

#include <cstdint>
#include <string>
#include <vector>

/// How a process ends in whose static a world is, or behind whose global pointer.
struct exit_way {
  enum class place : std::uint8_t { in_static, behind_pointer };
  enum class ends : std::uint8_t {
    returns,        ///< From `main`.
    exits,          ///< `exit` on the main thread.
    exits_beside,   ///< `exit` on another one.
    exits_inside,   ///< `exit` in a callback, on a thread of the world's.
    exits_quickly,  ///< `quick_exit`
    exits_in_child, ///< `exit` in a child of `fork`, and then on the main thread.
  };

  place where = place::in_static;
  ends how = ends::exits;
  bool busy = true; ///< Commands, reads, messages of its own and a subscription are under way.
};

/// Every way there is.
std::vector<exit_way> exit_ways();

/// As the arguments of a child, and for people.
std::string name_of(const exit_way& way);

/// The exit status of `run_exit_child`.
constexpr int exit_child_status = 7;

/// Opens a world on `directory`, and ends as `way` says once some hundred commands are accepted. Writes a byte to
/// `output` right before, if it is to be known when that was.
int run_exit_child(const std::string& directory, const std::string& way, int output);
