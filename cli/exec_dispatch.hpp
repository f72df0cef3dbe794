#pragma once

#include "cli/commands.hpp"
#include "cli/exec_background.hpp"
#include "cli/exec_replies.hpp"

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace cairn {
class world;
}

namespace cairn::cli {

struct exec_request;

/// Starts lines: each leads to exactly one reply in the box, at once or from a thread of the world.
/// Entities of lines about several, while these have not ended. A transaction goes from entity to entity, so what is
/// sent later to one of them may get there first.
/// Thread: any.
class busy_entities {
public:
  void enter(const std::vector<std::string>& keys);
  void leave(const std::vector<std::string>& keys);
  bool has(const exec_request& asked) const;

private:
  mutable std::mutex mutex_;
  std::map<std::string, std::size_t, std::less<>> lines_; // how many there are of each
};

/// Thread: one at a time; lines to one entity start in the order of the calls.
class exec_dispatch {
public:
  exec_dispatch(world& target, const session& known, reply_box& replies)
      : world_(target), known_(known), replies_(replies) {}

  /// False: nothing was done, since an earlier line about several entities, this line's among them, has not ended.
  /// It is to be tried again once there is another reply.
  bool start(std::string_view line);

  /// The reply to a line beyond `line_bytes_max`, of which only the `ref` is known.
  void refuse_long(std::string_view reference);

private:
  void run(exec_request& asked, std::string reference);
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
  busy_entities busy_;
  background_jobs updates_;
};

} // namespace cairn::cli
