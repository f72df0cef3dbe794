#include <cairn/detail/tools/transfer.hpp>
#include <cairn/world.hpp>

#include "runtime/agenda/tick_group.hpp"
#include "runtime/subscriptions/subscription_pump.hpp"
#include "runtime/world/core.hpp"
#include "runtime/world/live_worlds.hpp"

#include <utility>

namespace cairn {

namespace {

/// More would hold the journal's iterator for too long; there are pages.
constexpr std::size_t list_limit_max = 10'000;

} // namespace

namespace detail {

void submit(runtime::world_core& world, const entity_address& to, request_ptr sent) {
  world.submit(to, std::move(sent));
}

failed failure_of(const answer& given) { return {given.error, given.fate, given.text}; }

conflict conflict_of(const request& asked) {
  return {asked.slot->key(), asked.answer.conflict, asked.expected, asked.answer.version,
          asked.answer.details};
}

lease_outcome lease_outcome_of(request& asked) {
  switch (asked.answer.what) {
    case answer::kind::leased:
      return leased{std::move(asked.answer.text), asked.answer.details->until};
    case answer::kind::conflict:
      return conflict_of(asked);
    default:
      return failure_of(asked.answer);
  }
}

} // namespace detail

world::world(world_options options)
    : world(std::make_unique<runtime::world_core>(std::move(options),
                                                  &runtime::make_actor_runtime)) {}

world::world(std::unique_ptr<runtime::world_core> core) noexcept : core_(core.release()) {}

world::~world() { runtime::live_worlds::end(core_); }

world::world(world&& other) noexcept : core_(std::exchange(other.core_, nullptr)) {}

world& world::operator=(world&& other) noexcept {
  if (this != &other) {
    runtime::live_worlds::end(std::exchange(core_, std::exchange(other.core_, nullptr)));
  }
  return *this;
}

void world::host(const entity_type& type) { core_->host(type); }

std::vector<const entity_type*> world::types() const { return core_->types(); }

status world::list(std::string_view type, std::string_view after, std::size_t limit,
                   listing& found) const {
  found = {};
  if (limit == 0 || limit > list_limit_max) {
    return {std::make_error_code(std::errc::invalid_argument),
            "a listing has from 1 to " + std::to_string(list_limit_max) + " entities, not " +
                std::to_string(limit)};
  }
  std::vector<listed_head> heads;
  if (auto listed = core_->journal().heads(type, after, limit + 1, false, heads); !listed.ok()) {
    return listed;
  }
  found.more = heads.size() > limit;
  for (std::size_t i = 0; i < heads.size() && i < limit; ++i) {
    found.entities.push_back({std::move(heads[i].entity), heads[i].head.version});
  }
  return {};
}

status world::preload(const entity_type& type, const preload_progress& progress) {
  if (auto refused = detail::may_wait("world::preload"); !refused.ok()) {
    return refused;
  }
  return core_->preload(type, progress);
}

namespace {

world::resumable_handler without_token(world::change_handler on_change) {
  return [on_change = std::move(on_change)](const change& committed, const resume_token& /*next*/) {
    on_change(committed);
  };
}

} // namespace

subscription world::subscribe(position_type from, change_handler on_change) {
  return core_->subscribe(from, without_token(std::move(on_change)));
}

subscription world::subscribe(position_type from, resumable_handler on_change) {
  return core_->subscribe(from, std::move(on_change));
}

subscription world::subscribe(const resume_token& from, change_handler on_change) {
  return core_->subscribe(from, without_token(std::move(on_change)));
}

subscription world::subscribe(const resume_token& from, resumable_handler on_change) {
  return core_->subscribe(from, std::move(on_change));
}

const cairn::journal& world::journal() const noexcept { return core_->journal(); }

status world::backup(const std::filesystem::path& directory) const {
  if (auto refused = detail::may_wait("world::backup"); !refused.ok()) {
    return refused;
  }
  return backup_directory(core_->journal(), directory);
}

void world::settle() {
  detail::require_may_wait("world::settle");
  core_->agenda().settle();
}

status world::step(std::chrono::microseconds by) { return core_->step(by); }

status world::list_undelivered(std::optional<position_type> after, std::size_t limit,
                               std::vector<undelivered_message>& found) const {
  return cairn::list_undelivered(core_->journal(), after, limit, found);
}

status world::list_stuck(std::size_t limit, std::vector<stuck_item>& found) const {
  found.clear();
  core_->agenda().list_stuck(limit, found);
  return {};
}

status world::resend(position_type position) { return core_->resend(position); }

ticker world::start_ticks(std::size_t entities, tick_options options, detail::tick_sender send) {
  return ticker(core_->start_ticks(entities, options, std::move(send)));
}

world_counts world::counts() const { return core_->counts(); }

std::string world::metrics() const { return core_->metrics(); }

std::optional<std::uint16_t> world::metrics_port() const noexcept { return core_->metrics_port(); }

status world::close() { return core_->close(); }

ticker::ticker() noexcept = default;
ticker::ticker(std::shared_ptr<runtime::tick_group> group) noexcept : group_(std::move(group)) {}
ticker::ticker(ticker&&) noexcept = default;

ticker& ticker::operator=(ticker&& other) noexcept {
  if (this != &other) {
    stop();
    group_ = std::move(other.group_);
  }
  return *this;
}

ticker::~ticker() { stop(); }

tick_counts ticker::counts() const { return group_ ? group_->counts() : tick_counts{}; }

status ticker::state() const { return group_ ? group_->state() : status{}; }

void ticker::stop() noexcept {
  if (group_) {
    group_->stop();
  }
}

subscription::subscription() noexcept = default;
subscription::subscription(std::shared_ptr<runtime::subscription_pump> pump) noexcept
    : pump_(std::move(pump)) {}
subscription::subscription(subscription&&) noexcept = default;

subscription& subscription::operator=(subscription&& other) noexcept {
  if (this != &other) {
    stop();
    pump_ = std::move(other.pump_);
  }
  return *this;
}

subscription::~subscription() { stop(); }

position_type subscription::next() const noexcept { return pump_ ? pump_->next() : 0; }

resume_token subscription::token() const noexcept {
  return pump_ ? pump_->token() : resume_token{};
}

status subscription::state() const { return pump_ ? pump_->state() : status{}; }

void subscription::stop() noexcept {
  if (pump_) {
    pump_->stop();
  }
}

} // namespace cairn
