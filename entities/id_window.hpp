#pragma once

#include <cairn/cause.hpp>
#include <cairn/types.hpp>

#include <atomic>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

namespace cairn {

/// The first answer to a command id.
struct remembered_command {
  std::string id;
  content_hash content{};
  version_type version = 0;
  /// Of the change; `no_position` until it is durable. The only part that another thread writes.
  std::atomic<position_type> position{no_position};
  std::string reply; ///< JSON; empty: it had none.
  bool merged = false;
};

/// Knows the accepted commands of an entity's last changes by their ids.
/// Thread: the entity's own, but for `remembered_command::position`.
class id_window {
public:
  explicit id_window(std::uint32_t changes_max) noexcept : changes_max_(changes_max) {}

  /// Null when the id is not known (any more).
  std::shared_ptr<const remembered_command> find(std::string_view id) const noexcept;

  /// Remembers a command whose version is above all others'.
  void remember(std::shared_ptr<remembered_command> command);

  /// Takes back the last `remember`.
  void forget_newest() noexcept;

  /// Forgets what fell out of the window when the entity reached `version`.
  void expire(version_type version) noexcept;

  /// Says where the change that made `version` is in the journal.
  void place(version_type version, position_type position) noexcept;

  /// Visits the known commands, oldest first.
  template <class Visitor>
  void for_each(Visitor&& visit) const {
    if (commands_) {
      for (const auto& known : *commands_) {
        visit(*known.command);
      }
    }
  }

  std::size_t size() const noexcept { return commands_ ? commands_->size() : 0; }

private:
  struct known_command {
    std::size_t hash; // of the id: a look-up touches only this, but for the one it wants
    std::shared_ptr<remembered_command> command;
  };

  std::unique_ptr<std::deque<known_command>>
      commands_; // by version, oldest first; most entities need none
  std::uint32_t changes_max_;
};

} // namespace cairn
