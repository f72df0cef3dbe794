#include "persistence/rocksdb/chunks.hpp"

#include "persistence/rocksdb/rows.hpp"

namespace cairn::persistence {

namespace {

// With chunks of 16 KiB this is 1 MiB: an entity's changes since its last snapshot, unless they are
// many.
constexpr std::size_t kept_chunks_max = 64;

status missing(position_type position) {
  return damaged("damaged at position " + std::to_string(position) + ": the change is missing");
}

} // namespace

chunk_scan::chunk_scan(const rocksdb_database& database)
    : rows_(database.rows().NewIterator({}, database.changes())) {}

status chunk_scan::find(position_type position, position_type& first, std::string_view& bytes) {
  const position_key key(position);
  rows_->SeekForPrev(::rocksdb::Slice(key.text().data(), key.text().size()));
  if (!rows_->status().ok())
    return unreadable(rows_->status(), "position " + std::to_string(position));
  if (!rows_->Valid()) return missing(position);
  bytes = view(rows_->value());
  return decode_position_key(view(rows_->key()), first);
}

status chunk_scan::decode() {
  position_type first = 0;
  if (auto failure = decode_position_key(view(rows_->key()), first); !failure.ok()) return failure;
  return chunk_.decode(first, view(rows_->value()));
}

status chunk_scan::seek(position_type position) {
  position_type first = 0;
  std::string_view bytes;
  if (auto failure = find(position, first, bytes); !failure.ok()) return failure;
  if (auto failure = chunk_.decode(first, bytes); !failure.ok()) return failure;
  return chunk_.contains(position) ? status{} : missing(position);
}

status chunk_scan::next() {
  const auto expected = chunk_.end();
  rows_->Next();
  if (!rows_->status().ok())
    return unreadable(rows_->status(), "position " + std::to_string(expected));
  if (!rows_->Valid()) return missing(expected);
  if (auto failure = decode(); !failure.ok()) return failure;
  if (chunk_.first() == expected) return {};
  return damaged("damaged at position " + std::to_string(expected) +
                 ": the next chunk begins at position " + std::to_string(chunk_.first()));
}

status chunk_scan::seek_last(bool& found) {
  rows_->SeekToLast();
  if (!rows_->status().ok()) return unreadable(rows_->status(), "the last change");
  found = rows_->Valid();
  return found ? decode() : status{};
}

status chunk_cache::find(position_type position, const record*& found) {
  for (std::size_t i = 0; i < kept_.size(); ++i) {
    // The latest is the likeliest.
    const auto& next = kept_[(latest_ + i) % kept_.size()].changes;
    if (!next.contains(position)) continue;
    found = &next.at(position);
    return {};
  }
  position_type first = 0;
  std::string_view bytes;
  if (auto failure = scan_.find(position, first, bytes); !failure.ok()) return failure;
  // The oldest goes: of a walk back it is what the walk forth comes to last.
  if (kept_.size() < kept_chunks_max) kept_.emplace_back();
  latest_ = (latest_ + 1) % kept_.size();
  auto& kept = kept_[latest_];
  kept.bytes.assign(bytes);
  if (auto failure = kept.changes.decode(first, kept.bytes); !failure.ok()) return failure;
  if (!kept.changes.contains(position)) return missing(position);
  found = &kept.changes.at(position);
  return {};
}

status walk_back(chunk_cache& chunks, std::string_view entity, version_type at,
                 position_type position, version_type from,
                 const std::function<void(const record&)>& step) {
  for (auto version = at; version >= from; --version) {
    const record* next = nullptr;
    if (auto failure = chunks.find(position, next); !failure.ok()) return failure;
    if (next->entity != entity || next->version != version) {
      return damaged("damaged at position " + std::to_string(position) + ": expected version " +
                     std::to_string(version) + " of " + std::string(entity) + ", found version " +
                     std::to_string(next->version) + " of " + std::string(next->entity));
    }
    step(*next);
    position = next->previous;
  }
  return {};
}

} // namespace cairn::persistence
