#pragma once

#include <cairn/compare.hpp>

#include "compare/plan/strategy.hpp"
#include "compare/real/clients.hpp"
#include "compare/real/venue.hpp"

#include <cstdint>
#include <functional>
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

/// Used by the whole process so far, in seconds.
double process_cpu_s();

/// Lets the clients go on for so long. False: it was interrupted or a client failed.
bool pass(double seconds, const clients& running, const settings& how);

/// What happens while the clients run, after they have warmed up. False: it did not come to its end.
using course = std::function<bool(clients&, const venue&)>;

/// Runs clients on a fresh journal, and replays that.
/// After:  how many updates were lost; nothing: it was interrupted, or `problem` says what is wrong.
std::optional<std::int64_t> conduct(const run_request& asked, const settings& how,
                                    const course& through, std::string& problem);

/// One repetition, measured.
/// After:  nothing: it was interrupted, or `problem` says what is wrong.
std::optional<figures> run_once(const run_request& asked, const settings& how,
                                std::string& problem);

/// Can the subject be protected like this on a real world?
bool applies(const strategy& one, const subject& on, const workload& load);

} // namespace cairn::compare
