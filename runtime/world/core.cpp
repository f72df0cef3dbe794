#include "runtime/world/core.hpp"

#include <cairn/detail/future.hpp>
#include <cairn/detail/guard.hpp>

#include "entities/text.hpp"
#include "runtime/world/live_worlds.hpp"

#include <algorithm>
#include <chrono>
#include <future>
#include <random>
#include <utility>

namespace cairn::runtime {

namespace {

/// Idle time is measured in ticks of a coarse clock; this many make up `limits::idle_time`.
constexpr std::uint32_t idle_ticks = directory::ticks_max;

/// The clock is not moved more often than this, however short the idle time.
constexpr std::chrono::microseconds tick_min{100};

std::uint64_t random_seed() {
  std::random_device device;
  return (std::uint64_t{device()} << 32U) | device();
}

message_courier::bounds bounds_of(const limits& most) {
  message_courier::bounds messages;
  messages.hops_max = most.message_hops_max;
  messages.held_max = most.messages_held_max;
  messages.held_bytes_max = most.messages_held_bytes_max;
  return messages;
}

} // namespace

world_core::world_core(world_options options, const actor_runtime_factory& make_actors)
    : options_(std::move(options)),
      now_([this, time = options_.clock] {
        const auto now = time();
        if (time.has_thrown()) {
          tell_of_clock();
        }
        return now;
      }),
      log_(options_.log, now_) {
  if (options_.metrics_port) {
    port_ = std::make_unique<runtime::metrics_port>(metrics_, *options_.metrics_port);
    port_number_ = port_->number();
  }
  journal_ = options_.journal();
  open_refusal_log();
  set_rules();
  reader_ = std::make_unique<change_reader>(*journal_, committed_);
  loader_ = std::make_unique<loader>(
      *journal_, options_.loading_threads,
      [this](auto took) { metrics_.stages().count(stage::load, took); },
      [this](const std::string& thrown) {
        metrics_.thrown().tell(user_code::unknown, {}, thrown);
      });
  const auto finished = [](entity_host& host) {
    static_cast<world_core&>(host).request_finished();
  };
  actors_ =
      make_actors({this, finished, journal_.get(), commit_settings(), options_.entity_threads});
  directory_ = std::make_unique<directory>(
      directory::bounds{options_.limits.resident_max, options_.limits.mailbox_max},
      [this](std::string_view key, const entity_type& type) {
        auto made = actors_->spawn_entity(key, type);
        made->count_in(metrics_.counts_of(type));
        return made;
      });
  agenda_ = std::make_unique<runtime::agenda>(*this, options_.clock, bounds_of(options_.limits));
  add_numbers();
  log_opening();
  maintenance_ = std::thread([this] { maintain(); });
  live_worlds::add(*this); // last: its end at exit comes before that of all that it has used so far
}

void world_core::open_refusal_log() {
  const auto beside = journal_->side_directory();
  if (options_.refusal_bytes_max > 0 && !beside.empty()) {
    refusals_ = std::make_unique<persistence::refusal_log>(beside, options_.refusal_bytes_max,
                                                           options_.limits.refusals_waiting_max);
  }
}

/// What entities go by, and what they share.
void world_core::set_rules() {
  rules_.metrics = &metrics_;
  rules_.resting = &resting_;
  rules_.bytes = &bytes_;
  rules_.leases = &leases_;
  rules_.refusals = refusals_.get();
  rules_.checks = options_.check_versions ? version_checks::on : version_checks::off;
  rules_.seed = options_.seed != 0 ? options_.seed : random_seed();
  // An event's length takes four bytes in a change.
  rules_.change_bytes_max = std::min<std::size_t>(
      {options_.limits.change_bytes_max, journal_->change_bytes_max(), UINT32_MAX});
  rules_.unit_bytes_max = options_.limits.batch_bytes_max;
  rules_.missed_changes_max = options_.limits.missed_changes_max;
  rules_.missed_bytes_max = options_.limits.missed_bytes_max;
}

persistence::group_commit::settings world_core::commit_settings() {
  persistence::group_commit::settings settings;
  settings.batch_changes_max = std::max<std::size_t>(options_.limits.batch_changes_max, 1);
  settings.batch_bytes_max = options_.limits.batch_bytes_max;
  settings.clock = now_;
  settings.on_effects = [this](const std::string& entity, version_type version,
                               position_type position,
                               std::unique_ptr<detail::change_effects> effects) {
    agenda_->committed(entity, version, position, std::move(effects));
  };
  settings.watch = &metrics_;
  settings.on_stopped = [this](const status& why) { stop_writing(why); };
  settings.on_committed = [this](std::size_t changes, position_type /*next*/) {
    changes_.fetch_add(changes, std::memory_order_relaxed);
    batches_.fetch_add(1, std::memory_order_relaxed);
    metrics_.committed(changes);
    committed_->raise();
  };
  return settings;
}

void world_core::host(const entity_type& type) {
  if (type.is_retired()) {
    return; // nothing can be sent to it
  }
  if (closing_.load(std::memory_order_seq_cst)) {
    throw startup_error(runtime_errc::shutting_down, is_closing().message);
  }
  if (auto problem = names_problem(type); !problem.empty()) {
    throw startup_error(std::make_error_code(std::errc::invalid_argument), problem);
  }
  // What is due for one type is under way while the next is hosted.
  const bool added = types_.change([&](std::vector<const entity_type*>& types) {
    const auto at = std::lower_bound(
        types.begin(), types.end(), &type,
        [](const entity_type* a, const entity_type* b) { return a->name < b->name; });
    if (at != types.end() && (*at)->name == type.name) {
      if (*at != &type) {
        throw startup_error(entity_errc::unknown_type,
                            "another entity type named \"" + type.name + "\" is hosted already");
      }
      return false;
    }
    metrics_.host(type); // before anything of the type can be counted
    types.insert(at, &type);
    return true;
  });
  if (added) {
    agenda_->host(type);
    live_worlds::hosted();
  }
}

void world_core::request_finished() noexcept {
  if (in_flight_.fetch_sub(1, std::memory_order_seq_cst) == 1 &&
      closing_.load(std::memory_order_seq_cst)) {
    const std::lock_guard lock(mutex_);
    changed_.notify_all();
  }
}

void world_core::read_later(std::function<void()> job) {
  in_flight_.fetch_add(1, std::memory_order_seq_cst);
  loader_->run([this, job = std::move(job)] {
    detail::guard(job, [this](const std::string& thrown) {
      metrics_.thrown().tell(user_code::callback, {}, thrown);
    });
    request_finished();
  });
}

void world_core::load(slot_ptr slot, std::uint64_t activation) {
  activations_.fetch_add(1, std::memory_order_relaxed);
  if (activation > 1) { // the first one of its actor was lost, or the entity's code broke it
    rebuilds_.fetch_add(1, std::memory_order_relaxed);
    log_.write(log_level::warning, "rebuilt", {{"entity", slot->key()}});
  }
  loader_->load(std::move(slot), activation);
}

const entity_type* world_core::find_type(std::string_view entity) const {
  const auto& types = types_.get();
  const auto found = std::find_if(types.begin(), types.end(), [&](const entity_type* hosted) {
    return hosted->name == type_of(entity);
  });
  return found == types.end() ? nullptr : *found;
}

status world_core::step(std::chrono::microseconds by) {
  if (auto refused = detail::may_wait("world::step"); !refused.ok()) {
    return refused;
  }
  auto went = agenda_->step(by);
  return went.ok() && closing_.load(std::memory_order_seq_cst) ? is_closing() : went;
}

status world_core::resend(position_type position) {
  if (auto refused = detail::may_wait("world::resend"); !refused.ok()) {
    return refused;
  }
  const std::lock_guard lock(resend_mutex_);
  std::vector<undelivered_message> found;
  const auto after = position == 0 ? std::nullopt : std::optional(position - 1);
  if (auto read = list_undelivered(*journal_, after, 1, found); !read.ok()) {
    return read;
  }
  if (found.empty() || found.front().position != position) {
    return {std::make_error_code(std::errc::invalid_argument),
            "no message that came back waits at position " + std::to_string(position)};
  }
  const auto& sender = found.front().sender;
  const entity_type* const type = find_type(sender);
  if (type == nullptr) {
    return {entity_errc::unknown_type, "the world does not host the type of " + sender};
  }
  std::promise<status> resent;
  submit_own({sender, *type},
             new resend_request(position, found.front().message, [&](resend_request& done) {
               const auto& given = done.answer;
               resent.set_value(given.what == answer::kind::failed ? status{given.error, given.text}
                                                                   : status{});
             }));
  return resent.get_future().get();
}

std::shared_ptr<tick_group> world_core::start_ticks(std::size_t entities, tick_options options,
                                                    detail::tick_sender send) {
  if (options.every.count() <= 0 || options.in_flight_max == 0) {
    throw startup_error(std::make_error_code(std::errc::invalid_argument),
                        "ticks come every 1 us or more, with 1 command in flight or more");
  }
  auto group = std::make_shared<tick_group>(
      entities, options, options_.clock, std::move(send), [this] { agenda_->wake(); },
      [this](const std::string& thrown) { metrics_.thrown().tell(user_code::tick, {}, thrown); });
  if (closing_.load(std::memory_order_seq_cst)) {
    group->refuse(is_closing());
    return group;
  }
  agenda_->add(group);
  return group;
}

status world_core::stopped() const {
  if (!has_stopped_.load(std::memory_order_acquire)) {
    return {};
  }
  const std::lock_guard lock(mutex_);
  return stopped_;
}

void world_core::stop_writing(const status& why) {
  const std::lock_guard lock(mutex_);
  if (stopped_.ok()) {
    stopped_ = {journal_errc::store_failed,
                "the journal has stopped and must be closed and opened again: " + why.message};
  }
  has_stopped_.store(true, std::memory_order_release);
  metrics_.stopped();
  log_.write(log_level::error, "stopped", {{"message", stopped_.message}});
}

/// It goes on with the last time that it told.
void world_core::tell_of_clock() noexcept {
  if (!told_of_clock_.exchange(true)) {
    metrics_.thrown().tell(user_code::clock, {}, options_.clock.thrown());
  }
}

void world_core::agenda_threw(const std::string& thrown) noexcept {
  metrics_.thrown().tell(user_code::unknown, {}, thrown);
}

void world_core::agenda_unreadable(const status& why) noexcept {
  log_.write(log_level::error, "agenda_unreadable", {{"message", why.message}});
}

void world_core::agenda_stuck(const stuck_item& what) noexcept {
  log_.write(log_level::error, "stuck",
             {{"entity", what.entity}, {"what", what.what}, {"message", what.reason}});
}

subscription world_core::subscribe(position_type from, world::resumable_handler on_change) {
  return start_subscription({from, {}}, true, std::move(on_change));
}

subscription world_core::subscribe(const resume_token& from, world::resumable_handler on_change) {
  return start_subscription(from, false, std::move(on_change));
}

/// Tokens that it gives are of the journal's own lineage, whatever it goes on from.
subscription world_core::start_subscription(const resume_token& from, bool whole_unit,
                                            world::resumable_handler on_change) {
  const std::lock_guard lock(
      pumps_mutex_); // from here on `close` waits for the new one, or it is refused
  const auto parts = journal_->lineages();
  const resume_token start{from.position, parts.empty() ? lineage{} : parts.back().lineage};
  auto refused =
      closing_.load(std::memory_order_seq_cst)
          ? is_closing()
          : (whole_unit ? check_resume(*journal_, from.position) : check_resume(*journal_, from));
  if (!refused.ok()) {
    return subscription(subscription_pump::refused(start, std::move(refused)));
  }
  auto pump = subscription_pump::start(
      reader_->open(from.position, whole_unit), start, std::move(on_change),
      [this](const status& why) {
        if (why.error == entity_errc::entity_error) {
          metrics_.thrown().count(user_code::subscriber);
        }
        log_.write(log_level::error, "subscriber_stopped", {{"message", why.message}});
      });
  std::erase_if(pumps_, [](const auto& ended) { return ended.expired(); });
  pumps_.push_back(pump);
  return subscription(std::move(pump));
}

world_counts world_core::counts() const {
  return {directory_->size(),
          in_flight_.load(std::memory_order_relaxed),
          activations_.load(std::memory_order_relaxed),
          changes_.load(std::memory_order_relaxed),
          batches_.load(std::memory_order_relaxed),
          agenda_->messages_pending(),
          agenda_->timers_soon(),
          agenda_->timers_stuck() + agenda_->messages_stuck()};
}

/// Moves the coarse clock, sends idle entities away, and has a relaxed journal synced.
void world_core::maintain() {
  using clock = std::chrono::steady_clock;
  const auto idle =
      std::max<std::chrono::milliseconds>(options_.limits.idle_time, std::chrono::milliseconds(1));
  const auto tick =
      std::max<clock::duration>(detail::bounded<clock::duration>(idle) / idle_ticks, tick_min);
  const auto sync = detail::bounded<clock::duration>(journal_->sync_interval());
  auto next_tick = detail::later(clock::now(), tick);
  auto next_sync = detail::later(clock::now(), sync);
  std::unique_lock lock(mutex_);
  for (;;) {
    const auto next = sync.count() > 0 ? std::min(next_tick, next_sync) : next_tick;
    if (changed_.wait_until(lock, next, [this] { return maintenance_ends_; })) {
      return;
    }
    lock.unlock();
    const auto now = clock::now();
    const bool is_tick = now >= next_tick;
    const bool is_sync = sync.count() > 0 && now >= next_sync;
    next_tick = is_tick ? detail::later(now, tick) : next_tick;
    next_sync = is_sync ? detail::later(now, sync) : next_sync;
    detail::guard(
        [&] {
          if (is_tick) {
            directory_->tick();
            directory_->sweep(idle_ticks);
          }
          if (is_sync) {
            actors_->sync();
          }
        },
        [this](const std::string& thrown) {
          metrics_.thrown().tell(user_code::unknown, {}, thrown);
        });
    lock.lock();
  }
}

} // namespace cairn::runtime
