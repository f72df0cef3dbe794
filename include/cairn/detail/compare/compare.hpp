#pragma once

#include <cairn/entity.hpp>
#include <cairn/world.hpp>

#include <boost/describe/class.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The same workload under every way of protecting an entity. docs/compare.md has the method, and how a program
/// compares on its own entity type: it describes what its clients want as a `subject` and hands that to `run`.
namespace cairn::compare {

/// What clients do, and to how many entities.
struct workload {
  std::string name = "counter"; ///< What it resembles.
  std::uint64_t entities = 1;
  std::uint64_t clients = 8;
  double theta = 0;      ///< Skew: the k-th entity is chosen with a weight of 1/k^theta; 0 to 1.2.
  double think_ms = 0;   ///< Mean of an exponential time between seeing and sending.
  double read_share = 0; ///< Of all that clients do; reads need no protection.
  double rate_per_s = 0; ///< Open loop: commands begun a second by all; 0: closed loop.
  std::uint32_t parts = 1;       ///< Parts of an entity; a command changes one.
  std::uint32_t state_bytes = 0; ///< Payload of a state, beside its parts.
  std::uint32_t event_bytes = 0; ///< Payload of an event.
  std::uint64_t seed = 1;
};
BOOST_DESCRIBE_STRUCT(workload, (),
                      (name, entities, clients, theta, think_ms, read_share, rate_per_s, parts,
                       state_bytes, event_bytes, seed))

/// The workloads with a name of their own: `counter`, `auction`, `inventory`, `profile-form`,
/// `leaderboard`, `document`.
const std::vector<workload>& presets();

/// What one client wants done to one entity, before it knows how the entity stands.
struct intent {
  std::uint64_t chance = 0; ///< Random bits, for what a program draws itself.
  std::uint32_t part = 0;
  std::uint32_t state_bytes = 0;
  std::uint32_t event_bytes = 0;
};

/// How a command says what it wants.
enum class form : std::uint8_t {
  relative, ///< Good on any state: add five.
  absolute, ///< Decided by the client on the state that it saw: set to twelve.
};

/// What stands against an update that its sender did not see.
enum class check : std::uint8_t {
  none,    ///< Nothing.
  version, ///< The version of the whole entity.
  aspect,  ///< The version of the part that the command is about.
  merged,  ///< The version, but a command that commutes with what was missed is merged.
  lease,   ///< Nobody else may send meanwhile.
};

/// An entity as a client saw it.
struct observation {
  version_type version = 0;
  std::shared_ptr<const void> state;
};

/// How a request ended, as far as a strategy cares.
struct reply {
  enum class kind : std::uint8_t {
    accepted,
    conflict,
    granted,  ///< The lease is the client's.
    busy,     ///< Somebody else holds the lease.
    released, ///< The lease is nobody's any more.
    failed,
  };

  kind what = kind::failed;
  version_type version = 0;            ///< After the command; of a conflict: the actual one.
  std::shared_ptr<const void> state{}; ///< Of a conflict that was asked to bring it.
  std::string lease{};                 ///< granted: its token.
  std::string problem{};               ///< failed: why.
};

inline reply failed_reply(std::string why) {
  reply made;
  made.problem = std::move(why);
  return made;
}

/// How a command is sent.
struct sending {
  form how = form::relative;
  check against = check::none;
  bool shows_state = false; ///< A conflict is to bring the state.
  std::string lease{};      ///< Token; with `check::lease`.
};

/// Who waits for a reply; called once a request, on a thread that must not be blocked.
class listener {
public:
  virtual ~listener() = default;
  virtual void observed(observation seen) noexcept = 0;
  virtual void answered(const reply& given) noexcept = 0;
};

/// One entity of a world as clients handle it, whatever its type.
class port {
public:
  virtual ~port() = default;
  virtual void read(listener& to) const = 0;
  virtual void send(const intent& wanted, const sending& how, const observation& seen,
                    listener& to) const = 0;
  /// Takes the entity's lease: `granted` or `busy`.
  virtual void acquire(std::chrono::milliseconds for_so_long, listener& to) const = 0;
  virtual void release(std::string lease, listener& to) const = 0;
};

/// A command with its descriptor.
struct made_command {
  const command_type* type = nullptr;
  any_pointer arguments{nullptr, [](void* /*none*/) {}};
};

/// What the harness must know of an entity type to compare on it.
class subject {
public:
  virtual ~subject() = default;
  virtual const entity_type& type() const = 0;
  /// Has its type what it takes to protect commands of this form like this?
  virtual bool offers(form how, check against) const = 0;
  /// The subject to compare on where commands are protected like this: the same commands on a type that
  /// declares more.
  virtual const subject& for_check(check /*against*/) const { return *this; }
  virtual std::unique_ptr<port> open(world& in, std::string_view id) const = 0;
  virtual made_command make(const intent& wanted, form how, const void* seen) const = 0;
  /// What is left of all accepted commands: each one adds 1, if it was not overwritten.
  virtual std::int64_t tally(const void* state) const = 0;
};

/// The subject of the presets: numbered parts that are added to or set, with as large a payload as the
/// workload says. Parts have versions of their own, and additions commute, where that is what is compared.
const subject& built_in_subject();

/// What one run of one strategy gave. Docs: docs/compare.md, definitions.
struct figures {
  double accepted_per_s = 0;
  double useful_share = 0; ///< Requests of successful attempts, of all requests.
  double cpu_us_per_accept = 0;
  double conflicts_per_accept = 0;
  double retries_per_accept = 0;
  std::uint64_t given_up = 0;
  std::int64_t lost = 0;         ///< Told accepted, but not in the final states.
  std::uint64_t retries_max = 0; ///< Of one command.
  double slowest_share = 0;      ///< Accepted of the slowest client, of an even share.
  double p50_us = 0;
  double p95_us = 0;
  double p99_us = 0;
  double p999_us = 0;
  double batches_per_s = 0;
  double syncs_per_s = 0;
  std::uint64_t accepted = 0; ///< Within the measured time.
};
BOOST_DESCRIBE_STRUCT(figures, (),
                      (accepted_per_s, useful_share, cpu_us_per_accept, conflicts_per_accept,
                       retries_per_accept, given_up, lost, retries_max, slowest_share, p50_us,
                       p95_us, p99_us, p999_us, batches_per_s, syncs_per_s, accepted))

/// One workload under one strategy.
struct cell {
  std::string strategy;
  workload load;
  bool simulated = false;
  std::string
      error; ///< Not empty: its accounts do not balance or it failed, and it has no figures.
  figures median;
  figures low;
  figures high;
  std::vector<figures> repetitions;
};
BOOST_DESCRIBE_STRUCT(cell, (), (strategy, load, simulated, error, median, low, high, repetitions))

/// What things take in simulated time.
struct cost_model {
  std::uint32_t cores = 2;
  double decide_us = 2; ///< A command at its entity, or in a thread of the store's clients.
  double refuse_us = 1; ///< A command that is stale, up to its conflict.
  double read_us = 1;   ///< A read at its entity.
  double lease_us = 1; ///< Taking a lease, or being told that it is taken, and letting it go: each.
  double load_us = 3;  ///< Store's clients: finding the head and copying the state.
  double fold_us = 3;  ///< Store's clients: reading and applying one change.
  double commit_us = 1;     ///< The committing thread, for each change.
  double batch_us = 20;     ///< The committing thread, for each batch.
  double sync_us = 80;      ///< The disk, for each batch.
  double round_trip_us = 0; ///< Between client and entity.
  std::uint32_t batch_changes_max = 4096;
  bool constant = false; ///< Think times are the mean itself.
  bool lease_queue =
      false; ///< Who finds a lease taken waits in line; otherwise it is told so and tries again.
};
BOOST_DESCRIBE_STRUCT(cost_model, (),
                      (cores, decide_us, refuse_us, read_us, lease_us, load_us, fold_us, commit_us,
                       batch_us, sync_us, round_trip_us, batch_changes_max, constant, lease_queue))

/// How a comparison is run.
struct settings {
  std::vector<std::string> strategies; ///< Empty: all that apply.
  double seconds = 1;                  ///< Measured, of each repetition.
  double warm_up_s = 0.2;
  std::uint32_t repetitions = 3;
  double budget_s =
      0; ///< Repetitions that do not fit into it are left out, but for the first; 0: none are.
  std::uint32_t attempts_max = 100'000; ///< Of one command; then it is given up.
  std::string data;    ///< Directory for the journals; empty: the system's for temporary files.
  bool memory = false; ///< Journals in memory: nothing is synced.
  std::uint64_t commands = 20'000;     ///< Accepted, of a simulated cell.
  std::function<bool()> interrupted{}; ///< True: end, and keep what is done.
  std::function<void(std::string_view)> progress{};
  /// Told before each measured run what share of the CPU time that it asks for a program gets then; where it is empty,
  /// nobody looks.
  std::function<void(double)> cpu_share{};
};

/// What else was on the machine while we measured.
struct machine_load {
  std::uint32_t looks = 0; ///< One before each measured run; 0: nobody looked.
  double cpu_share = 1;    ///< Median of what a program got of the CPU time that it asked for.
  /// More than a quarter of the looks found less than 90 %: the measured figures are not those of the strategies.
  bool busy = false;
};
BOOST_DESCRIBE_STRUCT(machine_load, (), (looks, cpu_share, busy))

/// A strategy as a report explains it.
struct strategy_note {
  std::string name;
  std::string what;             ///< What it does, in one sentence.
  bool decides_on_seen = false; ///< Otherwise its commands must be good on any state.
  bool loses_updates = false;
  bool needs_parts = false; ///< Of no use where an entity has one part only.
};
BOOST_DESCRIBE_STRUCT(strategy_note, (), (name, what, decides_on_seen, loses_updates, needs_parts))

/// What checking a version costs: the single writer with and without an expectation that always holds,
/// in pairs, CPU time for each command. Within a pair the two take turns in slices of 50 ms.
struct check_cost {
  std::uint32_t pairs = 0; ///< 0: it was not measured.
  double without_us = 0;   ///< Median.
  double with_us = 0;      ///< Median.
  double difference = 0;   ///< Mean over the pairs of (with - without) / without.
  double upper_bound_95 = 0;
  std::string error; ///< Set: it could not be measured, and why.
};
BOOST_DESCRIBE_STRUCT(check_cost, (),
                      (pairs, without_us, with_us, difference, upper_bound_95, error))

/// Everything that a comparison found.
struct report {
  std::string kind; ///< `workload`, `quick`, `sweep`, `simulate` or `check`.
  std::string version;
  std::string machine;
  std::string journal; ///< What the measured cells wrote to.
  std::string command;
  std::string time;     ///< Of a report with anything measured.
  bool complete = true; ///< False: it was interrupted.
  double seconds = 0;   ///< Measured, of each repetition.
  std::uint32_t repetitions = 0;
  machine_load load;
  std::vector<std::string> answer; ///< In sentences.
  cost_model costs;
  check_cost check;
  std::vector<strategy_note> strategies;
  std::vector<cell> cells;
};
BOOST_DESCRIBE_STRUCT(report, (),
                      (kind, version, machine, journal, command, time, complete, seconds,
                       repetitions, load, answer, costs, check, strategies, cells))

/// Runs each workload under each strategy on a real world and store, repetitions interleaved.
/// After:  a cell whose journal does not replay to what was served, or whose accounts do not balance,
///         has an `error` and no figures.
std::vector<cell> measure(const subject& on, const std::vector<workload>& loads,
                          const settings& how);

/// The same in simulated time, by `costs`. Same arguments, same result.
std::vector<cell> simulate(const std::vector<workload>& loads, const cost_model& costs,
                           const settings& how);

/// Measures the cost model of this machine and journal, by short runs without conflicts.
cost_model measure_costs(const subject& on, const settings& how);

/// Measures what the check itself costs, in so many interleaved pairs of runs.
check_cost measure_check(const subject& on, std::uint32_t pairs, const settings& how);

/// Where a report was made: processor, cores, system and compiler, in one line.
std::string describe_machine();

/// What the journals of these settings are, and on which file system.
std::string describe_journal(const settings& how);

/// Now, as `2026-05-31T18:20:00Z`.
std::string current_time();

/// The command line `compare`: `argv[1]` and on are its options. Without `interrupted`, SIGINT and SIGTERM end it
/// cleanly while it runs; `argv[0]` is what its help calls it.
/// After:  the value is the exit status, as `cairn/cli.hpp` has it.
int run(int argc, const char* const* argv, const subject& on = built_in_subject(),
        std::function<bool()> interrupted = {});

} // namespace cairn::compare
