#include <cairn/detail/entity_type.hpp>

#include "persistence/rocksdb/heads.hpp"
#include "persistence/rocksdb/rows.hpp"
#include "persistence/store/journal_types.hpp"

namespace cairn::persistence {

/// Every entity ever written has a head, removed ones too: in a row, in memory, or both.
status rocksdb_heads::types(std::set<std::string, std::less<>>& found) const {
  std::unique_ptr<::rocksdb::Iterator> stored;
  {
    // Under one lock, since a checkpoint must not move heads from memory to the rows meanwhile.
    const std::scoped_lock lock(mutex_);
    stored.reset(database_.rows().NewIterator({}, database_.heads()));
    for (const auto* table : {active_.get(), frozen_.get()}) {
      for (const auto* entry : table->entries()) {
        if (const auto name = type_of(entry->entity);
            entry->committed.version != 0 && !found.contains(name))
          found.emplace(name);
      }
    }
  }
  stored->SeekToFirst();
  if (stored->Valid() && view(stored->key()) == checkpoint_key) stored->Next();
  while (stored->Valid()) {
    const std::string key(view(stored->key()));
    found.emplace(type_of(key));
    stored->Seek(behind_type(key));
  }
  const auto result = stored->status();
  return result.ok() ? status{} : unreadable(result, "the heads");
}

} // namespace cairn::persistence
