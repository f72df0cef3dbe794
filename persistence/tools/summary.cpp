#include <cairn/detail/entity_type.hpp>
#include <cairn/detail/tools/verify.hpp>

#include "persistence/rocksdb/rows.hpp"

namespace cairn {

namespace {

constexpr std::size_t heads_counted_at_once = 1000;

/// An entity's first change is the only one of version 1, so the log alone tells how many there
/// are; which of them are live, the heads tell.
status count_live(const journal& counted, const std::string& type, type_summary& summary) {
  std::uint64_t live = 0;
  std::vector<listed_head> page;
  std::string after;
  do {
    if (auto failure = counted.heads(type, after, heads_counted_at_once, false, page);
        !failure.ok())
      return failure;
    live += page.size();
    if (!page.empty()) after = id_of(page.back().entity);
  } while (!page.empty());
  // A live journal may have got more of them since its log was read.
  summary.live = std::min(live, summary.live);
  summary.removed -= summary.live;
  return {};
}

} // namespace

status summarize_journal(const journal& counted, journal_summary& summary) {
  summary = {};
  summary.format = persistence::format_text;
  summary.lineages = counted.lineages();
  auto read = counted.scan(0, [&](const record& next) {
    if (next.position == 0) summary.first_time_us = next.time_us;
    summary.last_time_us = next.time_us;
    summary.changes = next.position + 1;
    summary.body_bytes += next.body.size();
    if (next.version != 1) return true;
    auto& type = summary.types[std::string(type_of(next.entity))];
    ++type.live;
    ++type.removed; // until it is known which
    return true;
  });
  if (!read.ok()) return read;
  for (auto& [name, type] : summary.types)
    if (auto failure = count_live(counted, name, type); !failure.ok()) return failure;
  return counted.scan_snapshots([&](const snapshot& next) {
    summary.snapshots += next.body.empty() ? 0 : 1;
    summary.snapshot_bytes += next.body.size();
    return true;
  });
}

} // namespace cairn
