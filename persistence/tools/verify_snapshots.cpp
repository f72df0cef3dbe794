#include "persistence/tools/verify_snapshots.hpp"

#include <cairn/json.hpp>

#include "entities/bytes.hpp"
#include "persistence/replay/recovery.hpp"

namespace cairn::persistence {

namespace {

status bad_snapshot(const snapshot& at, const std::string& what) {
  return {journal_errc::damaged, "damaged: the snapshot of " + std::string(at.entity) +
                                     " at version " + std::to_string(at.version) + " " + what};
}

/// What is wrong with the command ids that a snapshot remembers; empty: nothing.
/// Source: docs/journal-format.md, "Body of a snapshot".
std::string ids_problem(const snapshot_content& content, const snapshot& at) {
  constexpr unsigned char first_format_with_flags = 2;
  constexpr unsigned char first_format_with_past = 5;
  const std::uint64_t flags_max = content.format >= first_format_with_past ? 3 : 1;
  byte_reader in(content.ids);
  version_type last = 0;
  for (std::uint64_t left = in.varint(); left > 0 && in.good(); --left) {
    const auto id = in.bytes();
    in.take(sizeof(content_hash));
    const version_type version = in.varint();
    const position_type position = in.varint() - 1; // no_position: it was in flight
    const auto reply = in.bytes();
    const std::uint64_t flags = content.format >= first_format_with_flags ? in.varint() : 0;
    if (!in.good()) break;
    if (flags > flags_max) return "remembers a command with flags " + std::to_string(flags);
    if (id.empty() || !json::is_utf8(id)) return "remembers a command id that is none";
    if (version <= last || version > at.version) {
      return "remembers a command of version " + std::to_string(version) +
             " after one of version " + std::to_string(last);
    }
    if (position != no_position && position > at.position)
      return "remembers a command at position " + std::to_string(position) + ", which is later";
    boost::json::value parsed;
    json::problem wrong;
    if (!reply.empty() && !json::parse(reply, parsed, wrong))
      return "remembers a reply that is not JSON: " + wrong.text();
    last = version;
  }
  const std::uint64_t past = content.format >= first_format_with_past ? in.varint() : 0;
  for (std::uint64_t left = past; left > 1 && in.good(); --left) {
    in.take(sizeof(content_hash));
    const version_type version = in.varint();
    if (in.good() && (version == 0 || version > at.version))
      return "remembers a command of long ago of version " + std::to_string(version);
  }
  return in.good() && in.at_end() ? "" : "holds command ids that do not decode";
}

status check_content(const snapshot& checked, bool removed) {
  snapshot_content content;
  if (auto failure = decode_snapshot(checked.body, content); !failure.ok()) {
    auto named = bad_snapshot(checked, failure.message);
    named.error = failure.error;
    return named;
  }
  if (content.removed != removed) {
    return bad_snapshot(checked, content.removed
                                     ? "is of a removed entity, its change removes nothing"
                                     : "is of a live entity, its change removes it");
  }
  boost::json::value parsed;
  json::problem wrong;
  if (!json::parse(content.state_json, parsed, wrong))
    return bad_snapshot(checked, "has a state that is not JSON: " + wrong.text());
  for (const auto& [name, version] : content.aspects) {
    if (name.empty() || version > checked.version) {
      return bad_snapshot(checked, "has the aspect " + std::string(name) + " at version " +
                                       std::to_string(version) + ", which is later");
    }
  }
  if (auto problem = ids_problem(content, checked); !problem.empty())
    return bad_snapshot(checked, problem);
  return {};
}

/// The change that the snapshot names must be the one that made its version.
status check_snapshot(const journal& source, const snapshot& checked) {
  bool found = false;
  bool removed = false;
  position_type position = no_position;
  auto read =
      source.read(checked.entity, checked.version, checked.version, [&](const record& made) {
        found = true;
        removed = made.removes;
        position = made.position;
        return false;
      });
  if (!read.ok()) return read;
  if (!found) return bad_snapshot(checked, "is of a version that the log does not have");
  if (position != checked.position) {
    return bad_snapshot(checked, "names position " + std::to_string(checked.position) +
                                     ", the log has that version at position " +
                                     std::to_string(position));
  }
  return checked.body.empty() ? status{} : check_content(checked, removed);
}

} // namespace

status verify_snapshots(const journal& checked, verify_report& report) {
  status failure;
  auto read = checked.scan_snapshots([&](const snapshot& next) {
    const bool newer = next.position >= report.changes && next.position < checked.end().next;
    if (newer) return true;
    failure = check_snapshot(checked, next);
    if (!failure.ok()) return false;
    ++report.snapshots;
    report.states += next.body.empty() ? 0 : 1;
    return true;
  });
  return failure.ok() ? std::move(read) : std::move(failure);
}

} // namespace cairn::persistence
