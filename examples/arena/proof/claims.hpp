#pragma once

#include "proof.hpp"

#include <string>
#include <vector>

namespace arena {

/// One thing that a proof shows, or refutes.
struct claim {
  const char* name;
  bool holds;
  std::string words;
};

std::vector<claim> claims_of(const proof& shown);

} // namespace arena
