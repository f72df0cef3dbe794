#pragma once

#include <cairn/compare.hpp>

#include "compare/strategy.hpp"

#include <optional>
#include <string>

namespace cairn::compare {

/// One repetition of one real cell.
struct run_request {
  const subject* on = nullptr;
  const strategy* follow = nullptr;
  workload load;
  bool own_entities = false; ///< The n-th client works on the n-th entity alone.
};

/// Runs it on a fresh journal, and replays that.
/// After:  nothing: it was interrupted, or `problem` says what is wrong.
std::optional<figures> run_once(const run_request& asked, const settings& how,
                                std::string& problem);

/// Can the subject be protected like this on a real world?
bool applies(const strategy& one, const subject& on, const workload& load);

} // namespace cairn::compare
