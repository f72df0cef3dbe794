#pragma once

#include <cairn/detail/entity_type.hpp>
#include <cairn/detail/journal.hpp>

#include "entities/live_entity.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

namespace cairn::persistence {

/// One of many entities that are wanted. Its key lives until it was given.
struct wanted_entity {
  const entity_type* type = nullptr;
  std::string_view key;
};

/// An entity as it came back.
struct recovered_entity {
  std::unique_ptr<live_entity> entity; ///< Null: it failed.
  status failure;
  version_type snapshot = 0; ///< The version of the snapshot that helped; 0: none.
};

/// Rebuilds many entities at their newest versions. Where their changes lie close, the journal is read once for all of
/// them, each part decoded once; those whose changes lie scattered are read one by one. What one of them throws, or a
/// damage that it meets, is its own failure.
/// After:  `give(index, …)` was called once for each, in any order, as soon as it was done.
/// Thread: any; `give` runs on it.
void recover_entities(const journal& source, const std::vector<wanted_entity>& wanted,
                      const std::function<void(std::size_t, recovered_entity)>& give);

} // namespace cairn::persistence
