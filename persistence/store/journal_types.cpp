#include "persistence/store/journal_types.hpp"

#include <cairn/detail/entity_type.hpp>
#include <cairn/detail/journal.hpp>

#include <set>

namespace cairn {

namespace persistence {

std::string behind_type(std::string_view entity) {
  const auto type = type_of(entity);
  if (type.size() == entity.size() || type.empty()) return std::string(entity) + '\0';
  return std::string(type) + static_cast<char>('/' + 1);
}

} // namespace persistence

/// For stores that have no shorter way: an entity's first change is the only one of version 1.
status journal::types(std::vector<std::string>& found) const {
  std::set<std::string, std::less<>> names;
  auto read = scan(0, [&](const record& next) {
    if (next.version == 1) names.emplace(type_of(next.entity));
    return true;
  });
  found.assign(names.begin(), names.end());
  return read;
}

} // namespace cairn
