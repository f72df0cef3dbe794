#pragma once

#include <cairn/detail/cause.hpp>
#include <cairn/detail/types.hpp>

#include <boost/unordered/unordered_flat_map.hpp>

#include <atomic>
#include <cstring>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

namespace cairn {

/// The first answer to a command id.
struct remembered_command {
  /// How much of it is here; the rest is in its change, in the journal.
  enum class known : std::uint8_t {
    all,
    but_for_reply,
    version_alone, ///< `content` is the asking command's, and may be another.
  };

  std::string id;
  content_hash content{};
  version_type version = 0;
  /// Of the change; `no_position` until it is durable. The only part that another thread writes.
  std::atomic<position_type> position{no_position};
  std::string reply; ///< JSON; empty: it had none.
  bool merged = false;
  known what = known::all;
};

/// Tells two ids apart where only that is kept of them.
content_hash hash_id(std::string_view id) noexcept;

/// Knows the accepted commands of an entity's last changes by their ids; `for_ever`, of all changes, of which it keeps
/// the older ones as a hash and a version. Replies take `reply_bytes_max` at most: the oldest ones are left to the
/// journal.
/// Thread: the entity's own, but for `remembered_command::position`.
class id_window {
public:
  /// Of an entity; its changes have the other replies.
  static constexpr std::size_t reply_bytes_max = 256U << 10U;

  /// Bytes in a snapshot for an id of long ago, about.
  static constexpr std::size_t past_id_bytes = sizeof(content_hash) + 4;

  explicit id_window(std::uint32_t changes_max) noexcept;

  /// Null when the id is not known (any more).
  std::shared_ptr<remembered_command> find(std::string_view id) const;

  /// Remembers a command whose version is above all others'.
  void remember(std::shared_ptr<remembered_command> command);

  /// Takes back the last `remember`.
  void forget_newest() noexcept;

  /// Forgets what fell out of the window when the entity reached `version`.
  void expire(version_type version);

  /// Says where the change that made `version` is in the journal.
  void place(version_type version, position_type position) noexcept;

  /// Visits the known commands of the window, oldest first.
  template <class Visitor>
  void for_each(Visitor&& visit) const {
    if (window_) {
      for (const auto& known : window_->commands) {
        visit(*known.command);
      }
    }
  }

  std::size_t size() const noexcept { return window_ ? window_->commands.size() : 0; }

  // Of a window that never forgets:

  bool never_forgets() const noexcept { return past_ != nullptr; }

  /// An id of before the window, as a snapshot has it.
  void remember_past(const content_hash& id, version_type version) { (*past_)[id] = version; }

  std::size_t past_size() const noexcept { return past_ ? past_->size() : 0; }

  /// So many times as rarely a snapshot is worth taking: what it says of ids of long ago it would say again each time.
  std::uint32_t snapshot_stretch() const noexcept;

  /// Visits the ids of before the window, in no order.
  template <class Visitor>
  void for_each_past(Visitor&& visit) const {
    if (past_) {
      for (const auto& [id, version] : *past_) {
        visit(id, version);
      }
    }
  }

private:
  struct known_command {
    std::size_t hash; // of the id: a look-up touches only this, but for the one it wants
    std::shared_ptr<remembered_command> command;
  };

  struct first_bytes { // of a hash
    std::size_t operator()(const content_hash& id) const noexcept {
      std::size_t hash = 0;
      std::memcpy(&hash, id.data(), sizeof(hash));
      return hash;
    }
  };
  struct same_hash { // the key is one
    using is_avalanching = void;
    std::size_t operator()(std::size_t hash) const noexcept { return hash; }
  };

  using id_index = boost::unordered_flat_map<std::size_t, const known_command*, same_hash>;
  using past_ids = boost::unordered_flat_map<content_hash, version_type, first_bytes>;

  /// The commands of the window.
  struct window {
    std::deque<known_command> commands; // by version, oldest first
    std::unique_ptr<id_index> index;    // by hash, the newest one of each; null: there are few
    std::size_t reply_bytes = 0;
    std::size_t without_reply = 0; // so many, the oldest, have none (any more)

    const known_command* look_up(std::size_t hash, std::string_view id) const noexcept;
    void enter(const known_command& known);
    void forget_front() noexcept;
    void leave_old_replies_to_the_journal() noexcept;
  };

  std::unique_ptr<window> window_; // most entities need none
  std::unique_ptr<past_ids> past_; // null: what falls out of the window is forgotten
  std::uint32_t changes_max_;
};

} // namespace cairn
