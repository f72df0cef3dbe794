#pragma once

#include <cairn/cairn.hpp>

#include <map>
#include <string>
#include <vector>

/// Is what the journal says what the program said?
namespace arena {

/// An entity at some time.
struct standing {
  cairn::version_type version = 0;
  std::string state_json;

  friend bool operator==(const standing&, const standing&) = default;
};

using standings = std::map<std::string, standing>; ///< By `type/id`.

/// Reads every entity as `world` serves it.
cairn::status read_all(cairn::world& world, standings& served);

/// Rebuilds every entity from the journal's first change to its last; snapshots are only compared with.
cairn::status replay_all(const cairn::journal& source, standings& replayed);

/// Names the entities in which the two differ, and how.
std::vector<std::string> differences(const standings& served, const standings& replayed);

/// The descriptors of all types of the arena.
std::vector<const cairn::entity_type*> entity_types();

} // namespace arena
