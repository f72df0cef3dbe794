#include <cairn/cli.hpp>
#include <cairn/protocol.hpp>
#include <cairn/world.hpp>

#include "cli/commands.hpp"
#include "cli/exec/background.hpp"
#include "cli/exec/loop.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace cairn::cli {

namespace {

constexpr std::size_t concurrent_max = 65'536;

/// Less would not hold a refusal of each kind; nobody reads more.
constexpr std::uint64_t refusal_bytes_min = 4'096;
constexpr std::uint64_t refusal_bytes_limit = std::uint64_t{1} << 40U;

constexpr auto exec_help = R"(
Requests, one JSON object a line ("ref" is optional and comes back with the reply):
  {"ref":"r1","do":"send","entity":"counter/a","command":"add","args":{"n":1},"expect":{"at":3},"id":"c-17","meta":{"who":"x"}}
      expect: "any" (default), "absent", "exists" or {"at":VERSION}
      "show":["missed","paths","state"] has a conflict say what was missed; "lease":TOKEN sends under a lease
  {"ref":"r2","do":"read","entity":"counter/a"}                       "version":2 reads the past
  {"ref":"r3","do":"remove","entity":"counter/a","expect":{"at":4}}    and what send has but command and args
  {"ref":"r4","do":"history","entity":"counter/a","from":1,"limit":100}
      from: a version, or {"position":P,"lineage":L} (`cairn journal stat`)
  {"ref":"r5","do":"list","type":"counter","after":"a","limit":100}
  {"ref":"r6","do":"transact","id":"t-1","items":[{"entity":"counter/a","command":"add","args":{"n":1}},
      {"entity":"counter/b","remove":true},{"entity":"counter/c","expect":{"at":9}}]}
      all of it or nothing; an item has expect and lease of its own, one without a command only demands
  {"ref":"r7","do":"read_all","entities":["counter/a","counter/b"]}    at one point of the journal
  {"ref":"r8","do":"lease","entity":"counter/a","for_ms":5000}         "lease":TOKEN renews it
  {"ref":"r9","do":"release","entity":"counter/a","lease":TOKEN}
  {"ref":"ra","do":"update_all","type":"counter","where":{"path":"/value","op":"ge","value":5},"command":"add",
      "args":{"n":1},"atomic":false,"meta":{"who":"x"}}
      to all that exist and match: op is eq, ne, lt, le, gt or ge; path, a JSON pointer, leads to a value of the
      same kind, or there is no match; without where all match; atomic: all of them or none. Lines behind it
      do not wait for it with --concurrent

Replies:
  {"ref":"r1","accepted":{"version":4,"position":17}}                  also "merged":true, "duplicate":true, "reply":...
  {"ref":"r1","conflict":{"entity":"counter/a","kind":"stale","expected":3,"actual":4}}
      kind: stale, ahead, exists, absent, deleted or leased (with "left_ms"); where there are any, the
      "aspects" in the way; as shown: "missed":[CHANGE,...],"truncated":false,"paths":["/value"],"state":{...}
  {"ref":"r1","rejected":{"reason":"..."}}
  {"ref":"r1","failed":{"error":"overloaded","fate":"not_written","message":"..."}}
  {"ref":"r2","state":{"value":7},"version":4,"exists":true}
  {"ref":"r6","accepted":{"items":[{"version":5},{"version":2},{"version":9}],"position":18}}
  {"ref":"r6","conflict":{"items":[{"index":2,"entity":"counter/c","kind":"stale","expected":9,"actual":10}]}}
  {"ref":"r6","rejected":{"items":[{"index":0,"entity":"counter/a","reason":"..."}]}}
  {"ref":"r7","position":18,"entities":[{"entity":"counter/a","state":{"value":8},"version":5,"exists":true},...]}
  {"ref":"r8","lease":{"token":"...","until":"2026-05-31T18:20:00.000000Z"}}
  {"ref":"r9","released":true}
  {"ref":"ra","updated":{"matched":9,"changed":8,"rejected":1}}        also "leased":N, "failed":N with "error"
  {"ref":"r1","invalid":{"path":"args.n","message":"..."}}            no valid request; the rest goes on

Exit status: 0, 1 if a line was invalid, 2 if it could not start or the store failed, 130 if SIGINT or SIGTERM
ended it: lines behind the last reply were not read.

Examples:
  echo '{"do":"send","entity":"counter/a","command":"add","args":{"n":1}}' | cairn exec --data data
  cairn exec --data data --concurrent 1000 < requests.jsonl > replies.jsonl
)";

struct exec_options {
  std::string data;
  bool memory = false;
  std::size_t concurrent = 1;
  std::string durability = "durable";
  std::uint64_t refusal_bytes_max = 0;
  std::optional<std::uint16_t> metrics_port;
  std::string log = "off";
  bool new_types = false;
};

/// A reader that has gone shows as an error of `write`, so that the journal is closed properly.
class broken_pipes_are_errors {
public:
  broken_pipes_are_errors() : before_(std::signal(SIGPIPE, SIG_IGN)) {}
  ~broken_pipes_are_errors() { std::signal(SIGPIPE, before_); }
  broken_pipes_are_errors(const broken_pipes_are_errors&) = delete;
  broken_pipes_are_errors& operator=(const broken_pipes_are_errors&) = delete;

private:
  void (*before_)(int);
};

log_level level_named(std::string_view name) {
  for (const auto level :
       {log_level::error, log_level::warning, log_level::info, log_level::debug}) {
    if (to_string(level) == name) return level;
  }
  return log_level::off;
}

/// Refuses a journal that is another program's, and says how to go on.
journal_source own_journal(journal_source source, const exec_options& options,
                           const session& shared) {
  if (options.new_types) return source;
  return [own = owned_by(std::move(source), shared.own_types()), where = options.data] {
    try {
      return own();
    } catch (const startup_error& error) {
      if (error.code() != entity_errc::unknown_type) throw;
      throw startup_error(error.code(), where + ": " + error.message() +
                                            "; with --new-types it writes all the same");
    }
  };
}

world_options world_for(const exec_options& options, const session& shared) {
  world_options made;
  if (!options.memory) {
    rocksdb_options store;
    store.durability = options.durability == "relaxed" ? durability::relaxed : durability::durable;
    made.journal = own_journal(rocksdb(options.data, store), options, shared);
    made.refusal_bytes_max = options.refusal_bytes_max;
  }
  made.metrics_port = options.metrics_port;
  made.log.level = level_named(options.log);
  made.limits.in_flight_max = std::max(made.limits.in_flight_max, options.concurrent);
  made.limits.mailbox_max = std::max(made.limits.mailbox_max, options.concurrent);
  return made;
}

/// False: input or output failed.
bool answer_lines(world& target, reply_box& replies, std::size_t concurrent) {
  background_jobs updates;
  protocol::session_options settings;
  settings.run_blocking = [&updates](std::function<void()> job) { updates.run(std::move(job)); };
  protocol::session requests(target, std::move(settings));
  return exec_loop(requests, replies, concurrent).run();
}

int run_exec(const exec_options& options, const session& shared) {
  const broken_pipes_are_errors guard;
  reply_box replies; // outlives the world, whose threads put into it
  world target(world_for(options, shared));
  for (const auto* type : shared.types) target.host(*type);
  for (const auto& notice : target.journal().notices()) {
    std::cerr << "cairn exec: " << notice << std::endl;
  }
  if (const auto port = target.metrics_port()) {
    std::cerr << "cairn exec: metrics on http://127.0.0.1:" << *port << "/metrics" << std::endl;
  }
  const bool good = answer_lines(target, replies, options.concurrent);
  const status closed = target.close();
  if (!closed.ok()) {
    std::cerr << "cairn exec: cannot close the journal: " << closed.message << std::endl;
  }
  const auto worst = good && closed.ok() ? replies.worst() : gravity::store_failed;
  return interrupted() && worst != gravity::store_failed ? exit_interrupted
                                                         : static_cast<int>(worst);
}

} // namespace

void add_exec_command(CLI::App& program, session& session) {
  auto options = std::make_shared<exec_options>();
  auto* exec = program.add_subcommand("exec", "Answer requests: JSON Lines in, JSON Lines out");
  exec->add_option("--data", options->data, "The journal's directory; made when missing")
      ->type_name("DIR");
  exec->add_flag("--memory", options->memory, "Keep everything in memory, gone at the end")
      ->excludes("--data");
  exec->add_option(
          "--concurrent", options->concurrent,
          "Up to N lines under way, replies as they come; lines to one entity keep their order. "
          "Default 1: a line starts after the previous reply")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{1}, concurrent_max));
  exec->add_option(
          "--durability", options->durability,
          "durable (default): replies come after a sync, nothing is lost; relaxed: a system crash "
          "or power cut may lose the last 50 ms")
      ->type_name("MODE")
      ->check(CLI::IsMember({"durable", "relaxed"}))
      ->excludes("--memory");
  exec->add_option("--record-refusals", options->refusal_bytes_max,
                   "Keep a log of refused commands beside the journal, up to so many bytes, for "
                   "`cairn conflicts`; default: none")
      ->type_name("BYTES")
      ->check(CLI::Range(refusal_bytes_min, refusal_bytes_limit))
      ->excludes("--memory");
  exec->add_option("--metrics-port", options->metrics_port,
                   "Answer GET /metrics on this port of 127.0.0.1 for Prometheus; 0: any that is "
                   "free, standard error says which. Default: none")
      ->type_name("PORT")
      ->check(CLI::Range(0, 65'535));
  exec->add_flag("--new-types", options->new_types,
                 "Write types that the journal does not hold, though it holds some that this "
                 "program does not "
                 "know")
      ->excludes("--memory");
  exec->add_option("--log", options->log,
                   "What the world writes to standard error, as JSON Lines: off (default), error, "
                   "warning, info or debug")
      ->type_name("LEVEL")
      ->check(CLI::IsMember({"off", "error", "warning", "info", "debug"}));
  exec->footer(exec_help);
  exec->callback([options, &session] {
    if (!options->memory && options->data.empty())
      throw CLI::RequiredError("--data DIR (or --memory)");
    session.status = run_exec(*options, session);
  });
}

} // namespace cairn::cli
