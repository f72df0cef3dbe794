#pragma once

#include <cairn/clock.hpp>
#include <cairn/detail/agenda.hpp>
#include <cairn/detail/change.hpp>
#include <cairn/detail/effects.hpp>
#include <cairn/detail/entity_ref.hpp>
#include <cairn/detail/journal.hpp>
#include <cairn/detail/log.hpp>
#include <cairn/detail/resume.hpp>
#include <cairn/detail/ticks.hpp>
#include <cairn/detail/time.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace cairn {

/// Bounds of a world. Beyond `…_max` a caller gets `failed(overloaded)` at once; nothing is dropped.
struct limits {
  std::size_t in_flight_max = 65'536; ///< Requests that have no reply yet, in the whole world.
  /// Bytes that requests without a reply hold: arguments, changes, replies. What has under 1 KiB is not counted.
  std::size_t in_flight_bytes_max = 256U << 20U;
  std::size_t mailbox_max = 16'384;           ///< Requests at one entity.
  std::size_t mailbox_bytes_max = 64U << 20U; ///< Bytes of the large ones of them.
  /// Entities in memory; from 7/8 of it on idle ones leave, first those that were not used for longest.
  std::size_t resident_max = 1'000'000;
  /// An entity leaves memory after so long without a request, by the steady clock of the system.
  std::chrono::milliseconds idle_time{60'000};
  std::size_t batch_changes_max = 4'096;    ///< Changes in one write.
  std::size_t batch_bytes_max = 8U << 20U;  ///< Bodies and snapshots in one write.
  std::size_t change_bytes_max = 1U << 20U; ///< A larger change is refused as `too_large`.
  std::size_t transaction_entities_max =
      1'000;                            ///< In one transaction, which fits into `batch_bytes_max`.
  std::size_t missed_changes_max = 100; ///< That a conflict brings along,
  std::size_t missed_bytes_max = 1U << 20U; ///< and their bytes; one change is always among them.
  /// Bytes in a page of `history`; one change is always on it, and `more` says that there are others.
  std::size_t history_bytes_max = 16U << 20U;
  /// Messages under way in memory; the others are read from the journal when their turn comes.
  std::size_t messages_held_max = 65'536;
  std::size_t messages_held_bytes_max = 64U << 20U; ///< Their bytes.
  std::size_t leases_max = 100'000;                 ///< Leases that last, in the whole world,
  std::size_t leases_per_principal_max = 10'000;    ///< and of one `principal` of the lease's meta.
  std::size_t refusals_waiting_max =
      4'096; ///< To be written to their log; others are counted only.
  /// Messages that follow from one command, each from the one before; the next comes back to its sender.
  std::uint32_t message_hops_max = 32;
};

struct world_options {
  /// Where changes are kept.
  journal_source journal = memory();
  /// Off: `stale` and `ahead` are not checked, in any entity. For comparison only.
  bool check_versions = true;
  cairn::limits limits{};
  /// What decisions, changes, timers and ticks go by.
  cairn::clock clock{};
  /// Of the random numbers that `decide` gets; 0: a new one at each start.
  std::uint64_t seed = 0;
  /// Threads that run entities; 0: one less than there are cores, since writing has one of its own, and at
  /// least one.
  unsigned entity_threads = 0;
  /// Threads that load entities from the journal, all that wait at once.
  unsigned loading_threads = 2;
  /// Bytes that the log of refused commands may take beside the journal, for `cairn conflicts`
  /// (`cairn/journal.hpp`); 0: none is kept. Nor is one by a journal in memory.
  std::uint64_t refusal_bytes_max = 0;
  /// Port of 127.0.0.1 on which `GET /metrics` is answered with `world::metrics`; 0: any that is free
  /// (`world::metrics_port`). None: no port is opened.
  std::optional<std::uint16_t> metrics_port{};
  /// What the world writes about itself; nothing by default.
  log_options log{};
};

/// What a world counts, since it was built.
struct world_counts {
  std::uint64_t resident = 0;         ///< Entities in memory now.
  std::uint64_t in_flight = 0;        ///< Requests without a reply now.
  std::uint64_t activations = 0;      ///< Entities that were loaded.
  std::uint64_t changes = 0;          ///< Changes committed.
  std::uint64_t batches = 0;          ///< Writes committed.
  std::uint64_t messages_pending = 0; ///< Messages in memory that are under way now.
  std::uint64_t timers_soon = 0;      ///< Timers in memory: due soon, or on their way.
  std::uint64_t stuck = 0;            ///< As `world::list_stuck` lists it.
};

/// An entity of a listing.
struct listed_entity {
  std::string entity; ///< `type/id`
  version_type version = 0;
};

struct listing {
  std::vector<listed_entity> entities; ///< In byte order of the id.
  bool more = false;                   ///< There are others behind the last one.
};

/// Called now and then while entities are loaded: so many, of so many.
using preload_progress = std::function<void(std::size_t loaded, std::size_t total)>;

namespace runtime {
class subscription_pump;
class world_core;
} // namespace runtime

/// Committed changes, one after the other, on a thread of its own. Ends with its destructor or the world's.
/// Changes of a transaction follow each other: `change::unit_index`, `is_first_of_unit`, `is_last_of_unit`.
class subscription {
public:
  subscription() noexcept;
  subscription(subscription&&) noexcept;
  subscription& operator=(subscription&&) noexcept;
  ~subscription();

  /// Position of the next change that it will deliver.
  position_type next() const noexcept;

  /// Where to go on later, exactly behind what it has delivered. Thread: any; who stores it with what `on_change` makes
  /// of each change takes the one that `on_change` is given.
  resume_token token() const noexcept;

  /// Set when the journal could not be read on, `on_change` threw, or the world was closing when it was made
  /// (`shutting_down`): nothing more will come. `ahead`: the journal does not hold what its subscriber has seen, and
  /// nothing came at all.
  status state() const;

  /// Ends it; no call is running any more when this returns, unless it is the caller. The destructor does the same, and
  /// may run inside `on_change` too: then that call is the last one. Two that end each other from their own calls do
  /// not wait for each other.
  void stop() noexcept;

private:
  friend class runtime::world_core;
  explicit subscription(std::shared_ptr<runtime::subscription_pump> pump) noexcept;
  std::shared_ptr<runtime::subscription_pump> pump_;
};

/// Everything that runs: entities, their actors, the journal. Every member may be called beside `close` and after it:
/// what can fail answers `shutting_down`. What waits (`settle`, `step`, `resend`, `backup`, `close`) fails with
/// `would_block` on a world's own threads: in `decide`, callbacks, subscriptions, ticks, the log's sink.
/// One that lives when the process ends, in a static for example, is closed then (docs/guide/operating.md, "Open and
/// close"); a child of `fork` must not use its parent's.
/// Thread: any, but for construction, `host` and destruction.
class world {
public:
  /// Errors: `startup_error` when the journal does not open, or the port for metrics cannot be had.
  explicit world(world_options options = {});

  /// Closes it. On a world's own thread, which cannot be waited for, the process is stopped.
  ~world();
  world(world&&) noexcept;
  world& operator=(world&&) noexcept;

  /// Entities of type `State` may be sent to from now on.
  /// Errors: `startup_error` when another type of this name is hosted, or the world is closing. A retired type is
  ///         passed over.
  template <entity_state State>
  void host() {
    host(type_descriptor<State>());
  }
  void host(const entity_type& type);

  /// The hosted types, by name.
  std::vector<const entity_type*> types() const;

  /// The entity `id`, whether it exists or not. An invalid id shows when it is sent to.
  template <entity_state State>
  entity_ref<State> entity(std::string_view id) {
    return {*core_, entity_key(State::entity::name, id)};
  }

  /// Entities of a type that exist, ids greater than `after`; durable ones only.
  /// Errors: `std::errc::invalid_argument` when `limit` is not from 1 to 10,000, and those of the journal.
  status list(std::string_view type, std::string_view after, std::size_t limit,
              listing& found) const;

  /// Loads all entities of a type before they are asked for: the journal is read once by each loading thread, not once for
  /// each entity. For the time before there is traffic, of which it takes the loading threads. What is loaded leaves
  /// memory like any other (`limits::idle_time`).
  /// Shape:    so many as fit: seven eighths of `limits::resident_max`, with what is in memory already.
  /// Thread:   as `settle`; `progress` is called on the caller's, and what it throws comes out when all are loaded.
  /// Errors:   `overloaded` when not all fit, the first ones in byte order of the id were loaded; the first failure of an
  ///           entity that could not be loaded, all others were; `unknown_type`, `shutting_down`; those of the journal.
  template <entity_state State>
  status preload(const preload_progress& progress = {}) {
    return preload(type_descriptor<State>(), progress);
  }
  status preload(const entity_type& type, const preload_progress& progress = {});

  using change_handler = std::function<void(const change&)>;
  /// `next`: stored with what was made of the change, it goes on exactly behind it, in the middle of a transaction too.
  using resumable_handler = std::function<void(const change&, const resume_token& next)>;

  /// Delivers every change from the unit that contains `from`, then live. `on_change` may take its time:
  /// it never holds up the world or another subscriber, and nothing is skipped.
  /// Errors: `subscription::state`: `ahead` when `from` is beyond the journal's end.
  [[nodiscard]] subscription subscribe(position_type from, change_handler on_change);
  [[nodiscard]] subscription subscribe(position_type from, resumable_handler on_change);

  /// The same for who has read before: delivers what follows the change that `from` was given with, no change twice and
  /// none skipped.
  /// Errors: `subscription::state`: `ahead` when the journal does not hold all that was seen: see `check_resume`.
  [[nodiscard]] subscription subscribe(const resume_token& from, change_handler on_change);
  [[nodiscard]] subscription subscribe(const resume_token& from, resumable_handler on_change);

  /// Sends every entity `State` of `ids` a command at a fixed rate: `make(tick)` gives it.
  template <entity_state State, class Make>
  [[nodiscard]] ticker tick(const std::vector<std::string>& ids, tick_options options, Make make) {
    std::vector<entity_ref<State>> group;
    group.reserve(ids.size());
    for (const auto& id : ids) {
      group.push_back(entity<State>(id));
    }
    const std::size_t size = group.size();
    return start_ticks(
        size, options,
        [group = std::move(group), make = std::move(make)](
            std::size_t index, const cairn::tick& now, std::function<void(bool)> then) {
          group[index].post(make(now), [then = std::move(then)](const auto& given) {
            then(static_cast<bool>(given));
          });
        });
  }

  /// Waits until no message is under way and no timer is due. Left out are what waits for a type that is not hosted, or
  /// on a stepped clock for the end of a lease, what is stuck (`list_stuck`), and ticks of a clock that goes by itself.
  /// After `close` it returns at once.
  /// Thread: blocks.
  /// Errors: throws `std::system_error` of `would_block` on a world's own threads.
  void settle();

  /// Moves the world's stepped clock on by `by`: what falls due meanwhile, the end of a lease for which a message waits
  /// too, happens at its time, in order of time, then of entity and name, each with all that it leads to before the next.
  /// Thread: as `settle`; one at a time.
  /// Errors: `std::errc::operation_not_permitted` when the clock is none of `clock::stepped`;
  /// `std::errc::invalid_argument` when `by` is negative, or leads beyond the last time that there is; those of the journal when it cannot be
  /// read what is due, and the clock then stands where it got to.
  status step(std::chrono::microseconds by);
  template <class Rep, class Period>
  status step(std::chrono::duration<Rep, Period> by) {
    return step(detail::bounded<std::chrono::microseconds>(by));
  }

  /// Messages that came back and wait for somebody, oldest first, those behind position `after`.
  /// Errors: those of the journal.
  status list_undelivered(std::optional<position_type> after, std::size_t limit,
                          std::vector<undelivered_message>& found) const;

  /// What is due and cannot be done, set aside: a message that cannot be read, timers and messages of an entity that
  /// cannot be loaded, one of each entity. They are tried again with growing pauses, up to minutes, and at once when
  /// the entity is loaded for another's sake.
  status list_stuck(std::size_t limit, std::vector<stuck_item>& found) const;

  /// Sends a message that came back again, as a new one of its sender, and takes it from the list.
  /// Thread: as `settle`.
  /// Errors: `std::errc::invalid_argument` when there is none at `position`; those of the sender's entity.
  status resend(position_type position);

  /// The journal; its readers may be called at any time, and say `shutting_down` once it is closed.
  const cairn::journal& journal() const noexcept;

  /// Copies everything that is committed when it starts into a new journal in `directory`, which does not
  /// exist or is empty, while the world goes on.
  /// After:  the copy is there, whole and durable, or nothing is.
  status backup(const std::filesystem::path& directory) const;

  world_counts counts() const;

  /// Everything that the world counts and measures, as Prometheus reads it: docs/operate.md. A request that has its
  /// reply is counted. After `close` it stays as it was then.
  std::string metrics() const;

  /// The port on which `metrics` is answered; none: there was none in the options, or the world is closed.
  std::optional<std::uint16_t> metrics_port() const noexcept;

  /// Refuses new requests, finishes those under way, ends the world's threads, and closes the journal.
  /// Thread: blocks; any, also several at once: all get the same status, and so does who closes it again.
  /// Errors: those of the journal; `would_block` on a world's own threads.
  status close();

  /// For what is built on a world: `cairn/caf.hpp`, `cairn/by_name.hpp`.
  explicit world(std::unique_ptr<runtime::world_core> core) noexcept;
  runtime::world_core& core() noexcept { return *core_; }

private:
  ticker start_ticks(std::size_t entities, tick_options options, detail::tick_sender send);

  // Not owned by a pointer that clears itself: what uses a static world while the process ends finds it closed.
  runtime::world_core* core_;
};

} // namespace cairn
