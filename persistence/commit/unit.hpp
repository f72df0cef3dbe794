#pragma once

#include <cairn/detail/request.hpp>

#include <memory>
#include <string>
#include <vector>

namespace cairn::persistence {

/// What a transaction does to one of its entities.
struct unit_part {
  boost::intrusive_ptr<entity_slot> slot;
  std::uint64_t activation = 0;
  version_type version = 0; ///< After the transaction.
  bool removes = false;
  bool changes = false;    ///< Else it only relies on the version.
  detail::body_bytes body; ///< Of its change.
  std::unique_ptr<std::string> snapshot;
  std::unique_ptr<detail::change_effects> effects;
  std::shared_ptr<remembered_command> remembered;
};

/// The entities of a transaction: their changes go to the journal as one unit, or nothing of them does.
struct unit_of_entities {
  std::vector<unit_part> parts;
  std::size_t changes = 0; ///< How many of the parts change something.
  std::size_t bytes = 0;   ///< Of their bodies.
  std::size_t snapshot_bytes = 0;
};

} // namespace cairn::persistence
