#include "runtime/world/core.hpp"

#include <cairn/detail/future.hpp>
#include <cairn/detail/guard.hpp>

#include "entities/text.hpp"
#include "runtime/entity/transaction_flow.hpp"
#include "runtime/threads/own_thread.hpp"
#include "runtime/world/live_worlds.hpp"

#include <algorithm>
#include <chrono>
#include <future>
#include <random>
#include <utility>

namespace cairn::detail {

namespace {

/// Idle time is measured in ticks of a coarse clock; this many make up `limits::idle_time`.
constexpr std::uint32_t idle_ticks = directory::ticks_max;

/// The clock is not moved more often than this, however short the idle time.
constexpr std::chrono::microseconds tick_min{100};

/// Says what is wrong.
bool no(status& wrong, std::error_code error, std::string message) {
  wrong = {error, std::move(message)};
  return false;
}

std::uint64_t random_seed() {
  std::random_device device;
  return (std::uint64_t{device()} << 32U) | device();
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
  rules_.metrics = &metrics_;
  rules_.resting = &resting_;
  if (options_.metrics_port) {
    port_ = std::make_unique<cairn::metrics_port>(metrics_, *options_.metrics_port);
    port_number_ = port_->number();
  }
  rules_.checks = options_.check_versions ? version_checks::on : version_checks::off;
  rules_.seed = options_.seed != 0 ? options_.seed : random_seed();

  journal_ = options_.journal();
  // An event's length takes four bytes in a change.
  rules_.change_bytes_max = std::min<std::size_t>(
      {options_.limits.change_bytes_max, journal_->change_bytes_max(), UINT32_MAX});
  rules_.unit_bytes_max = options_.limits.batch_bytes_max;
  rules_.missed_changes_max = options_.limits.missed_changes_max;
  rules_.missed_bytes_max = options_.limits.missed_bytes_max;
  rules_.bytes = &bytes_;
  rules_.leases = &leases_;
  const auto beside = journal_->side_directory();
  if (options_.refusal_bytes_max > 0 && !beside.empty()) {
    refusals_ = std::make_unique<persistence::refusal_log>(beside, options_.refusal_bytes_max,
                                                           options_.limits.refusals_waiting_max);
    rules_.refusals = refusals_.get();
  }
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
  message_courier::bounds messages;
  messages.hops_max = options_.limits.message_hops_max;
  messages.held_max = options_.limits.messages_held_max;
  messages.held_bytes_max = options_.limits.messages_held_bytes_max;
  agenda_ = std::make_unique<cairn::agenda>(*this, options_.clock, messages);
  add_numbers();
  log_opening();
  maintenance_ = std::thread([this] { maintain(); });
  live_worlds::add(*this); // last: its end at exit comes before that of all that it has used so far
}

persistence::group_commit::settings world_core::commit_settings() {
  persistence::group_commit::settings settings;
  settings.batch_changes_max = std::max<std::size_t>(options_.limits.batch_changes_max, 1);
  settings.batch_bytes_max = options_.limits.batch_bytes_max;
  settings.clock = now_;
  settings.on_effects = [this](const std::string& entity, version_type version,
                               position_type position, std::unique_ptr<change_effects> effects) {
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

void world_core::submit(const entity_address& to, request_ptr sent) {
  if (closing_.load(
          std::
              memory_order_seq_cst)) { // without counting: who goes on sending must not keep it open
    return refuse(to, *sent, is_closing());
  }
  // Counted before `closing_` is looked at: `close` sets that first and then waits for the count.
  let_in(to, std::move(sent), in_flight_.fetch_add(1, std::memory_order_seq_cst));
}

void world_core::submit_own(const entity_address& to, request_ptr sent) {
  if (closing_.load(std::memory_order_seq_cst)) {
    return refuse(to, *sent, is_closing());
  }
  in_flight_.fetch_add(1, std::memory_order_seq_cst);
  let_in(to, std::move(sent), 0);
}

void world_core::let_in(const entity_address& to, request_ptr sent, std::size_t in_flight_before) {
  slot_ptr place;
  status wrong;
  const bool entered = admits(in_flight_before, wrong) && is_good(to, wrong) &&
                       (!sent->options || is_good(*sent->options, wrong)) &&
                       enter(to, place, wrong) &&
                       (!may_be_large(*sent) || fits(*sent, *place, wrong));
  if (!entered) {
    refuse(to, *sent, std::move(wrong));
    return request_finished();
  }
  stage_times::sample(*sent);
  slot& there = *place;
  sent->target = std::move(place);
  there.deliver(std::move(sent));
}

bool world_core::admits(std::size_t in_flight_before, status& wrong) const {
  if (closing_.load(std::memory_order_seq_cst)) {
    wrong = is_closing();
    return false;
  }
  if (has_stopped_.load(std::memory_order_acquire)) {
    wrong = stopped();
    return false;
  }
  if (in_flight_before >= options_.limits.in_flight_max) {
    return no(wrong, runtime_errc::overloaded,
              "the world has " + std::to_string(in_flight_before) +
                  " requests in flight (limits::in_flight_max)");
  }
  return true;
}

bool world_core::is_good(const entity_address& to, status& wrong) const {
  const auto& types = types_.get();
  if (std::find(types.begin(), types.end(), &to.type()) == types.end()) {
    return no(wrong, entity_errc::unknown_type,
              "the world does not host the type of " + to.key() + ": call world.host<…>() first");
  }
  if (!to.problem().empty()) {
    return no(wrong, entity_errc::invalid_entity, to.problem());
  }
  return true;
}

bool world_core::enter(const entity_address& to, slot_ptr& place, status& wrong) {
  switch (directory_->enter(to, place)) {
    case directory::entry::entered:
      return true;
    case directory::entry::mailbox_full:
      return no(wrong, runtime_errc::overloaded,
                to.key() + " has " + std::to_string(options_.limits.mailbox_max) +
                    " requests waiting (limits::mailbox_max)");
    case directory::entry::directory_full:
      return no(wrong, runtime_errc::overloaded,
                std::to_string(directory_->size()) +
                    " entities are in memory, and none is idle enough to leave "
                    "(limits::resident_max)");
  }
  return false;
}

/// What makes a transaction one, but for entities that occur twice: those the flow finds when it sorts.
bool world_core::is_good(const transaction_plan& plan, status& wrong) const {
  const std::size_t most = options_.limits.transaction_entities_max;
  if (plan.items.empty()) {
    return no(wrong, entity_errc::invalid_command, "a transaction has at least one item");
  }
  if (plan.items.size() > most) {
    wrong = {journal_errc::too_large, "a transaction has " + std::to_string(plan.items.size()) +
                                          " entities; it may have " + std::to_string(most) +
                                          " (limits::transaction_entities_max)"};
    return false;
  }
  for (const auto& item : plan.items) {
    if (!is_good(item.address, wrong)) {
      return false;
    }
  }
  return is_good(plan.options, wrong);
}

void world_core::submit(transaction_plan plan, std::function<void(transaction_result)> then) {
  const bool counts = !closing_.load(std::memory_order_seq_cst); // as above: it is refused anyway
  const std::size_t before = counts ? in_flight_.fetch_add(1, std::memory_order_seq_cst) : 0;
  status wrong;
  bool fits = admits(before, wrong) && is_good(plan, wrong);
  const std::size_t bytes = fits ? counted_bytes_of(plan) : 0;
  const boost::intrusive_ptr<transaction_flow> flow(
      new transaction_flow(*this, std::move(plan), std::move(then)));
  if (const auto twice = flow->doubled_key(); fits && !twice.empty()) {
    wrong = {entity_errc::invalid_command, std::string(twice) + " occurs twice in the transaction"};
    fits = false;
  }
  if (fits && !flow->problem().ok()) {
    wrong = flow->problem();
    fits = false;
  }
  std::size_t entered = 0;
  while (fits && entered < flow->size()) {
    fits = enter(flow->address(entered), flow->place(entered), wrong);
    entered += fits ? 1 : 0;
  }
  if (fits && (bytes == 0 || try_take(bytes, wrong))) {
    return flow->start(bytes);
  }
  for (std::size_t step = 0; step < entered; ++step) {
    flow->place(step)->leave();
  }
  const own_thread here("a callback");
  flow->refuse(wrong.error, std::move(wrong.message));
  if (counts) {
    request_finished();
  }
}

/// What comes with a command is journaled with it, and must be readable there.
bool world_core::is_good(const send_options& options, status& wrong) {
  if (options.id.size() > command_id_bytes_max) {
    return no(wrong, entity_errc::invalid_command,
              "the command id has " + std::to_string(options.id.size()) + " bytes; it may have " +
                  std::to_string(command_id_bytes_max));
  }
  if (!json::is_utf8(options.id)) {
    return no(wrong, entity_errc::invalid_command, "the command id is not valid UTF-8");
  }
  for (const auto& [name, value] : options.meta) {
    if (!json::is_utf8(name) || !json::is_utf8(value)) {
      return no(wrong, entity_errc::invalid_command, "meta is not valid UTF-8");
    }
    const auto same = [&name = name](const auto& other) { return other.first == name; };
    if (std::count_if(options.meta.begin(), options.meta.end(), same) > 1) {
      return no(wrong, entity_errc::invalid_command, "meta has the name \"" + name + "\" twice");
    }
  }
  return true;
}

void world_core::refuse(const entity_address& to, request& sent, status why) {
  const request_ptr keep(&sent);
  sent.answer.what = answer::kind::failed;
  sent.answer.error = why.error;
  sent.answer.text = text_for_people(std::move(why.message)); // it may name a key that is none
  metrics_.counts_of(to.type()).refused(sent, to.key());
  const own_thread here("a callback"); // the request may be in flight until it returns
  guard([&sent] { sent.complete(); },
        [&](const std::string& thrown) {
          metrics_.thrown().tell(user_code::callback, to.key(), thrown);
        });
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
    guard(job, [this](const std::string& thrown) {
      metrics_.thrown().tell(user_code::callback, {}, thrown);
    });
    request_finished();
  });
}

void world_core::load(slot_ptr place, std::uint64_t activation) {
  activations_.fetch_add(1, std::memory_order_relaxed);
  if (activation > 1) { // the first one of its actor was lost, or the entity's code broke it
    rebuilds_.fetch_add(1, std::memory_order_relaxed);
    log_.write(log_level::warning, "rebuilt", {{"entity", place->key()}});
  }
  loader_->load(std::move(place), activation);
}

const entity_type* world_core::find_type(std::string_view entity) const {
  const auto& types = types_.get();
  const auto found = std::find_if(types.begin(), types.end(), [&](const entity_type* hosted) {
    return hosted->name == type_of(entity);
  });
  return found == types.end() ? nullptr : *found;
}

status world_core::step(std::chrono::microseconds by) {
  if (auto refused = may_wait("world::step"); !refused.ok()) {
    return refused;
  }
  auto went = agenda_->step(by);
  return went.ok() && closing_.load(std::memory_order_seq_cst) ? is_closing() : went;
}

status world_core::resend(position_type position) {
  if (auto refused = may_wait("world::resend"); !refused.ok()) {
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
             new resend_request(position, found.front().letter, [&](resend_request& done) {
               const auto& given = done.answer;
               resent.set_value(given.what == answer::kind::failed ? status{given.error, given.text}
                                                                   : status{});
             }));
  return resent.get_future().get();
}

std::shared_ptr<tick_group> world_core::start_ticks(std::size_t entities, tick_options options,
                                                    tick_sender send) {
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
      std::max<clock::duration>(bounded<clock::duration>(idle) / idle_ticks, tick_min);
  const auto sync = bounded<clock::duration>(journal_->sync_interval());
  auto next_tick = later(clock::now(), tick);
  auto next_sync = later(clock::now(), sync);
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
    next_tick = is_tick ? later(now, tick) : next_tick;
    next_sync = is_sync ? later(now, sync) : next_sync;
    guard(
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

} // namespace cairn::detail
