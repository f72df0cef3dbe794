#pragma once

#include <cairn/cairn.hpp>

#include "tests/support/rascal.hpp"

#include <functional>
#include <ostream>
#include <string_view>
#include <vector>

/// Every kind of users' code that a world calls, each with a check of what becomes of what it throws: its own request
/// fails and says so, others go on, the entity is there again as it was, and the world closes (invariant 12).
namespace cairn::testing {

/// Makes the world that is looked at: with actors or without.
using world_maker = std::function<world(world_options)>;

struct user_code_row {
  std::string_view name;
  void (*check)(const world_maker& make, const sample::thrown_kind& thrown);

  friend std::ostream& operator<<(std::ostream& out, const user_code_row& row) {
    return out << row.name;
  }
};

/// The rows of the table; its columns are `sample::thrown_kinds()`.
const std::vector<user_code_row>& user_code_rows();

} // namespace cairn::testing
