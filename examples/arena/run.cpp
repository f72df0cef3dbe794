#include "run.hpp"

#include "display.hpp"
#include "model/deposit.hpp"
#include "model/listing.hpp"
#include "model/market.hpp"
#include "model/player.hpp"
#include "model/season.hpp"
#include "play/crowd.hpp"
#include "play/rounds.hpp"
#include "proof/standings.hpp"

#include <unistd.h>

#include <chrono>
#include <csignal>
#include <memory>
#include <thread>

namespace arena {

namespace {

using namespace std::chrono_literals;

/// A new arena that is stepped begins then, whatever the calendar says; one that goes on, where its journal ends.
constexpr cairn::time_point stepped_origin{std::chrono::sys_days(std::chrono::year(2026) / 1 / 1)};

/// One run on one directory.
class play {
public:
  play(const options& chosen, const std::atomic<bool>& stop, figures& told)
      : chosen_(chosen),
        stop_(stop),
        told_(told),
        clock_(chosen.step ? cairn::clock::stepped(stepped_origin) : cairn::clock::real()),
        world_(settings()) {}

  /// After: the world is closed, and `served` is all that it held.
  cairn::status run(standings& served) {
    auto done = begin();
    if (done.ok()) {
      display shown(world_, counts_, chosen_.live || ::isatty(STDERR_FILENO) != 0);
      done = chosen_.step ? step(shown) : live(shown);
    }
    if (done.ok()) {
      done = end(served);
    }
    const auto closed = world_.close();
    return done.ok() ? closed : done;
  }

private:
  cairn::world_options settings() {
    cairn::world_options made;
    made.journal = cairn::rocksdb(chosen_.data);
    made.limits.idle_time = 10s; // listings that nobody looks at any more leave
    made.seed = chosen_.seed;
    made.clock = clock_;
    made.metrics_port = chosen_.metrics_port;
    return made;
  }

  bool is_over() const { return stop_ || counts_.has_failed(); }

  cairn::status begin() {
    // As soon as the types are hosted, what the last run left to be done is done.
    cairn::agenda_counts left;
    if (auto counted = cairn::count_agenda(world_.journal(), left); !counted.ok()) {
      return counted;
    }
    told_.found.timers = left.timers;
    told_.found.messages = left.messages;
    const auto until =
        cairn::time_point(std::chrono::microseconds(world_.journal().end().last_time_us));
    world_.host<deposit>();
    world_.host<listing>();
    world_.host<market>();
    world_.host<player>();
    world_.host<season>();
    if (auto looked = look_around(world_, told_.found); !looked.ok()) {
      return looked;
    }
    report_found(chosen_, told_.found);
    if (chosen_.step && until > clock_()) {
      if (auto stepped = world_.step(until - clock_()); !stepped.ok()) {
        return stepped;
      }
    }
    const auto begun =
        world_.entity<season>(season::only).send(season::begin{chosen_.bots, chosen_.seed}).get();
    if (const auto* broken = begun.failed()) {
      return {broken->error, broken->message};
    }
    constexpr std::size_t founded_at_once = 1'000;
    return found(world_, shared_.size, chosen_.step ? 1 : founded_at_once);
  }

  /// Another one in each run: bots that made the same choices again would only follow their own tracks.
  std::uint64_t seed() const { return cairn::random_source(chosen_.seed + told_.found.seasons)(); }

  /// All bots at once, by the clock on the wall.
  cairn::status live(display& shown) {
    using clock = std::chrono::steady_clock;
    constexpr auto between_looks = 20ms;
    crowd bots(shared_, seed(), std::chrono::milliseconds(chosen_.think_ms));
    const auto started = clock::now();
    const auto over = started + std::chrono::seconds(chosen_.seconds);
    bots.start();
    while (!is_over() && (chosen_.seconds == 0 || clock::now() < over)) {
      std::this_thread::sleep_for(between_looks);
      shown.show();
    }
    shown.show();
    if (chosen_.crash && !is_over()) {
      report_crash(chosen_, world_.counts().in_flight);
      ::kill(::getpid(), SIGKILL);
    }
    bots.stop();
    told_.seconds = std::chrono::duration<double>(clock::now() - started).count();
    return {};
  }

  /// One bot after the other, and the clock moves on after each round: prices fall.
  cairn::status step(display& shown) {
    constexpr auto round = 100ms;
    const auto started = clock_();
    const auto over = started + std::chrono::seconds(chosen_.seconds);
    rounds bots(shared_, seed());
    cairn::status stepped;
    while (stepped.ok() && !is_over() && (chosen_.seconds == 0 || clock_() < over)) {
      bots.play_one([&] {
        shown.show();
        return is_over();
      });
      stepped = world_.step(round);
    }
    told_.seconds = std::chrono::duration<double>(clock_() - started).count();
    return stepped;
  }

  cairn::status end(standings& served) {
    if (counts_.has_failed()) {
      return counts_.failure();
    }
    told_.resident = world_.counts().resident;
    clock_.pause();  // no price falls any more
    world_.settle(); // what was dug arrives
    const auto ended = world_.entity<season>(season::only)
                           .send(season::end{clock_().time_since_epoch().count()})
                           .get();
    if (const auto* broken = ended.failed()) {
      return {broken->error, broken->message};
    }
    const auto counted = world_.counts();
    told_.changes = counted.changes;
    told_.batches = counted.batches;
    take_counts(counts_.now(), told_);
    linger();
    return read_all(world_, served);
  }

  /// Somebody may want to see the last figures.
  void linger() const {
    const auto over = std::chrono::steady_clock::now() + std::chrono::seconds(chosen_.linger);
    while (!stop_ && std::chrono::steady_clock::now() < over) {
      std::this_thread::sleep_for(10ms);
    }
  }

  const options& chosen_;
  const std::atomic<bool>& stop_;
  figures& told_;
  cairn::clock clock_;
  tally counts_; // outlives the world: replies come until it is closed
  cairn::world world_;
  grounds shared_{world_, {chosen_.bots}, counts_};
};

} // namespace

cairn::status run(const options& chosen, const std::atomic<bool>& stop, figures& told) {
  told.data = chosen.data;
  told.stepped = chosen.step;
  told.seed = chosen.seed;
  const scale size{chosen.bots};
  told.bots = size.bots;
  told.deposits = size.deposits();
  told.markets = size.markets();
  standings served;
  if (auto played = play(chosen, stop, told).run(served); !played.ok()) {
    return played;
  }
  told.interrupted = stop;
  return prove(*cairn::rocksdb(chosen.data, {.read_only = true})(), served, told.proof);
}

} // namespace arena
