#include <cairn/detail/entity_type.hpp>
#include <cairn/detail/journal.hpp>

#include "persistence/agenda/rows.hpp"
#include "persistence/format/chunk.hpp"
#include "persistence/store/head_table.hpp"
#include "persistence/store/journal_types.hpp"
#include "persistence/store/reader_gate.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <utility>

namespace cairn {

namespace {

/// Owns what the record's views show.
struct stored_change {
  explicit stored_change(const record& source)
      : entity(source.entity), body(source.body), change(source) {
    change.entity = entity;
    change.body = body;
    change.effects = nullptr; // its writer's, and soon gone
  }
  stored_change(const stored_change&) = delete;
  stored_change& operator=(const stored_change&) = delete;

  std::string entity;
  std::string body;
  record change;
};

class memory_store final : public journal {
public:
  void append(append_batch& batch, append_callback done) override { done(append_now(batch)); }

  status find_head(std::string_view entity, head& found) const override {
    const persistence::reader_gate::pass inside(gate_);
    if (!inside) return persistence::reader_gate::closed();
    const std::scoped_lock lock(mutex_);
    const auto* entry = heads_.find(entity, persistence::head_table::hash(entity));
    found = entry == nullptr ? head{} : entry->committed;
    return {};
  }

  status read(std::string_view entity, version_type from, version_type to,
              const record_visitor& visit) const override {
    const persistence::reader_gate::pass inside(gate_);
    if (!inside) return persistence::reader_gate::closed();
    std::vector<const record*> changes;
    {
      const std::scoped_lock lock(mutex_);
      const auto of_entity = positions_.find(entity);
      if (of_entity == positions_.end()) return {};
      const auto& positions = of_entity->second;
      to = std::min<version_type>(to, positions.size());
      for (auto version = std::max<version_type>(from, 1); version <= to; ++version)
        changes.push_back(&changes_[positions[version - 1]].change);
    }
    visit_all(changes, visit);
    return left();
  }

  status scan(position_type from, const record_visitor& visit) const override {
    const persistence::reader_gate::pass inside(gate_);
    if (!inside) return persistence::reader_gate::closed();
    const auto end = this->end().next;
    if (from < end) {
      const std::scoped_lock lock(mutex_);
      from -= changes_[from].change.unit_index;
    }
    std::vector<const record*> changes;
    while (from < end) {
      changes.clear();
      {
        const std::scoped_lock lock(mutex_);
        for (; from < end && changes.size() < scanned_at_once; ++from)
          changes.push_back(&changes_[from].change);
      }
      if (!visit_all(changes, visit)) return left();
    }
    return {};
  }

  status heads(std::string_view type, std::string_view after, std::size_t limit, bool with_removed,
               std::vector<listed_head>& found) const override {
    found.clear();
    const persistence::reader_gate::pass inside(gate_);
    if (!inside) return persistence::reader_gate::closed();
    const auto prefix = std::string(type) + '/';
    std::unique_lock lock(mutex_);
    auto next = positions_.upper_bound(prefix + std::string(after));
    for (std::size_t looks = 1;
         next != positions_.end() && next->first.starts_with(prefix) && found.size() < limit;
         ++next, ++looks) {
      const auto& at =
          heads_.find(next->first, persistence::head_table::hash(next->first))->committed;
      if (!at.removed || with_removed) found.push_back({next->first, at});
      if (looks % listed_at_once == 0) {
        lock.unlock(); // entities never go: `next` stays good
        lock.lock();
      }
    }
    return {};
  }

  status find_snapshot(std::string_view entity, version_type at_most,
                       std::optional<stored_snapshot>& found) const override {
    found.reset();
    const persistence::reader_gate::pass inside(gate_);
    if (!inside) return persistence::reader_gate::closed();
    const std::scoped_lock lock(mutex_);
    auto next = snapshots_.upper_bound({std::string(entity), at_most});
    while (next != snapshots_.begin()) {
      --next;
      if (next->first.first != entity) break;
      if (next->second.body.empty()) continue;
      found = next->second;
      break;
    }
    return {};
  }

  status scan_snapshots(const snapshot_visitor& visit) const override {
    const persistence::reader_gate::pass inside(gate_);
    if (!inside) return persistence::reader_gate::closed();
    std::vector<std::pair<snapshot_key, stored_snapshot>> some;
    std::unique_lock lock(mutex_);
    for (auto next = snapshots_.begin(); next != snapshots_.end();) {
      for (some.clear(); next != snapshots_.end() && some.size() < listed_at_once; ++next)
        some.emplace_back(next->first, next->second);
      lock.unlock(); // snapshots never go: `next` stays good
      for (const auto& [key, kept] : some) {
        if (gate_.is_closed() || !visit({key.first, key.second, kept.position, kept.body}))
          return left();
      }
      lock.lock();
    }
    return {};
  }

  status agenda(std::string_view from, std::string_view to,
                const key_visitor& visit) const override {
    const persistence::reader_gate::pass inside(gate_);
    if (!inside) return persistence::reader_gate::closed();
    std::vector<std::string> some;
    std::string next(from);
    do {
      some.clear();
      {
        const std::scoped_lock lock(mutex_);
        for (auto at = agenda_.lower_bound(next);
             at != agenda_.end() && *at < to && some.size() < scanned_at_once; ++at)
          some.push_back(*at);
      }
      const auto goes_on = [&](const std::string& key) { return !gate_.is_closed() && visit(key); };
      if (!std::all_of(some.begin(), some.end(), goes_on)) return left();
      if (!some.empty()) next = some.back() + '\0'; // the least key behind it
    } while (some.size() == scanned_at_once);
    return {};
  }

  tail end() const override {
    const std::scoped_lock lock(mutex_);
    return end_;
  }

  std::vector<lineage_part> lineages() const override { return {{lineage_, 0}}; }

  status types(std::vector<std::string>& found) const override {
    found.clear();
    const std::scoped_lock lock(mutex_);
    auto next = positions_.begin();
    while (next != positions_.end()) {
      found.emplace_back(type_of(next->first));
      next = positions_.lower_bound(persistence::behind_type(next->first));
    }
    std::sort(found.begin(), found.end()); // keys have `/` behind the name
    return {};
  }

  std::size_t change_bytes_max() const override { return rocksdb_options{}.change_bytes_max; }
  status sync() override { return {}; }
  status checkpoint() override { return {}; }
  status close() override { return gate_.is_closed() ? status{} : gate_.close(); }

private:
  using snapshot_key = std::pair<std::string, version_type>;

  // Few enough that an append never waits long for the lock.
  static constexpr std::size_t scanned_at_once = 1024;
  static constexpr std::size_t listed_at_once = 64; // each is a look-up, or a copy of a state

  /// What a reader says that has stopped early, because its visitor wanted it or the store closes.
  status left() const { return gate_.is_closed() ? persistence::reader_gate::closed() : status{}; }

  bool visit_all(const std::vector<const record*>& changes, const record_visitor& visit) const {
    return std::all_of(changes.begin(), changes.end(),
                       [&](const record* next) { return !gate_.is_closed() && visit(*next); });
  }

  append_result append_now(append_batch& batch) {
    if (gate_.is_closed()) return persistence::failed(persistence::reader_gate::closed());
    if (auto failure = persistence::check_sizes(batch, change_bytes_max()); !failure.ok())
      return persistence::failed(std::move(failure));
    const std::scoped_lock lock(mutex_);
    const auto source = [this](std::string_view entity, std::uint64_t hash, status&) {
      auto* entry = heads_.find(entity, hash);
      return entry != nullptr ? entry : heads_.insert(entity, hash, {});
    };
    if (auto failure = judge_.judge(batch, end_, source, heads_); !failure.ok())
      return persistence::failed(std::move(failure));
    append_result result;
    if (!judge_.fenced().empty()) {
      result.what = append_result::kind::fenced;
      result.fenced = judge_.fenced();
      return result;
    }
    if (auto failure = place_snapshots(batch, source); !failure.ok())
      return persistence::failed(std::move(failure));
    if (auto failure = edit(batch); !failure.ok()) return persistence::failed(std::move(failure));
    result.first = end_.next;
    keep(batch);
    return result;
  }

  status place_snapshots(append_batch& batch,
                         const persistence::batch_judge::entry_source& source) {
    for (auto& next : batch.snapshots) {
      status failure;
      const auto known = judge_.enter(next.entity, source, failure)->pending.version;
      if (next.version == 0 || next.version > known)
        return persistence::no_such_version(next, known);
      const auto stored = positions_.find(next.entity);
      if (stored != positions_.end() && next.version <= stored->second.size()) {
        next.position = stored->second[next.version - 1];
        continue;
      }
      for (const auto& change : batch.records) {
        if (change.entity == next.entity && change.version == next.version)
          next.position = change.position;
      }
    }
    return {};
  }

  /// Last, since nothing may fail once it is done.
  status edit(const append_batch& batch) {
    std::vector<std::pair<bool, std::string>> edits;
    for (const auto& next : batch.records) {
      if (!next.agenda) continue;
      auto failure = persistence::edit_agenda(
          next, [&](bool in, std::string key) { edits.emplace_back(in, std::move(key)); });
      if (!failure.ok()) return failure;
    }
    for (auto& [in, key] : edits) {
      if (in) {
        agenda_.insert(std::move(key));
      } else {
        agenda_.erase(key);
      }
    }
    return {};
  }

  void keep(const append_batch& batch) {
    for (const auto& next : batch.records) {
      changes_.emplace_back(next);
      positions_[std::string(next.entity)].push_back(next.position);
      end_ = {next.position + 1, next.time_us};
    }
    for (const auto& next : batch.snapshots) {
      snapshots_[{std::string(next.entity), next.version}] = {next.version, next.position,
                                                              std::string(next.body)};
    }
    judge_.commit();
  }

  persistence::reader_gate gate_;
  const lineage lineage_ = make_lineage();
  mutable std::mutex mutex_; // guards all below; a kept change never moves and never changes
  std::deque<stored_change> changes_;
  std::map<std::string, std::vector<position_type>, std::less<>> positions_;
  std::map<snapshot_key, stored_snapshot> snapshots_;
  std::set<std::string, std::less<>> agenda_;
  persistence::head_table heads_;
  persistence::batch_judge judge_;
  tail end_;
};

} // namespace

journal_source memory() {
  return [] { return std::make_unique<memory_store>(); };
}

} // namespace cairn
