#pragma once

#include <cairn/journal.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <utility>

namespace cairn::testing {

/// Another journal, with the work counted that reading it takes, and its appends seen.
class watched_journal final : public journal {
public:
  struct counts {
    std::atomic<std::size_t> scanned{0}; ///< Changes visited by scans.
    std::atomic<std::size_t> scans{0};
    std::atomic<std::size_t> reads{0}; ///< Of one entity's changes.
    std::function<void(const append_batch&)> on_append{};
  };

  watched_journal(std::unique_ptr<journal> inside, counts& seen)
      : inside_(std::move(inside)), seen_(seen) {}

  /// Opens what `source` opens, watched. `seen` outlives it.
  static journal_source watch(journal_source source, counts& seen) {
    return [source = std::move(source), &seen] {
      return std::make_unique<watched_journal>(source(), seen);
    };
  }

  void append(append_batch& batch, append_callback done) override {
    if (seen_.on_append) seen_.on_append(batch);
    inside_->append(batch, std::move(done));
  }
  status find_head(std::string_view entity, head& found) const override {
    return inside_->find_head(entity, found);
  }
  status read(std::string_view entity, version_type from, version_type to,
              const record_visitor& visit) const override {
    ++seen_.reads;
    return inside_->read(entity, from, to, visit);
  }
  status scan(position_type from, const record_visitor& visit) const override {
    ++seen_.scans;
    return inside_->scan(from, [&](const record& next) {
      ++seen_.scanned;
      return visit(next);
    });
  }
  status heads(std::string_view type, std::string_view after, std::size_t limit, bool with_removed,
               std::vector<listed_head>& found) const override {
    return inside_->heads(type, after, limit, with_removed, found);
  }
  status find_snapshot(std::string_view entity, version_type at_most,
                       std::optional<stored_snapshot>& found) const override {
    return inside_->find_snapshot(entity, at_most, found);
  }
  status scan_snapshots(const snapshot_visitor& visit) const override {
    return inside_->scan_snapshots(visit);
  }
  status agenda(std::string_view from, std::string_view to,
                const key_visitor& visit) const override {
    return inside_->agenda(from, to, visit);
  }
  tail end() const override { return inside_->end(); }
  status sync() override { return inside_->sync(); }
  status checkpoint() override { return inside_->checkpoint(); }
  status close() override { return inside_->close(); }

private:
  std::unique_ptr<journal> inside_;
  counts& seen_;
};

} // namespace cairn::testing
