#pragma once

#include <string>
#include <string_view>

namespace cairn::persistence {

/// The least key behind all entities of the type of `entity`: keys of one type lie together.
std::string behind_type(std::string_view entity);

} // namespace cairn::persistence
