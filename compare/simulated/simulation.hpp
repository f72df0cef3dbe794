#pragma once

#include <cairn/compare.hpp>

#include "compare/plan/session.hpp"
#include "compare/plan/strategy.hpp"
#include "compare/simulated/simulated_entity.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <queue>
#include <vector>

namespace cairn::compare {

/// One run of one strategy in simulated time. A discrete-event simulation: nothing in it takes the time that it
/// says, and nothing but its arguments decides what comes out.
///
/// What is modelled: one queue for each entity, served in order of arrival; `cores` that serve one request at
/// a time each, entities in turns; one committing thread that takes all that waits as one batch; a disk that
/// syncs one batch at a time; a round trip; think time. Replies that tell of what is not yet written wait for
/// the batch. docs/compare.md has the cost model in full.
class simulation {
public:
  simulation(const strategy& follow, const workload& load, const cost_model& costs,
             std::uint64_t attempts_max);

  /// Runs until `commands` were accepted, after a tenth of that to warm up, or `events_max` events passed.
  /// `interrupted` is asked now and then and may be empty. Nothing: it said so.
  std::optional<figures> run(std::uint64_t commands, std::uint64_t events_max,
                             const std::function<bool()>& interrupted);

private:
  using nanoseconds = std::int64_t;

  /// What happens at a time.
  enum class kind : std::uint8_t { arrive, served, loaded, decided, gathered, synced, reply, due };

  struct event {
    nanoseconds at;
    std::uint64_t order; // of two at once, the one that was planned first comes first
    kind what;
    std::uint32_t whom; // client or entity

    friend bool operator>(const event& a, const event& b) noexcept {
      return a.at != b.at ? a.at > b.at : a.order > b.order;
    }
  };

  /// A client with what it has under way.
  struct client {
    explicit client(session begins) : progress(begins) {}

    session progress;
    step under_way{};
    moment answer = moment::wanted; // that the reply brings
    simulated_view seen;            // by its last read
    simulated_view coming;          // with the reply
  };

  /// Who waits for the committing thread.
  struct line_place {
    std::uint32_t client;
    bool changes;
  };

  /// Something that needs a core.
  struct job {
    kind end; // served, loaded, decided or gathered
    std::uint32_t whom;
    nanoseconds takes;
  };

  void handle(const event& now);
  void plan(nanoseconds in, kind what, std::uint32_t whom);
  void give_cores();
  nanoseconds half_way() const noexcept { return round_trip_ / 2; }

  void begin(std::uint32_t whom, std::int64_t due);
  void go(std::uint32_t whom, moment now);
  void ended(std::uint32_t whom);
  void open_next();

  // entities
  void arrive(std::uint32_t whom);
  nanoseconds service(const client& asking) const noexcept;
  void serve(std::uint32_t entity);
  void answer(std::uint32_t whom, simulated_entity& at, moment with);
  void hand_over(std::uint32_t whom, bool changes);

  // the store's clients
  void start_load(std::uint32_t whom);
  void start_decide(std::uint32_t whom);

  // the committing thread and the disk
  void start_batch();
  void gathered();
  void synced();

  const strategy* follow_;
  workload load_;
  cost_model costs_;
  zipf choice_;
  rules rules_;
  nanoseconds round_trip_;

  nanoseconds now_ = 0;
  std::uint64_t next_order_ = 0;
  std::priority_queue<event, std::vector<event>, std::greater<>> events_;

  std::vector<client> clients_;
  std::vector<simulated_entity> entities_;
  std::deque<job> ready_;
  std::uint32_t free_cores_;
  nanoseconds busy_ = 0; // of all cores, within the measured time

  std::vector<line_place> line_;
  std::vector<line_place> batch_;
  bool committing_ = false;

  std::vector<std::uint32_t> resting_; // open loop
  std::queue<std::int64_t> backlog_;   // open loop
  std::uint64_t opened_ = 0;

  std::uint64_t accepted_ = 0;
  bool measures_ = false;
  std::uint64_t batches_ = 0;
  std::uint64_t syncs_ = 0;
  latency_histogram latencies_;
};

} // namespace cairn::compare
