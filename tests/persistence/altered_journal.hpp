#pragma once

#include <cairn/detail/journal.hpp>

#include <functional>

namespace cairn::testing {

/// Shows another journal with something changed: damage that no store would let in or out.
class altered_journal final : public journal {
public:
  explicit altered_journal(const journal& source) : source_(source) {}

  std::function<bool(record&)> change;      ///< False: leaves the change out.
  std::function<bool(snapshot&)> snapshots; ///< False: leaves the snapshot out.
  std::function<void(std::string_view, head&)> heads_found;
  std::vector<listed_head> more_heads;
  position_type more_changes = 0; ///< That it says to have.

  void append(append_batch& /*batch*/, append_callback /*done*/) override {}
  status find_head(std::string_view entity, head& found) const override {
    auto result = source_.find_head(entity, found);
    if (heads_found) heads_found(entity, found);
    return result;
  }
  status read(std::string_view entity, version_type from, version_type to,
              const record_visitor& visit) const override {
    return source_.read(entity, from, to, altered(visit));
  }
  status scan(position_type from, const record_visitor& visit) const override {
    return source_.scan(from, altered(visit));
  }
  status heads(std::string_view type, std::string_view after, std::size_t limit, bool with_removed,
               std::vector<listed_head>& found) const override {
    auto result = source_.heads(type, after, limit, with_removed, found);
    if (after.empty()) found.insert(found.begin(), more_heads.begin(), more_heads.end());
    return result;
  }
  status find_snapshot(std::string_view entity, version_type at_most,
                       std::optional<stored_snapshot>& found) const override {
    return source_.find_snapshot(entity, at_most, found);
  }
  status scan_snapshots(const snapshot_visitor& visit) const override {
    return source_.scan_snapshots([&](const snapshot& next) {
      auto shown = next;
      return snapshots && !snapshots(shown) ? true : visit(shown);
    });
  }
  std::function<bool(std::string_view)> agenda_kept; ///< False: leaves the key out.
  std::string agenda_added;                          ///< Shown in front of the others.
  status agenda(std::string_view from, std::string_view to,
                const key_visitor& visit) const override {
    if (!agenda_added.empty() && !visit(agenda_added)) return {};
    return source_.agenda(from, to, [&](std::string_view key) {
      return agenda_kept && !agenda_kept(key) ? true : visit(key);
    });
  }
  tail end() const override {
    auto end = source_.end();
    end.next += more_changes;
    return end;
  }
  status sync() override { return {}; }
  status checkpoint() override { return {}; }
  status close() override { return {}; }

private:
  record_visitor altered(const record_visitor& visit) const {
    return [this, &visit](const record& next) {
      auto shown = next;
      return change && !change(shown) ? true : visit(shown);
    };
  }

  const journal& source_;
};

} // namespace cairn::testing
