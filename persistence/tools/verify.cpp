#include <cairn/detail/change.hpp>
#include <cairn/detail/entity_type.hpp>
#include <cairn/detail/tools/verify.hpp>
#include <cairn/json.hpp>

#include "persistence/agenda/rows.hpp"
#include "persistence/format/change_body.hpp"
#include "persistence/tools/change_order.hpp"
#include "persistence/tools/verify_snapshots.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <set>

namespace cairn {

namespace {

using persistence::contradiction;

constexpr position_type progress_changes = 1 << 16;
constexpr std::size_t heads_verified_at_once = 1000;

status damaged_at(const record& at, const contradiction& wrong) {
  return {journal_errc::damaged, "damaged at position " + std::to_string(at.position) + " (" +
                                     std::string(at.entity) + " version " +
                                     std::to_string(at.version) +
                                     "): " + std::string(wrong.member) + ": " + wrong.reason};
}

std::optional<contradiction> check_payload(std::string_view payload, std::string_view member) {
  boost::json::value parsed;
  json::problem wrong;
  if (json::parse(payload, parsed, wrong)) return std::nullopt;
  return contradiction{member, wrong.text()};
}

std::optional<contradiction> check_payloads(const change& checked, std::uint64_t& bytes) {
  for (const auto& event : checked.events) {
    if (auto wrong = check_payload(event.data, "data")) {
      wrong->reason = "event " + event.name + ": " + wrong->reason;
      return wrong;
    }
    bytes += event.data.size();
  }
  for (const auto& [payload, member] : {std::pair(&checked.cause.reply, "reply"),
                                        std::pair(&checked.cause.arguments, "arguments")}) {
    if (!*payload) continue;
    if (auto wrong = check_payload(**payload, member)) return wrong;
    bytes += (*payload)->size();
  }
  return std::nullopt;
}

/// Finds a view without making a string of it.
struct text_hash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const noexcept {
    return std::hash<std::string_view>{}(text);
  }
};

/// Reads the log once and remembers where each entity ends.
class log_check {
public:
  log_check(const journal& checked, verify_report& report) : journal_(checked), report_(report) {}

  status run(const std::function<void(position_type)>& progress) {
    const position_type end = journal_.end().next;
    status failure;
    auto read = journal_.scan(0, [&](const record& next) {
      if (next.position >= end) return false; // came after the check began
      failure = check(next);
      if (progress && report_.changes % progress_changes == 0) progress(report_.changes);
      return failure.ok();
    });
    if (!failure.ok() || !read.ok()) return failure.ok() ? std::move(read) : std::move(failure);
    if (report_.changes != end) {
      return {journal_errc::damaged, "damaged at position " + std::to_string(report_.changes) +
                                         ": the journal ends there, but says that it has " +
                                         std::to_string(end) + " changes"};
    }
    if (order_.unit_left() != 0) {
      return {journal_errc::damaged,
              "damaged at position " + std::to_string(end) + ": the journal ends inside a unit"};
    }
    if (auto wrong = check_heads(end); !wrong.ok()) return wrong;
    return check_agenda(end);
  }

private:
  status check(const record& next) {
    if (auto failure = decode_change(next, change_); !failure.ok()) return failure;
    if (const auto wrong = persistence::check_texts(change_)) return damaged_at(next, *wrong);
    auto known = heads_.find(next.entity);
    if (known == heads_.end()) known = heads_.emplace(next.entity, head{}).first;
    auto& before = known->second;
    if (const auto wrong = order_.follow(change_, before)) return damaged_at(next, *wrong);
    if (const auto wrong = check_payloads(change_, report_.payload_bytes))
      return damaged_at(next, *wrong);
    if (next.version == 1) types_.emplace(type_of(next.entity));
    report_.entities += next.version == 1 ? 1 : 0;
    report_.removed += next.removes ? 1 : 0;
    report_.removed -= before.removed ? 1 : 0;
    report_.units += next.unit_index == 0 ? 1 : 0;
    report_.events += change_.events.size();
    if (auto failure = follow_agenda(next); !failure.ok()) return failure;
    before = {next.version, next.position, next.removes};
    ++report_.changes;
    return {};
  }

  status follow_agenda(const record& next) {
    if (next.agenda != persistence::concerns_agenda(change_)) {
      return {journal_errc::damaged, "damaged: " + persistence::place_of(next) +
                                         ": its flag for the agenda disagrees with its events"};
    }
    if (!next.agenda) return {};
    return persistence::edit_agenda(next, [&](bool in, const std::string& key) {
      if (in) {
        agenda_.insert(key);
      } else {
        agenda_.erase(key);
      }
    });
  }

  /// What the changes lead to must be what the store has kept. Of a journal that goes on meanwhile it cannot be told.
  status check_agenda(position_type end) const {
    auto expected = agenda_.begin();
    bool same = true;
    auto read = journal_.agenda("", persistence::timers_end_key(), [&](std::string_view key) {
      if (!persistence::is_agenda_key(key)) return true;
      same = expected != agenda_.end() && *expected == key;
      if (same) ++expected;
      return same;
    });
    if (!read.ok() || journal_.end().next != end || (same && expected == agenda_.end()))
      return read;
    return {journal_errc::damaged,
            "damaged: the agenda is not what the changes lead to; first difference at " +
                (expected == agenda_.end() ? "its end" : persistence::describe_agenda(*expected))};
  }

  /// Heads beyond `end` are of changes that came after the check began.
  status check_heads(position_type end) const {
    for (const auto& [entity, read] : heads_) {
      head stored;
      if (auto failure = journal_.find_head(entity, stored); !failure.ok()) return failure;
      const bool newer = stored.version > read.version && stored.position >= end;
      if (newer || (stored.version == read.version && stored.position == read.position &&
                    stored.removed == read.removed))
        continue;
      return {journal_errc::damaged,
              "damaged: the head of " + entity + " is version " + std::to_string(stored.version) +
                  " at position " + std::to_string(stored.position) + ", the log has version " +
                  std::to_string(read.version) + " at position " + std::to_string(read.position)};
    }
    for (const auto& type : types_)
      if (auto failure = check_list(type, end); !failure.ok()) return failure;
    return {};
  }

  /// A head of an entity that the log does not have at all.
  status check_list(const std::string& type, position_type end) const {
    std::vector<listed_head> page;
    std::string after;
    do {
      if (auto failure = journal_.heads(type, after, heads_verified_at_once, true, page);
          !failure.ok())
        return failure;
      for (const auto& row : page) {
        if (!heads_.contains(row.entity) && row.head.position < end) {
          return {journal_errc::damaged,
                  "damaged: there is a head of " + row.entity + ", but no change of it in the log"};
        }
      }
      if (!page.empty()) after = id_of(page.back().entity);
    } while (!page.empty());
    return {};
  }

  const journal& journal_;
  verify_report& report_;
  change change_;
  persistence::change_order order_;
  boost::unordered_flat_map<std::string, head, text_hash, std::equal_to<>> heads_;
  std::set<std::string> types_;
  std::set<std::string, std::less<>> agenda_;
};

} // namespace

status verify_journal(const journal& checked, verify_report& report,
                      const std::function<void(position_type)>& progress) {
  report = {};
  log_check log(checked, report);
  if (auto failure = log.run(progress); !failure.ok()) return failure;
  if (progress) progress(report.changes);
  return persistence::verify_snapshots(checked, report);
}

} // namespace cairn
