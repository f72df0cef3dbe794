#include "bench/suite/commands.hpp"

#include <cairn/cairn.hpp>

#include "bench/suite/ceiling_actor.hpp"
#include "bench/suite/counter.hpp"

#include <algorithm>
#include <filesystem>
#include <latch>
#include <memory>
#include <mutex>
#include <vector>

namespace cairn::bench {

namespace {

/// A journal whose appends take longer, as on a disk that syncs slowly.
class slow_journal final : public journal {
public:
  slow_journal(std::unique_ptr<journal> inner, std::chrono::microseconds longer)
      : inner_(std::move(inner)), longer_(longer) {}

  void append(append_batch& batch, append_callback done) override {
    std::this_thread::sleep_for(longer_);
    inner_->append(batch, std::move(done));
  }
  status find_head(std::string_view entity, head& found) const override {
    return inner_->find_head(entity, found);
  }
  status read(std::string_view entity, version_type from, version_type to,
              const record_visitor& visit) const override {
    return inner_->read(entity, from, to, visit);
  }
  status scan(position_type from, const record_visitor& visit) const override {
    return inner_->scan(from, visit);
  }
  status heads(std::string_view type, std::string_view after, std::size_t limit, bool with_removed,
               std::vector<listed_head>& found) const override {
    return inner_->heads(type, after, limit, with_removed, found);
  }
  status find_snapshot(std::string_view entity, version_type at_most,
                       std::optional<stored_snapshot>& found) const override {
    return inner_->find_snapshot(entity, at_most, found);
  }
  status scan_snapshots(const snapshot_visitor& visit) const override {
    return inner_->scan_snapshots(visit);
  }
  status agenda(std::string_view from, std::string_view to,
                const key_visitor& visit) const override {
    return inner_->agenda(from, to, visit);
  }
  tail end() const override { return inner_->end(); }
  status sync() override { return inner_->sync(); }
  status checkpoint() override { return inner_->checkpoint(); }
  status close() override { return inner_->close(); }

private:
  std::unique_ptr<journal> inner_;
  std::chrono::microseconds longer_;
};

/// A directory that goes away.
class scratch {
public:
  explicit scratch(const conditions& how) : directory_(how.data + "/journal") { clear(); }
  ~scratch() { clear(); }
  scratch(const scratch&) = delete;
  scratch& operator=(const scratch&) = delete;

  journal_source source(std::chrono::microseconds longer) const {
    auto plain = rocksdb(directory_);
    if (longer.count() == 0) return plain;
    return [plain, longer] { return std::make_unique<slow_journal>(plain(), longer); };
  }

private:
  void clear() const {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }

  std::string directory_;
};

world_options options_for(const world_load& load, const scratch& at) {
  world_options options;
  options.journal = load.memory ? memory() : at.source(load.sync_us);
  auto& most = options.limits;
  most.in_flight_max = std::max<std::size_t>(most.in_flight_max, load.in_flight * 2);
  most.mailbox_max = std::max<std::size_t>(most.mailbox_max, load.in_flight * 2);
  most.resident_max = std::max<std::size_t>(most.resident_max, load.entities * 2);
  most.batch_changes_max = load.batch_changes_max;
  options.entity_threads = load.entity_threads;
  return options;
}

/// Calls `ask(i, left)` for each of `count`, some thousands under way at a time; each counts `left` down.
template <class Ask>
void ask_all(std::size_t count, const conditions& how, Ask ask) {
  constexpr std::size_t at_once = 4'096;
  for (std::size_t first = 0; first < count; first += at_once) {
    if (how.interrupted && how.interrupted()) throw interruption{};
    const std::size_t last = std::min(first + at_once, count);
    std::latch left(static_cast<std::ptrdiff_t>(last - first));
    for (std::size_t i = first; i < last; ++i) ask(i, left);
    left.wait();
  }
}

/// The entities of a load, in memory.
template <class State>
class targets {
public:
  targets(world& in, std::size_t count, const conditions& how) : world_(&in), seen_(count) {
    entities_.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
      entities_.push_back(in.entity<State>(std::to_string(i)));
    }
    ask_all(count, how, [this](std::size_t i, std::latch& left) {
      entities_[i].post_read([&left](const reading<State>&) { left.count_down(); });
    });
  }

  /// Changes each once, with a command id.
  void change_all(const conditions& how, const char* id = known_id) {
    ask_all(size(), how, [this, id](std::size_t i, std::latch& left) {
      entities_[i].post(counter::add{1}, [&left](const auto&) { left.count_down(); }, {.id = id});
    });
  }

  static constexpr const char* known_id = "known";

  world& in() const { return *world_; }
  entity_ref<State>& entity(std::size_t index) { return entities_[index]; }
  version_type& seen(std::size_t index) { return seen_[index]; }
  std::size_t size() const { return entities_.size(); }

private:
  world* world_;
  std::vector<entity_ref<State>> entities_;
  std::vector<version_type> seen_;
};

struct checked_way {
  targets<counter>& to;
  std::mutex order{}; // one entity shared by all clients: version and sending in one step

  template <class Ended>
  void send(std::size_t target, Ended ended) {
    const auto answered = [ended](const checked_outcome<>& outcome) { ended(bool(outcome)); };
    if (to.size() > 1) {
      return to.entity(target).post(counter::add{1}, at(to.seen(target)++), answered);
    }
    // As a pipelined client does, who knows the next version from what was sent before.
    const std::lock_guard lock(order);
    to.entity(target).post(counter::add{1}, at(to.seen(target)++), answered);
  }
};

struct unchecked_way {
  targets<counter>& to;

  template <class Ended>
  void send(std::size_t target, Ended ended) {
    to.entity(target).post(counter::add{1},
                           [ended](const unchecked_outcome<>& outcome) { ended(bool(outcome)); });
  }
};

struct reading_way {
  targets<counter>& to;

  template <class Ended>
  void send(std::size_t target, Ended ended) {
    to.entity(target).post_read([ended](const reading<counter>& read) { ended(bool(read)); });
  }
};

struct transaction_way {
  targets<counter>& to;

  template <class Ended>
  void send(std::size_t target, Ended ended) {
    const std::size_t other = ended.loop->after(ended.client, static_cast<std::uint32_t>(target));
    transaction both(to.in());
    both.send(to.entity(target), counter::add{1}, at(to.seen(target)++))
        .send(to.entity(other), counter::add{1}, at(to.seen(other)++));
    both.commit([ended](const transaction_outcome& outcome) { ended(bool(outcome)); });
  }
};

struct merging_way {
  targets<tally>& to;

  template <class Ended>
  void send(std::size_t target, Ended ended) {
    // One version behind, always, from the second of the two changes on that were there before.
    to.entity(target).post(counter::add{1}, at(++to.seen(target)),
                           [ended](const checked_outcome<>& outcome) {
                             ended(outcome.accepted() != nullptr && outcome.accepted()->merged);
                           });
  }
};

struct duplicate_way {
  targets<counter>& to;

  template <class Ended>
  void send(std::size_t target, Ended ended) {
    to.entity(target).post(counter::add{1},
                           [ended](const unchecked_outcome<>& outcome) {
                             ended(outcome.accepted() != nullptr && outcome.accepted()->duplicate);
                           },
                           {.id = targets<counter>::known_id});
  }
};

struct conflict_way {
  targets<counter>& to;

  template <class Ended>
  void send(std::size_t target, Ended ended) {
    to.entity(target).post(counter::add{1}, at(0), [ended](const checked_outcome<>& outcome) {
      ended(outcome.conflict() != nullptr);
    });
  }
};

template <class Way, class State>
rate run_way(targets<State>& to, std::size_t in_flight, const conditions& how) {
  Way sends{to};
  return closed_loop<Way>(sends, in_flight, to.size()).run(how);
}

rate run_clients(world& open, const world_load& load, const conditions& how) {
  if (load.what == way::merged) {
    targets<tally> to(open, load.entities, how);
    to.change_all(how);            // nothing is merged over what makes an entity
    to.change_all(how, "another"); // what every client is late for
    return run_way<merging_way>(to, load.in_flight, how);
  }
  targets<counter> to(open, load.entities, how);
  switch (load.what) {
    case way::unchecked:
      return run_way<unchecked_way>(to, load.in_flight, how);
    case way::reads:
      return run_way<reading_way>(to, load.in_flight, how);
    case way::transactions:
      return run_way<transaction_way>(to, load.in_flight, how);
    case way::duplicates:
      to.change_all(how);
      return run_way<duplicate_way>(to, load.in_flight, how);
    case way::conflicts:
      to.change_all(how);
      return run_way<conflict_way>(to, load.in_flight, how);
    default:
      return run_way<checked_way>(to, load.in_flight, how);
  }
}

void close(world& open) {
  if (const auto closed = open.close(); !closed.ok()) throw std::runtime_error(closed.message);
}

} // namespace

load_result run_load(const world_load& load, const conditions& how) {
  const scratch directory(how);
  world open(options_for(load, directory));
  open.host<counter>();
  open.host<tally>();
  load_result found;
  found.done = run_clients(open, load, how);
  const auto counts = open.counts();
  found.changes_per_batch = static_cast<double>(counts.changes) /
                            static_cast<double>(std::max<std::uint64_t>(counts.batches, 1));
  close(open);
  return found;
}

latencies run_open_loop(double per_s, std::size_t entities, const conditions& how) {
  using clock = std::chrono::steady_clock;
  const scratch directory(how);
  world open(options_for({way::checked, entities, entities}, directory));
  open.host<counter>();
  std::vector<float> taken;
  {
    targets<counter> to(open, entities, how);
    std::atomic<std::uint64_t> answered{0};
    std::atomic<bool> failed{false};
    const auto all = static_cast<std::size_t>(per_s * how.seconds);
    taken.resize(all);
    const auto begin = clock::now();
    std::size_t sent = 0;
    while (sent < all && !(how.interrupted && how.interrupted())) {
      // All that is due: the time that a command waits for this thread counts too.
      const double passed = std::chrono::duration<double>(clock::now() - begin).count();
      const auto due_now = std::min(all, static_cast<std::size_t>(passed * per_s));
      for (; sent < due_now; ++sent) {
        const auto due =
            begin + std::chrono::duration_cast<clock::duration>(
                        std::chrono::duration<double>(static_cast<double>(sent) / per_s));
        const std::size_t target = sent % entities;
        to.entity(target).post(
            counter::add{1}, at(to.seen(target)++),
            [&, due, number = sent](const checked_outcome<>& outcome) {
              if (!outcome) failed = true;
              taken[number] = std::chrono::duration<float, std::micro>(clock::now() - due).count();
              answered.fetch_add(1, std::memory_order_release);
            });
      }
      std::this_thread::sleep_for(std::chrono::microseconds(50));
    }
    while (answered.load(std::memory_order_acquire) < sent) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    if (failed) throw std::runtime_error("a command did not end as it should");
    if (sent < all) throw interruption{};
  }
  close(open);
  std::sort(taken.begin(), taken.end());
  const auto share = [&taken](double of) {
    return taken[static_cast<std::size_t>(of * static_cast<double>(taken.size() - 1))];
  };
  return {share(0.5), share(0.99), share(0.999)};
}

double bytes_per_entity(std::size_t entities, const conditions& how) {
  const scratch directory(how);
  // In memory, so that what the store keeps for itself is not the entities'.
  world_load load;
  load.entities = entities;
  auto options = options_for(load, directory);
  options.limits.idle_time = std::chrono::hours(1);
  world open(std::move(options));
  open.host<counter>();
  const double before = resident_bytes();
  ask_all(entities, how, [&open](std::size_t i, std::latch& left) {
    open.entity<counter>(std::to_string(i)).post_read([&left](const reading<counter>&) {
      left.count_down();
    });
  });
  const double taken = resident_bytes() - before;
  if (open.counts().resident < entities) throw std::runtime_error("entities left memory");
  close(open);
  return taken / static_cast<double>(entities);
}

} // namespace cairn::bench
