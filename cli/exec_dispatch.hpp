#pragma once

#include "cli/commands.hpp"
#include "cli/exec_background.hpp"
#include "cli/exec_replies.hpp"

#include <string>
#include <string_view>

namespace cairn {
class world;
}

namespace cairn::cli {

struct exec_request;

/// Starts lines: each leads to exactly one reply in the box, at once or from a thread of the world.
/// Thread: one at a time; lines to one entity start in the order of the calls.
class exec_dispatch {
public:
  exec_dispatch(world& target, const session& known, reply_box& replies)
      : world_(target), known_(known), replies_(replies) {}

  void start(std::string_view line);

  /// The reply to a line beyond `line_bytes_max`, of which only the `ref` is known.
  void refuse_long(std::string_view reference);

private:
  void invalid(std::string_view reference, const json::problem& wrong);
  void send(exec_request& asked, const std::string& reference);
  void read(const exec_request& asked, std::string reference);
  void history(const exec_request& asked, std::string reference);
  void list(const exec_request& asked, std::string_view reference);
  void lease(exec_request& asked, std::string reference);
  void transact(exec_request& asked, std::string reference);
  void read_all(const exec_request& asked, std::string reference);
  void update_all(exec_request& asked, std::string reference);

  world& world_;
  const session& known_;
  reply_box& replies_;
  background_jobs updates_;
};

} // namespace cairn::cli
