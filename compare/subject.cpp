#include <cairn/compare.hpp>

#include <memory>
#include <string>
#include <utility>

namespace cairn::compare::detail {

reply to_reply(const conflict& met) {
  if (met.kind == conflict_kind::leased) {
    reply busy;
    busy.what = reply::kind::busy;
    return busy;
  }
  if (met.kind != conflict_kind::stale) {
    return failed_reply("conflict: " + std::string(to_string(met.kind)));
  }
  reply told;
  told.what = reply::kind::conflict;
  told.version = met.actual;
  if (met.details) told.state = met.details->state;
  return told;
}

reply to_reply(const lease_outcome& ended, reply::kind done) {
  reply told;
  if (const auto* lease = ended.leased()) {
    told.what = done;
    told.lease = lease->token;
  } else if (ended.conflict() != nullptr) {
    told.what = reply::kind::busy;
  } else {
    told.problem = ended.failed()->message;
  }
  return told;
}

} // namespace cairn::compare::detail
