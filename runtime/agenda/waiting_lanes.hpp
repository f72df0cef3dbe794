#pragma once

#include <cairn/detail/context.hpp>
#include <cairn/detail/effects.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

namespace cairn::runtime {

/// A message that waits, or what is known of it.
struct message_route {
  message_place place;
  std::string sender;
  std::string to;
};

/// Why messages cannot go on, and what they wait for.
struct obstacle {
  enum class kind : std::uint8_t {
    not_hosted, ///< Its type is not hosted. Waits for that.
    leased,     ///< Waits for the lease's end.
    stuck, ///< Cannot be read, or who is to take it cannot be loaded. Waits for somebody to mend it.
  };

  kind what = kind::stuck;
  std::string
      waits_for{}; ///< A type's name or an entity's key; empty: nothing that anybody tells of.
  std::string reason{};
  std::optional<time_point> until{}; ///< A lease's end.
};

/// Lanes of messages that wait without being in memory: those to a type, those to an entity, or those of a pair of
/// sender and receiver. A lane knows where its first message is in the journal's agenda, and what it waits for. Then
/// it is tried with one message, or is open: all that wait in it are read from the agenda again.
/// Thread: one at a time.
class waiting_lanes {
public:
  using steady = std::chrono::steady_clock;

  struct lane {
    enum class state : std::uint8_t {
      waiting,
      due,    ///< One message is to be tried.
      trying, ///< It is under way.
      open,   ///< Those at `from` or behind it are to be read again.
    };

    state at = state::waiting;
    obstacle why;
    message_route first; ///< For people; it may be gone once the lane is open.
    message_place from;  ///< None of the lane before it waits.
    unsigned attempts = 0;
    steady::time_point next; ///< Of the next attempt.
    std::int64_t since_us = 0;
    bool told = false; ///< That it is stuck.
  };

  static std::string pair_of(std::string_view sender, std::string_view to);

  bool empty() const noexcept { return lanes_.empty(); }
  const std::unordered_map<std::string, lane>& all() const noexcept { return lanes_; }

  /// The lane of this key; null: there is none.
  lane* find(const std::string& key);

  /// Is there a lane for a message? One that is not open takes note of it.
  bool has(const message_place& place, std::string_view sender, std::string_view to);

  /// Some lane for it, other than that of key `except`, is not open, and has taken note of it.
  bool holds(const message_place& place, std::string_view sender, std::string_view to,
             std::string_view except = {});

  /// A message is to wait in the lane of this key, which is tried again at `next` of the number of attempts before;
  /// the end of time: not before what it waits for has come, or its lease has ended.
  /// True: it is stuck, and nobody has been told.
  bool wait(const std::string& key, obstacle why, message_route first, std::int64_t now_us,
            const std::function<steady::time_point(unsigned)>& next);

  /// What lanes wait for has come: they are open. True: there were some.
  bool open_for(const std::string& what);

  /// The lane is open, and has messages at `from` or behind it.
  void open(const std::string& key, const message_place& from);

  /// Has lanes tried whose next attempt has come. When the next one of others is.
  std::optional<steady::time_point> make_due(steady::time_point now);

  /// The same for those whose lease has ended by the world's clock.
  void make_due(time_point now);

  /// The first end of a lease that anybody waits for.
  std::optional<time_point> next_lease_end();

  /// One that is to be tried, and now is.
  std::optional<std::string> take_due();

  /// Where the reading of open lanes is to begin; nothing: none is open.
  std::optional<message_place> first_open() const;

  /// Open lanes have got all of theirs from `from` up to, not including, `to`. `last`: there are no others.
  void passed(const message_place& from, const message_place& to, bool last);

  /// So many are there.
  std::size_t count(obstacle::kind what) const noexcept {
    return counts_[static_cast<std::size_t>(what)];
  }

  /// Some are to be tried, are being tried, or are open.
  bool is_restless() const noexcept { return restless_ > 0; }

private:
  struct two_lanes {
    bool any = false;
    bool closed = false;
  };

  two_lanes look(const message_place& place, std::string_view sender, std::string_view to,
                 std::string_view except);
  void set(lane& of, lane::state to) noexcept;
  void forget(const std::string& key);
  void no_longer_waits(const std::string& key, const lane& of);
  void make_due(const std::string& key, lane& of);
  bool is_waiting(const std::string& key, steady::time_point next);
  bool is_leased(const std::string& key, time_point until);

  std::unordered_map<std::string, lane> lanes_;
  std::unordered_map<std::string, std::set<std::string>> waiting_for_; // what, and lanes
  std::multimap<steady::time_point, std::string>
      attempts_; // lanes that have changed since are passed over
  std::multimap<time_point, std::string> lease_ends_; // the same
  std::set<std::string> open_;
  std::deque<std::string> due_;
  std::array<std::size_t, 3> counts_{};
  std::size_t restless_ = 0;
};

} // namespace cairn::runtime
