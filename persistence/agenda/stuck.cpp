#include <cairn/detail/agenda.hpp>
#include <cairn/detail/change.hpp>
#include <cairn/detail/tools/replay.hpp>

#include "persistence/agenda/messages.hpp"
#include "persistence/agenda/rows.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace cairn {

namespace {

/// Read at once.
constexpr std::size_t rows_at_once = 4'096;

/// Goes through an agenda, page by page, for what is stuck.
class stuck_search {
public:
  stuck_search(const journal& source, const std::vector<const entity_type*>& types,
               std::size_t limit, std::vector<stuck_item>& found)
      : source_(source), types_(types), limit_(limit), found_(found) {}

  status run() {
    std::string from;
    for (bool more = true; more && !is_full();) {
      std::vector<std::string> keys;
      auto read = source_.agenda(from, persistence::timers_end_key(), [&](std::string_view key) {
        keys.emplace_back(key);
        return keys.size() < rows_at_once;
      });
      if (read.ok()) read = look_at(keys);
      if (!read.ok()) return read;
      more = keys.size() == rows_at_once;
      if (more) from = keys.back() + '\0';
    }
    return {};
  }

private:
  bool is_full() const noexcept { return found_.size() >= limit_; }

  status look_at(const std::vector<std::string>& keys) {
    std::vector<message_place> places;
    for (const auto& key : keys) {
      persistence::timer_row timer;
      message_place place;
      position_type returned = 0;
      undelivered_message message;
      if (persistence::decode_message_key(key, place)) {
        places.push_back(place);
      } else if (persistence::decode_timer_key(key, timer)) {
        if (auto read = load(timer.entity, key); !read.ok()) return read;
      } else if (persistence::decode_undelivered_key(key, returned)) {
        auto read = persistence::read_undelivered(source_, returned, message);
        if (!read.ok() && !persistence::is_damage(read.error)) return read;
        if (!read.ok()) add(key, {}, read.message);
      }
    }
    status loaded;
    auto read =
        persistence::read_messages(source_, places, [&](persistence::stored_message&& each) {
          const std::string key = persistence::message_key(each.place);
          if (!each.failure.ok()) {
            add(key, each.what.to, each.failure.message);
          } else {
            loaded = load(each.what.to, key);
          }
          return loaded.ok() && !is_full();
        });
    return read.ok() ? loaded : read;
  }

  /// Each entity once, and only where its type is known.
  status load(const std::string& entity, const std::string& key) {
    const auto* const type = find_type(entity);
    if (type == nullptr || is_full() || !seen_.insert(entity).second) return {};
    replay_request wanted;
    wanted.types = {type};
    wanted.entity = entity;
    replay_report report;
    auto replayed = replay_journal(source_, wanted, report);
    if (persistence::is_damage(replayed.error) || replayed.error == entity_errc::entity_error) {
      add(key, entity, replayed.message);
      return {};
    }
    // A receiver that never existed is made by the message, or refuses it.
    return replayed.error == journal_errc::no_such_version ? status{} : replayed;
  }

  const entity_type* find_type(std::string_view entity) const {
    const auto found = std::find_if(types_.begin(), types_.end(), [&](const entity_type* known) {
      return known->name == type_of(entity);
    });
    return found == types_.end() ? nullptr : *found;
  }

  void add(const std::string& key, const std::string& entity, const std::string& reason) {
    if (!is_full()) found_.push_back({persistence::describe_agenda(key), entity, reason});
  }

  const journal& source_;
  const std::vector<const entity_type*>& types_;
  std::size_t limit_;
  std::vector<stuck_item>& found_;
  std::set<std::string> seen_;
};

} // namespace

status list_stuck(const journal& source, const std::vector<const entity_type*>& types,
                  std::size_t limit, std::vector<stuck_item>& found) {
  found.clear();
  return stuck_search(source, types, limit, found).run();
}

} // namespace cairn
