// How fast a journal is replayed, against the parsing of the same events alone.
//
//   build/release/bin/bench_replay [CHANGES]
//
// Writes a journal of chess-like games into a temporary directory, then takes the better of three runs of:
// Boost.JSON parsing every event's data and nothing else on one thread, and `replay_journal` from the
// directory on all cores and on one.

#include <cairn/entity.hpp>
#include <cairn/journal.hpp>

#include <boost/json/parse.hpp>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <functional>

namespace {

struct game {
  std::vector<std::string> moves;
  double clock = 0;
  struct move {
    std::string san;
    std::int64_t ply = 0;
    double clock = 0;
  };
  struct moved {
    std::string san;
    std::int64_t ply = 0;
    double clock = 0;
  };
  cairn::decision<moved> decide(const move& command) const {
    return moved{command.san, command.ply, command.clock};
  }
  void apply(const moved& event) {
    moves.push_back(event.san);
    clock = event.clock;
  }
  using entity = cairn::entity<"game", cairn::commands<move>>;
};

constexpr std::size_t plies = 45;    // the mean of real games
constexpr std::size_t at_once = 500; // games under way together
constexpr std::size_t batch_changes = 1000;
constexpr int runs = 3;

/// Games one after the other, `at_once` in turn.
class games {
public:
  explicit games(cairn::journal& to) : to_(to) {}

  void write(std::size_t changes) {
    for (std::size_t i = 0; i < changes; ++i) {
      const std::size_t round = i / (at_once * plies);
      const std::size_t ply = i % (at_once * plies) / at_once;
      add("game/" + std::to_string(round * at_once + i % at_once), ply + 1);
    }
    append();
  }

private:
  void add(std::string entity, cairn::version_type ply) {
    cairn::change made;
    made.cause.command = "move";
    made.events.push_back({"moved", 1,
                           "{\"san\":\"Nf3\",\"ply\":" + std::to_string(ply) +
                               ",\"clock\":" + std::to_string(300.0 - 1.37 * ply) + "}"});
    auto& body = texts_.emplace_back();
    cairn::encode_change_body(body, made);
    cairn::record next;
    next.entity = texts_.emplace_back(std::move(entity));
    next.version = ply;
    next.body = body;
    batch_.records.push_back(next);
    if (batch_.records.size() == batch_changes) append();
  }

  void append() {
    to_.append(batch_, [](const cairn::append_result& result) {
      if (result.what != cairn::append_result::kind::committed) std::abort();
    });
    batch_ = {};
    texts_.clear();
  }

  cairn::journal& to_;
  cairn::append_batch batch_;
  std::deque<std::string> texts_;
};

double best_rate(std::size_t changes, const std::function<void()>& work) {
  double best = 0;
  for (int run = 0; run < runs; ++run) {
    const auto start = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    best = std::max(best, static_cast<double>(changes) / taken.count());
  }
  return best;
}

void replay(const cairn::journal& source, unsigned threads) {
  cairn::replay_request request;
  request.types = {&cairn::type_descriptor<game>()};
  request.threads = threads;
  cairn::replay_report report;
  const auto result = cairn::replay_journal(source, request, report);
  if (!result.ok() || report.changes != source.end().next) {
    std::fprintf(stderr, "%s\n", result.message.c_str());
    std::exit(1);
  }
}

double parsing_rate(const cairn::journal& source, std::size_t changes) {
  std::vector<std::string> events;
  const auto read = source.scan(0, [&](const cairn::record& next) {
    cairn::change decoded;
    if (!cairn::decode_change(next, decoded).ok()) std::exit(1);
    events.push_back(std::move(decoded.events.at(0).data));
    return true;
  });
  if (!read.ok()) std::exit(1);
  return best_rate(changes, [&] {
    for (const auto& data : events)
      if (!boost::json::parse(data).is_object()) std::abort();
  });
}

} // namespace

int main(int argc, char** argv) {
  const std::size_t changes = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 1'000'000;
  const auto directory =
      std::filesystem::temp_directory_path() / ("cairn-bench-replay-" + std::to_string(::getpid()));
  {
    const auto to = cairn::rocksdb(directory, {.durability = cairn::durability::relaxed})();
    games(*to).write(changes);
    if (!to->close().ok()) return 1;
  }
  {
    const auto source = cairn::rocksdb(directory, {.read_only = true})();
    const double parsed = parsing_rate(*source, changes);
    const double all_cores = best_rate(changes, [&] { replay(*source, 0); });
    const double one_core = best_rate(changes, [&] { replay(*source, 1); });
    std::printf("changes                 %zu\n", changes);
    std::printf("bare JSON parsing       %.0f/s on one thread\n", parsed);
    std::printf("replay                  %.0f/s, %.2f of it\n", all_cores, all_cores / parsed);
    std::printf("replay, one that applies %.0f/s, %.2f of it\n", one_core, one_core / parsed);
  }
  std::filesystem::remove_all(directory);
}
