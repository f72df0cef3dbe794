#include <cairn/compare_subject.hpp>

#include <memory>
#include <string>
#include <utility>

namespace cairn::compare::detail {

namespace {

/// A request for a lease that calls back; `entity_ref::lease` waits.
class posted_lease final : public cairn::detail::request {
public:
  explicit posted_lease(listener& to) : to_(&to) {}

  void complete() noexcept override {
    reply told;
    switch (answer.what) {
      case answer::kind::leased:
        told.what = what == verb::lease ? reply::kind::granted : reply::kind::released;
        told.lease = std::move(answer.text);
        break;
      case answer::kind::conflict:
        told.what = reply::kind::busy;
        break;
      default:
        told.problem = answer.text;
    }
    to_->answered(told);
  }

private:
  listener* to_;
};

} // namespace

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

void post_lease(cairn::detail::world_core& world, const cairn::detail::entity_address& address,
                std::chrono::milliseconds for_so_long, std::string release, listener& to) {
  cairn::detail::request_ptr asked(new posted_lease(to));
  asked->lease_for = for_so_long;
  asked->what = cairn::detail::request::verb::lease;
  if (!release.empty()) {
    asked->what = cairn::detail::request::verb::release;
    asked->options = std::make_unique<send_options>();
    asked->options->lease = std::move(release);
  }
  cairn::detail::submit(world, address, std::move(asked));
}

} // namespace cairn::compare::detail
