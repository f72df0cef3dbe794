#include "persistence/rocksdb/heads.hpp"
#include "persistence/rocksdb/rows.hpp"

#include <algorithm>
#include <array>

/// How heads are listed: beside the commits, not before them.
namespace cairn::persistence {

namespace {

// Look-ups under the lock that commits need: some microseconds.
constexpr std::size_t looked_up_at_once = 64;

/// New entities of one table, a few at a time.
class fresh_heads {
public:
  fresh_heads(std::shared_ptr<const ordered_table> table, std::string_view prefix,
              std::string_view after)
      : table_(std::move(table)), prefix_(prefix), after_(after) {
    fill();
  }

  /// The next one; empty: there is none.
  std::string_view next() const noexcept {
    return at_ < keys_.size() ? keys_[at_] : std::string_view{};
  }

  void drop() {
    after_ = keys_[at_];
    if (++at_ == keys_.size() && at_ == looked_up_at_once) fill();
  }

  const head_table& table() const noexcept { return *table_; }

private:
  void fill() {
    table_->order.find(prefix_, after_, looked_up_at_once, keys_);
    at_ = 0;
  }

  std::shared_ptr<const ordered_table> table_; // holds the texts
  std::string_view prefix_;
  std::string_view after_;
  std::vector<std::string_view> keys_;
  std::size_t at_ = 0;
};

} // namespace

/// Merges rows and new entities, in byte order. What is committed when it is made is in the tables that it keeps
/// or in the rows that it sees, since it looks at the rows later: heads move from the former to the latter.
class rocksdb_heads::listing {
public:
  listing(const rocksdb_heads& of, const table_pointer& active, const table_pointer& frozen,
          std::string_view prefix, const std::string& after)
      : prefix_(prefix), fresh_{fresh_heads(active, prefix, after), {frozen, prefix, after}} {
    rows_.reset(of.database_.rows().NewIterator({}, of.database_.heads()));
    end_ = of.end().next;
    rows_->Seek(after);
    if (rows_->Valid() && view(rows_->key()) == after) rows_->Next();
  }

  /// Up to `count` more, each with what its row says. Errors: damaged.
  status take(std::size_t count, std::vector<listed_head>& found) {
    found.clear();
    while (found.size() < count) {
      const auto key = first();
      if (key.empty()) break;
      auto& next = found.emplace_back();
      next.entity = key;
      if (auto failure = pass(next); !failure.ok()) return failure;
    }
    return {};
  }

  ::rocksdb::Status state() const { return rows_->status(); }
  const head_table& active() const noexcept { return fresh_[0].table(); }
  const head_table& frozen() const noexcept { return fresh_[1].table(); }

private:
  std::string_view row_key() const {
    const auto key = rows_->Valid() ? view(rows_->key()) : std::string_view{};
    return key.starts_with(prefix_) ? key : std::string_view{};
  }

  /// The entity that comes first; empty: there is none.
  std::string_view first() const {
    auto lowest = row_key();
    for (const auto& table : fresh_) {
      if (const auto key = table.next(); lowest.empty() || (!key.empty() && key < lowest))
        lowest = key;
    }
    return lowest;
  }

  /// Goes on behind `next`, wherever it is.
  status pass(listed_head& next) {
    for (auto& table : fresh_)
      if (table.next() == next.entity) table.drop();
    if (row_key() != next.entity) return {};
    auto result = decode_head_row(next.entity, view(rows_->value()), next.head);
    if (result.ok()) result = check_head(next.entity, next.head, end_);
    rows_->Next();
    return result;
  }

  std::string_view prefix_;
  std::array<fresh_heads, 2> fresh_;
  std::unique_ptr<::rocksdb::Iterator> rows_;
  position_type end_ = 0;
};

void rocksdb_heads::look_up(const head_table& active, const head_table& frozen,
                            std::vector<listed_head>& rows) const {
  std::array<std::uint64_t, looked_up_at_once> hashes{};
  for (std::size_t i = 0; i < rows.size(); ++i) hashes[i] = head_table::hash(rows[i].entity);
  const std::scoped_lock lock(mutex_);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto* entry = active.find(rows[i].entity, hashes[i]);
    if (entry == nullptr) entry = frozen.find(rows[i].entity, hashes[i]);
    if (entry != nullptr) rows[i].head = entry->committed;
  }
}

status rocksdb_heads::list(std::string_view type, std::string_view after, std::size_t limit,
                           bool with_removed, std::vector<listed_head>& found) const {
  found.clear();
  const auto prefix = std::string(type) + '/';
  table_pointer active;
  table_pointer frozen;
  {
    const std::scoped_lock lock(mutex_);
    active = active_;
    frozen = frozen_;
  }
  std::uint64_t visited =
      active->order.catch_up(*active, mutex_) + frozen->order.catch_up(*frozen, mutex_);
  listing rows(*this, active, frozen, prefix, prefix + std::string(after));
  std::vector<listed_head> some;
  while (found.size() < limit) {
    if (auto failure = rows.take(std::min(looked_up_at_once, limit - found.size()), some);
        !failure.ok())
      return failure;
    if (some.empty()) break;
    visited += some.size();
    look_up(rows.active(), rows.frozen(), some);
    for (auto& next : some) {
      if (next.head.version != 0 && (with_removed || !next.head.removed))
        found.push_back(std::move(next));
    }
  }
  visited_.fetch_add(visited, std::memory_order_relaxed);
  const auto result = rows.state();
  return result.ok() ? status{} : unreadable(result, "the heads of " + std::string(type));
}

} // namespace cairn::persistence
